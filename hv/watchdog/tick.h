// SPDX-License-Identifier: Apache-2.0
// The sign of life that the guest's kernel gives: it serves an event.
#pragma once

#include "hv/guest/tenon_guest.h"
#include "hv/watchdog/life_sign.h"

namespace hv {

/// `guest` outlives it. A guest that waits for events is not woken for it; one that runs is asked by an event,
/// which it serves between two instructions unless it has interrupts masked.
class Tick final : public LifeSign {
public:
    explicit Tick(TenonGuest& guest) : guest_(guest) {}

    [[nodiscard]] const char* missing() const override { return "no tick"; }
    [[nodiscard]] bool needs_no_question() const override { return guest_.is_idle(); }
    void ask() override { guest_.request(GuestRequest::sign_of_life); }
    [[nodiscard]] bool answered() override {
        if (guest_.has_taken(GuestRequest::sign_of_life)) return true;
        // A kernel that is still starting has not had a handler for the event.
        ask();
        return false;
    }
    void forget() override {}

private:
    TenonGuest& guest_;
};

}  // namespace hv
