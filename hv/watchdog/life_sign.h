// SPDX-License-Identifier: Apache-2.0
// A part of a guest that answers requests as long as it works.
#pragma once

namespace hv {

/// All calls on the event loop's thread.
class LifeSign {
public:
    virtual ~LifeSign() = default;
    /// For the report of a hang: "no tick", "its agent has not answered".
    [[nodiscard]] virtual const char* missing() const = 0;
    /// The part shows without a request that it works, or cannot be asked now.
    [[nodiscard]] virtual bool needs_no_question() const = 0;
    /// Sends one request.
    virtual void ask() = 0;
    /// Whether the request was answered. Polled until it is true, or the guest is declared hung.
    [[nodiscard]] virtual bool answered() = 0;
    /// Gives the request up: its answer is not awaited any more.
    virtual void forget() = 0;
};

}  // namespace hv
