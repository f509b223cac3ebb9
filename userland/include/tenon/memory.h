// SPDX-License-Identifier: Apache-2.0
// How much memory there is, and who has it.
#ifndef TENON_MEMORY_H
#define TENON_MEMORY_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// All in bytes.
struct tenon_memory_statistics {
    uint64_t total;     ///< RAM that can be allocated: without the image and the I/O memory
    uint64_t free;      ///< of it, what nobody has
    uint64_t released;  ///< of that, what the host holds no memory for
    uint64_t heap;      ///< pages of malloc and new
    uint64_t io_total;  ///< memory that devices reach
    uint64_t io_free;
};
void tenon_get_memory_statistics(struct tenon_memory_statistics* statistics);

/// Gives pages back that malloc keeps for speed.
void tenon_trim_memory(void);

#ifdef __cplusplus
}
#endif

#endif
