// SPDX-License-Identifier: Apache-2.0
// Something in a guest that answers as long as it works.
#pragma once

namespace hv {

/// All calls on the event loop's thread.
class LifeSign {
public:
    virtual ~LifeSign() = default;
    /// What a guest is told to lack: "no tick", "its agent has not answered".
    [[nodiscard]] virtual const char* missing() const = 0;
    /// It shows by itself that it lives, or there is nobody to ask now.
    [[nodiscard]] virtual bool needs_no_question() const = 0;
    virtual void ask() = 0;
    /// Looked at until it is true, or until the guest is given up.
    [[nodiscard]] virtual bool answered() = 0;
    /// Nobody waits for the answer any more.
    virtual void forget() = 0;
};

}  // namespace hv
