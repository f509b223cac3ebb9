/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP's threads and locks, on the kernel's (kernel/net/sys_arch.cpp). */
#ifndef TENON_LWIP_SYS_ARCH_H
#define TENON_LWIP_SYS_ARCH_H

typedef struct tenon_net_semaphore* sys_sem_t;
typedef struct tenon_net_mutex* sys_mutex_t;
typedef struct tenon_net_mailbox* sys_mbox_t;
typedef void* sys_thread_t;
typedef int sys_prot_t;

#define sys_sem_valid(semaphore) (*(semaphore) != NULL)
#define sys_sem_set_invalid(semaphore) (*(semaphore) = NULL)
#define sys_mutex_valid(mutex) (*(mutex) != NULL)
#define sys_mutex_set_invalid(mutex) (*(mutex) = NULL)
#define sys_mbox_valid(mailbox) (*(mailbox) != NULL)
#define sys_mbox_set_invalid(mailbox) (*(mailbox) = NULL)

#endif
