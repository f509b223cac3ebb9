// SPDX-License-Identifier: Apache-2.0
// The host's merging of identical pages (Linux, Documentation/admin-guide/mm/ksm.rst).
#pragma once

#include <optional>
#include <string>

#include "hv/core/error.h"

namespace hv::balance {

/// Turned on here, it is put back as it was found when it is turned off, or when this object goes.
class KsmSwitch {
public:
    explicit KsmSwitch(std::string directory = "/sys/kernel/mm/ksm") : path_(std::move(directory) + "/run") {}
    ~KsmSwitch() { static_cast<void>(set(false)); }
    KsmSwitch(const KsmSwitch&) = delete;
    KsmSwitch& operator=(const KsmSwitch&) = delete;

    /// Errors: no_permission, not_found (no KSM in this kernel).
    Result<> set(bool on);

private:
    std::string path_;
    std::optional<std::string> found_;  ///< what it was; nothing: not changed
};

}  // namespace hv::balance
