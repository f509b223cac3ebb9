// SPDX-License-Identifier: Apache-2.0
// The lock of a machine's directory, and what its file says of a machine that has ended.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hv/core/marked_directory.h"

namespace hv {

/// By which a directory is known as a machine's (core/marked_directory.h): the lock's first line.
inline constexpr std::string_view machine_mark = "tenon machine\n";

/// What the lock's file says, after the mark, of a machine that has ended: "kept 7", or "gone 7" where nothing is kept.
struct Epitaph {
    bool kept;
    int exit_code;
};
/// Nothing: the machine runs, or died without a word.
[[nodiscard]] std::optional<Epitaph> read_epitaph(int lock);
[[nodiscard]] bool write_epitaph(int lock, const Epitaph& epitaph);

/// Removes the machine's directory `name` in `base`, whose lock the caller holds: the files that hv knows, the lock
/// last, because nobody else removes or takes the directory as long as it is there, and the directory if it is empty
/// then. A cgroup that cannot be removed yet keeps all of it.
void remove_machine_directory(int base, const std::string& name, int directory);

}  // namespace hv
