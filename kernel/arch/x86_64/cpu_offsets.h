/* SPDX-License-Identifier: Apache-2.0 */
/* What GS base points at: a vCPU's event words, then the kernel's own ones. cpu.h checks each offset. */
#pragma once

#define GS_UPCALL_PENDING 0
#define GS_UPCALL_MASK 4
#define GS_PENDING 16
#define GS_CPU 24
#define GS_THREAD 32
