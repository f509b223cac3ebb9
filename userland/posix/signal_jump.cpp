// SPDX-License-Identifier: Apache-2.0
// sigsetjmp and siglongjmp: a jump, and the signal mask as it was.
#include <setjmp.h>
#include <signal.h>

extern "C" {

void __tenon_save_mask(sigjmp_buf buffer, int save_mask) {
    buffer->__mask_is_saved = save_mask;
    if (save_mask != 0) sigprocmask(SIG_SETMASK, nullptr, &buffer->__mask);
}

void siglongjmp(sigjmp_buf buffer, int value) {
    if (buffer->__mask_is_saved != 0) sigprocmask(SIG_SETMASK, &buffer->__mask, nullptr);
    longjmp(buffer->__registers, value);
}

}  // extern "C"
