/* SPDX-License-Identifier: Apache-2.0 */
/* Where fields of Cpu and of its event words are, for assembly; cpu.h checks each. */
#pragma once

#define CPU_EVENTS 8 /* from GS base */
#define EVENTS_UPCALL_PENDING 0
#define EVENTS_UPCALL_MASK 4
#define EVENTS_PENDING 16
