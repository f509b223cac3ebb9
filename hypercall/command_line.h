// SPDX-License-Identifier: Apache-2.0
// A guest's command line: options of its kernel, then `--` and the program's arguments. The names of the options, and
// the limits on words.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tenon::abi {

/// Words ahead of `--`, including the program's environment.
inline constexpr std::size_t kernel_word_limit = 96;
/// Variables of the program's environment among them: `env=NAME=VALUE`.
inline constexpr std::size_t environment_limit = 64;
/// Words behind `--`, plus argv[0], which the kernel adds.
inline constexpr std::size_t argument_limit = 128;

/// Every option of a Tenon kernel: a bare word, or the name ahead of the first '='. hv refuses unknown options, and the
/// kernel warns of them. docs/kernel-options.md describes them.
inline constexpr const char* kernel_options[] = {
    "balloon.floor",
    "balloon.report_delay",
    "balloon.report_order",
    "debug_exit",
    "env",
    "hostname",
    "ip",
    "ip6",
    "mount",
    "shutdown.limit",
    "sntp",
    "verbose",
    "virtio_mmio.device",
    "zero",
    "zero.cpu",
    "zero.delay",
    "zero.interval",
    "zero.pages",
};

/// Options of Linux that virtual machine monitors and their users' scripts put on every command line. Tenon ignores
/// them without a warning.
inline constexpr const char* ignored_kernel_options[] = {
    "8250.nr_uarts", "console",          "earlyprintk", "i8042.noaux", "i8042.nokbd", "i8042.nomux", "i8042.nopnp",
    "init",          "loglevel",         "nomodule",    "nomodules",   "noapic",      "pci",         "panic",
    "quiet",         "random.trust_cpu", "reboot",      "ro",          "root",        "rootfstype",  "rw",
    "tsc",
};

}  // namespace tenon::abi
