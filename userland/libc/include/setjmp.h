// SPDX-License-Identifier: Apache-2.0
// Jumps that restore the signal mask (IEEE Std 1003.1-2017, <setjmp.h>): Newlib has those that do not.
#ifndef TENON_SETJMP_H
#define TENON_SETJMP_H

#include_next <setjmp.h>
#include <sys/_sigset.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    jmp_buf __registers;
    int __mask_is_saved;
    __sigset_t __mask;
} sigjmp_buf[1];

// setjmp has to be called by the function that is jumped back to.
#define sigsetjmp(buffer, save_mask) (__tenon_save_mask((buffer), (save_mask)), setjmp((buffer)[0].__registers))
#define _setjmp(buffer) setjmp(buffer)
#define _longjmp(buffer, value) longjmp(buffer, value)

void __tenon_save_mask(sigjmp_buf buffer, int save_mask);
void siglongjmp(sigjmp_buf buffer, int value) __attribute__((__noreturn__));

#ifdef __cplusplus
}
#endif

#endif
