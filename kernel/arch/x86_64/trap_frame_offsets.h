/* SPDX-License-Identifier: Apache-2.0 */
/* Where TrapFrame's fields are, for assembly; trap_frame.h checks each. */
#pragma once

#define FRAME_SIZE 1024
#define FRAME_XSAVE_HEADER 512
#define FRAME_GENERAL 832
#define FRAME_RIP 960
#define FRAME_RFLAGS 968
#define FRAME_VECTOR 976
#define FRAME_ERROR_CODE 984
#define FRAME_FAULT_ADDRESS 992

/* Numbers of general registers, as in enum Register. */
#define FRAME_RAX (FRAME_GENERAL + 8 * 0)
#define FRAME_RBX (FRAME_GENERAL + 8 * 1)
#define FRAME_RCX (FRAME_GENERAL + 8 * 2)
#define FRAME_RDX (FRAME_GENERAL + 8 * 3)
#define FRAME_RSI (FRAME_GENERAL + 8 * 4)
#define FRAME_RDI (FRAME_GENERAL + 8 * 5)
#define FRAME_RBP (FRAME_GENERAL + 8 * 6)
#define FRAME_RSP (FRAME_GENERAL + 8 * 7)
#define FRAME_R8 (FRAME_GENERAL + 8 * 8)
#define FRAME_R9 (FRAME_GENERAL + 8 * 9)
#define FRAME_R10 (FRAME_GENERAL + 8 * 10)
#define FRAME_R11 (FRAME_GENERAL + 8 * 11)
#define FRAME_R12 (FRAME_GENERAL + 8 * 12)
#define FRAME_R13 (FRAME_GENERAL + 8 * 13)
#define FRAME_R14 (FRAME_GENERAL + 8 * 14)
#define FRAME_R15 (FRAME_GENERAL + 8 * 15)

/* Bytes below an interrupted stack pointer that a trap leaves alone: the red zone of the System V ABI, and below it
   what tenon_restore_trap_frame pushes there (RDI, RFLAGS, RIP). */
#define RED_ZONE 128
#define BELOW_INTERRUPTED_STACK (RED_ZONE + 3 * 8)

#define PAGE_FAULT_VECTOR 14
/* Vectors below are exceptions. */
#define FIRST_INTERRUPT_VECTOR 32
