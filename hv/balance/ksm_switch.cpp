// SPDX-License-Identifier: Apache-2.0
// Turning KSM on and back.
#include "hv/balance/ksm_switch.h"

#include "hv/core/text_file.h"

namespace hv::balance {

Result<> KsmSwitch::set(bool on) {
    if (on == found_.has_value()) return {};
    if (!on) {
        const std::string before = *found_;
        found_.reset();
        return write_text_file(path_, before);
    }
    TRY(const std::string text, read_text_file(path_));
    const std::string before(trimmed(text));
    // The administrator's own setting is not changed.
    if (before != "1") CHECK(write_text_file(path_, "1"));
    found_ = before;
    return {};
}

}  // namespace hv::balance
