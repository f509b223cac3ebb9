// SPDX-License-Identifier: Apache-2.0
// Hashes of passwords: there are none here.
#ifndef TENON_CRYPT_H
#define TENON_CRYPT_H

#ifdef __cplusplus
extern "C" {
#endif

struct crypt_data {
    int initialized;
};

/// Null, with errno ENOSYS.
char* crypt(const char* password, const char* salt);
char* crypt_r(const char* password, const char* salt, struct crypt_data* data);

#ifdef __cplusplus
}
#endif

#endif
