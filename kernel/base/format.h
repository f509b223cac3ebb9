// SPDX-License-Identifier: Apache-2.0
// Text from numbers: the part of printf that a kernel needs, without the C library's streams and locales.
#pragma once

#include <cstdarg>
#include <cstddef>

namespace tenon {

/// Writes at most size - 1 characters and a terminating zero into `buffer`; returns how many were written. Callable
/// anywhere. Conversions: %d %i %u %x %X %o %c %s %p %%, with h, l, ll, z, t, j, flags - 0 + and space, width and
/// precision (also as *). Anything else is copied as it stands.
[[gnu::cold, gnu::format(printf, 3, 4)]] std::size_t format_text(char* buffer, std::size_t size, const char* format,
                                                                 ...);
[[gnu::cold, gnu::format(printf, 3, 0)]] std::size_t format_text_list(char* buffer, std::size_t size,
                                                                      const char* format, va_list arguments);

}  // namespace tenon
