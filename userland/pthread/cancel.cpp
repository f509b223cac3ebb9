// SPDX-License-Identifier: Apache-2.0
// Cancellation, which there is none of. Apart from the threads themselves, because Newlib's streams call this and would
// bring in all of them.
#include <errno.h>
#include <pthread.h>

extern "C" {

// There is no cancellation. Portable programs switch it off and on, and test for it: that costs nothing and changes
// nothing.
int pthread_cancel(pthread_t) { return ENOSYS; }

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
