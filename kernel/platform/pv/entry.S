// SPDX-License-Identifier: Apache-2.0
// The entry point of an image on pv, and the note that names it (hypercall/note.h).

GUEST_BASE = 0x10000000000

    .section .note.Tenon, "a", @note
    .balign 4
    .long 6                     // size of the name
    .long 2f - 1f               // size of the descriptor
    .long 1                     // abi::note_type
    .asciz "Tenon"
    .balign 4
1:  .long 2                     // abi::version
    .long 0
    .quad 0                     // required features
    .quad 1 << 3                // wanted features: abi::Feature::segment_base_calls
    .quad tenon_pv_entry
    .quad tenon_pv_trap
    .quad 0x10000               // stack arena: guest-physical, below the image
    .quad 0x100000              // 32 vCPUs of abi::stack_arena_stride
2:

    // Drivers add notes of their own (pv-drivers/virtio/driver.h); this one says that an image without has no drivers.
    .balign 4
    .long 6
    .long 0
    .long 2                     // abi::driver_note_type
    .asciz "Tenon"
    .balign 4

    .section .text.tenon_pv_entry, "ax"
    .global tenon_pv_entry
tenon_pv_entry:
    xor %ebp, %ebp
    test %esi, %esi
    jnz 1f
    lea tenon_boot_stack_end(%rip), %rsp
    call tenon_pv_start
1:  lea tenon_pv_stacks(%rip), %rax
    mov (%rax,%rsi,8), %rsp
    call tenon_pv_start_other
    ud2

    .section .note.GNU-stack, "", @progbits
