// SPDX-License-Identifier: Apache-2.0
// A guest's command line: options of its kernel, then `--` and the program's arguments. Which options there are, and
// how many words are taken.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tenon::abi {

/// Words ahead of `--`, those with the program's environment among them.
inline constexpr std::size_t kernel_word_limit = 96;
/// Of those, variables of the program's environment: `env=NAME=VALUE`.
inline constexpr std::size_t environment_limit = 64;
/// Words behind `--`, and argv[0], which the kernel puts in front of them.
inline constexpr std::size_t argument_limit = 128;

/// Every option of a Tenon kernel: a bare word, or what stands ahead of the first '='. hv refuses others by name, and
/// the kernel warns of them. docs/kernel-options.md describes them.
inline constexpr const char* kernel_options[] = {
    "balloon.floor",
    "balloon.report_delay",
    "balloon.report_order",
    "debug_exit",
    "env",
    "hostname",
    "ip",
    "ip6",
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

/// Options of Linux that virtual machine monitors and their users' scripts put on every command line. They mean nothing
/// to Tenon, and are taken without a word.
inline constexpr const char* ignored_kernel_options[] = {
    "8250.nr_uarts", "console",          "earlyprintk", "i8042.noaux", "i8042.nokbd", "i8042.nomux", "i8042.nopnp",
    "init",          "loglevel",         "nomodule",    "nomodules",   "noapic",      "pci",         "panic",
    "quiet",         "random.trust_cpu", "reboot",      "ro",          "root",        "rootfstype",  "rw",
    "tsc",
};

}  // namespace tenon::abi
