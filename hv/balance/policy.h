// SPDX-License-Identifier: Apache-2.0
// Decides which machines give memory when the host runs short, and which get it back: from samples alone, with no I/O
// and no clock.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "hv/balance/funding.h"
#include "hv/balance/samples.h"

namespace hv::balance {

/// Marks are parts of the budget that are left. Between `enter` and `leave` nothing changes direction.
struct PolicySettings {
    double critical = 0.05;     ///< below: larger steps, and page-out
    double enter = 0.10;        ///< below: pressure begins
    double hold = 0.15;         ///< what reclaim aims at, and what giving back leaves
    double leave = 0.20;        ///< above: pressure is over
    double pressure_some = 20;  ///< percent: pressure begins also by stalls, when less than `leave` is left
    double pressure_full = 10;  ///< percent: page-out, as below `critical`
    std::uint64_t smallest_step = 4ULL << 20;
    std::uint64_t give_back_after_ms = 30'000;  ///< calm for that long; doubles each time that it was too early
    std::uint64_t give_back_after_most_ms = 600'000;
    std::uint64_t take_again_after_ms = 10'000;  ///< from a machine that got something
    std::uint64_t refused_after_ms = 10'000;     ///< without progress of a balloon
    std::uint64_t ask_again_after_ms = 60'000;   ///< a machine that refused, or reports and zero pages
    std::uint64_t page_out_every_ms = 5'000;
    std::uint64_t stale_after_ms = 15'000;  ///< older statistics count as none
    bool stages = true;                     ///< reports first, balloons at the next look; false: all at once
};

struct Action {
    enum class Kind { reclaim, balloon, ksm, page_out } kind;
    std::string machine;      ///< empty: ksm
    std::uint64_t bytes = 0;  ///< balloon: the new target; page_out: how much; ksm: 1 = on, 0 = off
    std::uint64_t from = 0;   ///< balloon: the old target
    std::string reason;
};
/// "machine 'web1': balloon 0 -> 64 MiB (host has 180 MiB left of 1024; idle 120 MiB of 256, shares 1000)"
[[nodiscard]] std::string action_text(const Action& action);

/// One object for the whole time: it remembers when it did what to whom.
class Policy {
public:
    explicit Policy(const PolicySettings& settings = {}) : settings_(settings) {}

    /// `now_ms` is of any clock that does not go back. `machines` are those that answered: others are left alone.
    [[nodiscard]] std::vector<Action> decide(std::uint64_t now_ms, const HostSample& host,
                                             std::span<const MachineSample> machines);
    [[nodiscard]] bool under_pressure() const { return pressed_; }

private:
    /// The policy's memory of a machine.
    struct Record {
        std::uint64_t seen_ms = 0;
        std::uint64_t taken_ms = 0, given_ms = 0;  ///< 0: never
        std::uint64_t asked_ms = 0;                ///< for reports and zero pages
        std::uint64_t paged_ms = 0;
        std::uint64_t ballooned = 0, target = 0, progress_ms = 0;
        std::uint64_t refused_until_ms = 0;
    };
    /// A machine at one look, with what follows from its sample.
    struct View {
        const MachineSample* sample;
        Record* record;
        std::uint64_t target;    ///< of the balloon, as it will be
        std::uint64_t baseline;  ///< balloon that the limit asks for
        std::uint64_t usable;    ///< what the guest has when the target is reached
        std::uint64_t resident;  ///< the same, of what it has resident
        std::uint64_t active;
        std::uint64_t floor;
        std::uint64_t spare;  ///< what the guest has available; as much as can be without statistics
        std::uint64_t margin;
        double funding;
        bool refuses;
    };

    void enter_or_leave();
    [[nodiscard]] View view_of(const MachineSample& sample);
    void keep_limits();
    void ask_for_reports();
    void feed_hungry();
    void take_back();
    void page_out(std::uint64_t shortage);
    void give_back();
    void switch_ksm(bool on, const char* why);
    void set_balloon(View& view, std::uint64_t usable, const char* why);
    [[nodiscard]] std::uint64_t step(const View& view) const;
    [[nodiscard]] std::uint64_t mark(double part) const;
    [[nodiscard]] std::string host_text() const;
    [[nodiscard]] bool since(std::uint64_t then_ms, std::uint64_t least_ms) const;

    PolicySettings settings_;
    std::map<std::string, Record> records_;
    bool started_ = false;
    bool pressed_ = false;
    bool critical_ = false;
    bool ksm_on_ = false;
    bool just_asked_ = false;
    std::uint64_t calm_ms_ = 0;  ///< when pressure ended
    std::uint64_t gave_back_ms_ = 0;
    std::uint64_t give_back_after_ms_ = 0;
    std::uint64_t promised_ = 0;  ///< to machines that asked in their need, at this look

    // Of the look that is decided on.
    std::uint64_t now_ms_ = 0;
    HostSample host_;
    std::vector<View> views_;
    std::vector<Action> actions_;
};

}  // namespace hv::balance
