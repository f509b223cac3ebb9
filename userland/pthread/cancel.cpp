// SPDX-License-Identifier: Apache-2.0
// Cancellation is not supported (pthread_cancel() is in absent_calls.cpp). In a file of its own, because Newlib's
// streams call it and would otherwise link all of pthreads.
#include <pthread.h>

extern "C" {

// Portable programs switch cancellation off and on, and test for it: these functions do nothing.
int pthread_setcancelstate(int, int* previous) {
    if (previous != nullptr) *previous = PTHREAD_CANCEL_DISABLE;
    return 0;
}

int pthread_setcanceltype(int, int* previous) {
    if (previous != nullptr) *previous = PTHREAD_CANCEL_DEFERRED;
    return 0;
}

void pthread_testcancel() {}

}  // extern "C"
