// SPDX-License-Identifier: Apache-2.0
// Text from numbers.
#include "kernel/base/format.h"

#include <cstdint>

namespace tenon {

namespace {

/// The part of a conversion between its percent sign and its letter.
struct Specification {
    bool left = false;
    bool zero = false;
    char sign = '\0';  // shown before numbers that are not negative
    std::size_t width = 0;
    std::size_t precision = SIZE_MAX;
    int length = 0;  // -1 for h, 1 for l and wider
};

class Writer {
public:
    Writer(char* buffer, std::size_t size) : begin_(buffer), next_(buffer), end_(buffer + size - 1) {}
    void put(char character) {
        if (next_ < end_) *next_++ = character;
    }
    void fill(char character, std::size_t count) {
        while (count-- != 0 && next_ < end_) put(character);
    }
    /// `text` after its sign or prefix, filled up to the width.
    void field(const Specification& specification, const char* prefix, std::size_t prefix_size, const char* text,
               std::size_t size, bool number) {
        const std::size_t used = prefix_size + size;
        const std::size_t padding = specification.width > used ? specification.width - used : 0;
        const bool zeros = number && specification.zero && !specification.left;
        if (!specification.left && !zeros) fill(' ', padding);
        for (std::size_t i = 0; i != prefix_size; ++i) put(prefix[i]);
        if (zeros) fill('0', padding);
        for (std::size_t i = 0; i != size; ++i) put(text[i]);
        if (specification.left) fill(' ', padding);
    }
    std::size_t finish() {
        *next_ = '\0';
        return static_cast<std::size_t>(next_ - begin_);
    }

private:
    char* begin_;
    char* next_;
    char* end_;
};

void write_number(Writer& out, const Specification& specification, std::uint64_t value, bool negative,
                  char conversion) {
    const unsigned base = conversion == 'x' || conversion == 'X' || conversion == 'p' ? 16 : conversion == 'o' ? 8 : 10;
    const char* digits = conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    char text[24];
    char* first = text + sizeof(text);
    do {
        *--first = digits[value % base];
        value /= base;
    } while (value != 0);
    const char* prefix = "";
    std::size_t prefix_size = 0;
    if (conversion == 'p') {
        prefix = "0x";
        prefix_size = 2;
    } else if (negative) {
        prefix = "-";
        prefix_size = 1;
    } else if (specification.sign != '\0' && (conversion == 'd' || conversion == 'i')) {
        prefix = &specification.sign;
        prefix_size = 1;
    }
    out.field(specification, prefix, prefix_size, first, static_cast<std::size_t>(text + sizeof(text) - first), true);
}

std::size_t read_number(const char*& format, va_list* arguments) {
    if (*format == '*') {
        ++format;
        const int value = va_arg(*arguments, int);
        return value < 0 ? 0 : static_cast<std::size_t>(value);
    }
    std::size_t value = 0;
    while (*format >= '0' && *format <= '9') {
        if (value < 10'000) value = value * 10 + static_cast<std::size_t>(*format - '0');
        ++format;
    }
    return value;
}

Specification read_specification(const char*& format, va_list* arguments) {
    Specification result;
    for (;; ++format) {
        if (*format == '-')
            result.left = true;
        else if (*format == '0')
            result.zero = true;
        else if (*format == '+' || (*format == ' ' && result.sign != '+'))
            result.sign = *format;
        else
            break;
    }
    result.width = read_number(format, arguments);
    if (*format == '.') {
        ++format;
        result.precision = read_number(format, arguments);
    }
    for (;; ++format) {
        if (*format == 'h')
            result.length = -1;
        else if (*format == 'l' || *format == 'z' || *format == 't' || *format == 'j')
            result.length = 1;
        else
            break;
    }
    return result;
}

void write_conversion(Writer& out, const Specification& specification, char conversion, va_list* arguments) {
    switch (conversion) {
        case 'd':
        case 'i': {
            const std::int64_t value = specification.length == 1 ? va_arg(*arguments, long) : va_arg(*arguments, int);
            const auto magnitude =
                value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
            return write_number(out, specification, magnitude, value < 0, conversion);
        }
        case 'u':
        case 'x':
        case 'X':
        case 'o': {
            const std::uint64_t value =
                specification.length == 1 ? va_arg(*arguments, unsigned long) : va_arg(*arguments, unsigned);
            return write_number(out, specification, value, false, conversion);
        }
        case 'p':
            return write_number(out, specification, reinterpret_cast<std::uintptr_t>(va_arg(*arguments, void*)), false,
                                'p');
        case 'c': {
            const char character = static_cast<char>(va_arg(*arguments, int));
            return out.field(specification, "", 0, &character, 1, false);
        }
        case 's': {
            const char* text = va_arg(*arguments, const char*);
            if (text == nullptr) text = "(null)";
            std::size_t size = 0;
            while (size < specification.precision && text[size] != '\0') ++size;
            return out.field(specification, "", 0, text, size, false);
        }
        case '%': return out.put('%');
        default: out.put('%'); out.put(conversion);
    }
}

}  // namespace

std::size_t format_text_list(char* buffer, std::size_t size, const char* format, va_list arguments) {
    if (size == 0) return 0;
    Writer out(buffer, size);
    va_list copy;  // a parameter of this type cannot be passed on by pointer
    va_copy(copy, arguments);
    while (*format != '\0') {
        if (*format != '%') {
            out.put(*format++);
            continue;
        }
        ++format;
        const Specification specification = read_specification(format, &copy);
        if (*format == '\0') break;
        write_conversion(out, specification, *format++, &copy);
    }
    va_end(copy);
    return out.finish();
}

std::size_t format_text(char* buffer, std::size_t size, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const std::size_t written = format_text_list(buffer, size, format, arguments);
    va_end(arguments);
    return written;
}

}  // namespace tenon
