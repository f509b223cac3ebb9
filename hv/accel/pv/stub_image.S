// SPDX-License-Identifier: Apache-2.0
// The stub, inside hv. HV_PV_STUB is the built file (pv.mk).
    .section .rodata
    .balign 16
    .globl hv_pv_stub_begin, hv_pv_stub_end
hv_pv_stub_begin:
    .incbin HV_PV_STUB
hv_pv_stub_end:
    .section .note.GNU-stack, "", @progbits
