// SPDX-License-Identifier: Apache-2.0
// The lock of a machine's directory, and what its file says of a machine that has ended.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hv {

/// In a machine's directory; its machine holds it as long as it runs.
inline constexpr char lock_name[] = "/lock";

/// What the lock's file says of a machine that has ended: "kept 7", or "gone 7" where nothing is kept.
struct Epitaph {
    bool kept;
    int exit_code;
};
inline constexpr std::string_view kept_word = "kept ", gone_word = "gone ";

/// Nothing: the machine runs, or died without a word.
[[nodiscard]] std::optional<Epitaph> read_epitaph(int lock);

/// Whether `lock` is still the file at `path`: a remover may have unlinked it between open and flock.
[[nodiscard]] bool is_current(int lock, const std::string& path);

/// Removes a machine's directory, whose lock the caller has. A cgroup that cannot be removed yet keeps all of it.
void remove_contents(const std::string& path);

}  // namespace hv
