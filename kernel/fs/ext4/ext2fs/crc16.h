// SPDX-License-Identifier: Apache-2.0
// The CRC-16 of ext4's group descriptors without metadata_csum (polynomial x^16 + x^15 + x^2 + 1, reflected), under the
// name that libext2fs calls.
#pragma once

typedef unsigned int crc16_t;

#ifdef __cplusplus
extern "C"
#endif
    crc16_t
    ext2fs_crc16(crc16_t crc, const void* buffer, unsigned int length);
