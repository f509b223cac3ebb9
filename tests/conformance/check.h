// SPDX-License-Identifier: Apache-2.0
// One source for Tenon and for Linux: each check prints a line "group.name: result", and both outputs are compared.
//
//   CONFORMANCE(paths) {
//       CALL("open a file", open("text.txt", O_RDONLY));       its number, or -1 and errno's name
//       CODE("join", pthread_join(thread, nullptr));           an errno that a function returns
//       VALUE("size", status.st_size);                         a number, truth or text
//   }
//
// Values that differ between runs (descriptor numbers, times, addresses) are compared and not printed.
#pragma once

#include <cerrno>
#include <concepts>
#include <string>
#include <string_view>

namespace conformance {

struct Group {
    const char* name;
    void (*run)();
    Group* next = nullptr;
};
struct Registration {
    explicit Registration(Group& group);
};

/// The name of an errno: its number is another one in each C library.
std::string error_name(int code);

void report(std::string_view name, std::string_view result);
void report_call(std::string_view name, long long result, int code);

template <typename T>
void report_value(std::string_view name, const T& value) {
    if constexpr (std::same_as<T, bool>)
        report(name, value ? "true" : "false");
    else if constexpr (std::convertible_to<T, std::string_view>)
        report(name, std::string("\"") + std::string(std::string_view(value)) + "\"");
    else if constexpr (std::floating_point<T>)
        report(name, std::to_string(value));
    else if constexpr (std::unsigned_integral<T>)
        report(name, std::to_string(static_cast<unsigned long long>(value)));
    else
        report(name, std::to_string(static_cast<long long>(value)));
}

/// Closes itself; a failed call is -1, as everywhere.
class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor();
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    operator int() const { return fd_; }

private:
    int fd_;
};

}  // namespace conformance

#define CONFORMANCE(group)                                                                      \
    static void conformance_##group();                                                          \
    static ::conformance::Group conformance_entry_##group{#group, conformance_##group};         \
    static const ::conformance::Registration conformance_of_##group{conformance_entry_##group}; \
    static void conformance_##group()

#define CALL(name, ...)                                                                   \
    do {                                                                                  \
        errno = 0;                                                                        \
        const auto call_result = static_cast<long long>(__VA_ARGS__);                     \
        const int call_code = errno;                                                      \
        ::conformance::report_call(name, call_result, call_result == -1 ? call_code : 0); \
    } while (false)

/// A call whose result means only success or failure.
#define SUCCEEDS(name, ...)                                                                          \
    do {                                                                                             \
        errno = 0;                                                                                   \
        const auto call_result = static_cast<long long>(__VA_ARGS__);                                \
        const int call_code = errno;                                                                 \
        ::conformance::report_call(name, call_result < 0 ? -1 : 0, call_result < 0 ? call_code : 0); \
    } while (false)

/// A pointer, or null and errno's name.
#define POINTER(name, ...)                                                               \
    do {                                                                                 \
        errno = 0;                                                                       \
        const void* const call_result = (__VA_ARGS__);                                   \
        const int call_code = errno;                                                     \
        if (call_result != nullptr)                                                      \
            ::conformance::report(name, "a pointer");                                    \
        else                                                                             \
            ::conformance::report(name, "null " + ::conformance::error_name(call_code)); \
    } while (false)

#define CODE(name, ...) ::conformance::report(name, ::conformance::error_name(__VA_ARGS__))
#define VALUE(name, ...) ::conformance::report_value(name, __VA_ARGS__)
