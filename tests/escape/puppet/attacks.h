// SPDX-License-Identifier: Apache-2.0
// What a guest that has taken hv over would try.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "tests/escape/puppet/puppet.h"

namespace puppet {

/// Where the attacks are made.
struct Place {
    std::string base;     ///< the run directory: with the machine "endless", which is attacked, and "other"
    std::string image;    ///< a file in the image store
    std::string outside;  ///< a file of this user elsewhere
    pid_t victim;         ///< a process of this user
};

/// Who the attack works for where nothing confines it: the proof that the row can fail.
enum class Free { works, works_for_root, not_tried };

/// The end of the attack in a confined hv, besides errors of the host: the filter kills it.
inline constexpr int killed = 0;

struct Attack {
    const char* name;
    Free free;
    int end;  ///< killed, or the error that it gets
    long (*make)(Puppet& puppet, const Place& place);
};

[[nodiscard]] std::span<const Attack> attacks();

}  // namespace puppet
