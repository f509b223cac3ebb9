// SPDX-License-Identifier: Apache-2.0
// What can go wrong in the loader: a message for the firmware's console.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <string_view>

namespace tenon::loader {

class Error {
public:
    /// `text` with each '%' replaced by the next of `numbers`, in hexadecimal.
    explicit Error(std::string_view text, std::initializer_list<std::uint64_t> numbers = {}) {
        const auto* number = numbers.begin();
        for (const char c : text) {
            if (c == '%' && number != numbers.end())
                append_hex(*number++);
            else
                append(c);
        }
    }
    [[nodiscard]] std::string_view message() const { return {text_.data(), size_}; }

private:
    void append(char c) {
        if (size_ != text_.size()) text_[size_++] = c;
    }
    void append_hex(std::uint64_t number) {
        append('0'), append('x');
        int shift = 60;
        while (shift > 0 && number >> shift == 0) shift -= 4;
        for (; shift >= 0; shift -= 4) append("0123456789abcdef"[number >> shift & 15]);
    }

    std::array<char, 240> text_{};
    std::size_t size_ = 0;
};

template <typename T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(std::string_view text, std::initializer_list<std::uint64_t> numbers = {}) {
    return std::unexpected(Error(text, numbers));
}

}  // namespace tenon::loader

/// Ends the function with the error of `result`, if it has one.
#define PROPAGATE(...)                                                       \
    do {                                                                     \
        if (auto checked = (__VA_ARGS__); !checked.has_value()) [[unlikely]] \
            return std::unexpected(checked.error());                         \
    } while (false)
