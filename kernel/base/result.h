// SPDX-License-Identifier: Apache-2.0
// The kernel's error type. Wrong input from a device or a program yields an error, never an assertion.
#pragma once

#include <cstdint>
#include <expected>
#include <utility>

namespace tenon {

enum class Error : std::uint8_t {
    no_memory,
    invalid_argument,
    not_found,
    not_supported,
    timed_out,
    busy,
    device_broken,  ///< the device wrote something that its specification forbids
    io,
};

template <typename T = void>
using Result = std::expected<T, Error>;

[[nodiscard]] constexpr std::unexpected<Error> fail(Error error) { return std::unexpected(error); }

}  // namespace tenon

/// Takes the value of a Result, or returns its error from the calling function: `TRY(auto page, allocate());`
#define TENON_JOIN2(a, b) a##b
#define TENON_JOIN(a, b) TENON_JOIN2(a, b)
#define TRY_NAMED(temporary, target, expression)               \
    auto temporary = (expression);                             \
    if (!temporary) return std::unexpected(temporary.error()); \
    target = std::move(*temporary)
#define TRY(target, expression) TRY_NAMED(TENON_JOIN(try_result_, __LINE__), target, expression)
/// The same for a Result<void>.
#define CHECK(expression)                                                                                  \
    do {                                                                                                   \
        if (auto check_result = (expression); !check_result) return std::unexpected(check_result.error()); \
    } while (false)
