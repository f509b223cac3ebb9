// SPDX-License-Identifier: Apache-2.0
// From the kernel to main().
#include <stdlib.h>
#include <unistd.h>

#include <array>

#include "kernel/options/command_line.h"

extern "C" {

int main(int argc, char** argv, char** environment);

// kernel/boot/image.ld
using Constructor = void (*)(int argc, char** argv, char** environment);
extern const Constructor __preinit_array_start[];
extern const Constructor __preinit_array_end[];
extern const Constructor __init_array_start[];
extern const Constructor __init_array_end[];

}  // extern "C"

namespace tenon {

namespace {

constinit std::array<char*, environment_limit + 1> variables = {};

/// Kernel options of the form env=NAME=VALUE become the program's environment. The strings stay where the command line
/// was split, terminated by zeros.
void fill_environment() {
    std::size_t count = 0;
    for_each_kernel_option("env", [&](std::string_view setting) {
        if (setting.find('=') != setting.npos && count < environment_limit)
            variables[count++] = const_cast<char*>(setting.data());
    });
    if (count != 0) environ = variables.data();
}

void construct(const Constructor* begin, const Constructor* end, std::span<char*> arguments) {
    for (; begin != end; ++begin) (*begin)(static_cast<int>(arguments.size()), arguments.data(), environ);
}

}  // namespace

/// Called by the kernel on the main thread.
extern "C" [[noreturn]] void tenon_run_program() {
    fill_environment();
    const std::span<char*> arguments = program_arguments();
    construct(__preinit_array_start, __preinit_array_end, arguments);
    construct(__init_array_start, __init_array_end, arguments);
    exit(main(static_cast<int>(arguments.size()), arguments.data(), environ));
}

}  // namespace tenon
