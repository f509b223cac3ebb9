// SPDX-License-Identifier: Apache-2.0
// Mangled names of C++.
#include "hv/image/demangle.h"

#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <string_view>

/// libstdc++'s demangler in pieces, as its __cxa_demangle uses it. It allocates nothing, so that it can be left.
extern "C" int __gcclibcxx_demangle_callback(const char* mangled,
                                             void (*callback)(const char* part, std::size_t size, void* opaque),
                                             void* opaque);

namespace hv {

namespace {

/// Plain memory, since it is left by a jump.
struct Output {
    char text[4096];
    std::size_t size;
    std::jmp_buf too_long;
};

void add(const char* part, std::size_t size, void* opaque) {
    auto& output = *static_cast<Output*>(opaque);
    if (size > sizeof(output.text) - output.size) std::longjmp(output.too_long, 1);
    std::memcpy(output.text + output.size, part, size);
    output.size += size;
}

bool demangle(const char* name, Output& output) {
    output.size = 0;
    return setjmp(output.too_long) == 0 && __gcclibcxx_demangle_callback(name, add, &output) == 0;
}

}  // namespace

std::string demangled(const std::string& name) {
    Output output;
    return demangle(name.c_str(), output) ? std::string(output.text, output.size) : name;
}

std::string demangled_function(const std::string& name) { return name.starts_with("_Z") ? demangled(name) : name; }

std::string with_type_demangled(const std::string& reason) {
    // userland/libc/terminate.cpp
    constexpr std::string_view before = "uncaught exception of type ";
    if (!reason.starts_with(before)) return reason;
    const std::size_t end = std::min(reason.find(": ", before.size()), reason.size());
    return std::string(before) + demangled(reason.substr(before.size(), end - before.size())) + reason.substr(end);
}

}  // namespace hv
