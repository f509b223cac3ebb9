// SPDX-License-Identifier: Apache-2.0
// POSIX semaphores without names (IEEE Std 1003.1-2017, <semaphore.h>).
#ifndef TENON_SEMAPHORE_H
#define TENON_SEMAPHORE_H

#include <sys/types.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    unsigned int __value;  // the word that waiters wait on
    unsigned int __waiters;
} sem_t;

#define SEM_VALUE_MAX 0x7fffffff
#define SEM_FAILED ((sem_t*)0)

int sem_init(sem_t* semaphore, int shared, unsigned int value);
int sem_destroy(sem_t* semaphore);
int sem_wait(sem_t* semaphore);
int sem_trywait(sem_t* semaphore);
int sem_timedwait(sem_t* semaphore, const struct timespec* deadline);
int sem_clockwait(sem_t* semaphore, clockid_t clock, const struct timespec* deadline);
int sem_post(sem_t* semaphore);
int sem_getvalue(sem_t* semaphore, int* value);

#ifdef __cplusplus
}
#endif

#endif
