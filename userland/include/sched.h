// SPDX-License-Identifier: Apache-2.0
// The C library's header, with sets of CPUs as Linux has them (sched_setaffinity(2), CPU_SET(3)).
#pragma once

#include_next <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CPU_SETSIZE 1024
typedef struct {
    unsigned long __words[CPU_SETSIZE / (8 * sizeof(unsigned long))];
} cpu_set_t;

#define CPU_ALLOC_SIZE(count) (((count) + 63UL) / 64 * 8)
#define CPU_ALLOC(count) ((cpu_set_t*)calloc(1, CPU_ALLOC_SIZE(count)))
#define CPU_FREE(set) free(set)

static inline int __tenon_cpu_is_set(size_t cpu, size_t size, const cpu_set_t* set) {
    return cpu / 8 < size && (set->__words[cpu / 64] >> cpu % 64 & 1) != 0;
}
static inline void __tenon_cpu_set(size_t cpu, size_t size, cpu_set_t* set, int value) {
    const unsigned long bit = 1UL << cpu % 64;
    if (cpu / 8 >= size) return;
    if (value)
        set->__words[cpu / 64] |= bit;
    else
        set->__words[cpu / 64] &= ~bit;
}
static inline int __tenon_cpu_count(size_t size, const cpu_set_t* set) {
    int count = 0;
    for (size_t i = 0; i < size / 8; ++i) count += __builtin_popcountl(set->__words[i]);
    return count;
}
static inline void __tenon_cpu_combine(size_t size, cpu_set_t* result, const cpu_set_t* a, const cpu_set_t* b,
                                       int operation) {
    for (size_t i = 0; i < size / 8; ++i) {
        const unsigned long x = a->__words[i], y = b->__words[i];
        result->__words[i] = operation == '&' ? x & y : operation == '|' ? x | y : x ^ y;
    }
}

#define CPU_ZERO_S(size, set) ((void)memset((set), 0, (size)))
#define CPU_SET_S(cpu, size, set) __tenon_cpu_set((size_t)(cpu), (size), (set), 1)
#define CPU_CLR_S(cpu, size, set) __tenon_cpu_set((size_t)(cpu), (size), (set), 0)
#define CPU_ISSET_S(cpu, size, set) __tenon_cpu_is_set((size_t)(cpu), (size), (set))
#define CPU_COUNT_S(size, set) __tenon_cpu_count((size), (set))
#define CPU_EQUAL_S(size, a, b) (memcmp((a), (b), (size)) == 0)
#define CPU_AND_S(size, result, a, b) __tenon_cpu_combine((size), (result), (a), (b), '&')
#define CPU_OR_S(size, result, a, b) __tenon_cpu_combine((size), (result), (a), (b), '|')
#define CPU_XOR_S(size, result, a, b) __tenon_cpu_combine((size), (result), (a), (b), '^')

#define CPU_ZERO(set) CPU_ZERO_S(sizeof(cpu_set_t), set)
#define CPU_SET(cpu, set) CPU_SET_S(cpu, sizeof(cpu_set_t), set)
#define CPU_CLR(cpu, set) CPU_CLR_S(cpu, sizeof(cpu_set_t), set)
#define CPU_ISSET(cpu, set) CPU_ISSET_S(cpu, sizeof(cpu_set_t), set)
#define CPU_COUNT(set) CPU_COUNT_S(sizeof(cpu_set_t), set)
#define CPU_EQUAL(a, b) CPU_EQUAL_S(sizeof(cpu_set_t), a, b)
#define CPU_AND(result, a, b) CPU_AND_S(sizeof(cpu_set_t), result, a, b)
#define CPU_OR(result, a, b) CPU_OR_S(sizeof(cpu_set_t), result, a, b)
#define CPU_XOR(result, a, b) CPU_XOR_S(sizeof(cpu_set_t), result, a, b)

/// The CPUs on which the calling thread may run; `process` is 0 or this process. CPUs that the machine does not have
/// are ignored. `size`: bytes of the set. When sched_setaffinity() returns, the thread runs on one of them. 0, or -1
/// with errno: EINVAL (none of the CPUs is there; a size below 8, or no multiple of 8, for the answer), EFAULT, ESRCH.
int sched_setaffinity(pid_t process, size_t size, const cpu_set_t* set);
int sched_getaffinity(pid_t process, size_t size, cpu_set_t* set);

#ifdef __cplusplus
}
#endif
