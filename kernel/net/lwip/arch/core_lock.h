/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP's core lock, as C sees it (kernel/net/core_lock.cpp). */
#ifndef TENON_LWIP_CORE_LOCK_H
#define TENON_LWIP_CORE_LOCK_H

#ifdef __cplusplus
extern "C" {
#endif

void tenon_net_lock(void);
/* Sends what was queued, then unlocks. */
void tenon_net_unlock(void);

#ifdef __cplusplus
}
#endif

#endif
