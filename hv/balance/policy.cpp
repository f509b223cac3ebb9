// SPDX-License-Identifier: Apache-2.0
// One look: what follows from the samples, and in which order it is acted on.
#include "hv/balance/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace hv::balance {

namespace {

constexpr std::uint64_t mib = 1 << 20;

std::uint64_t less(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; }

}  // namespace

std::string action_text(const Action& action) {
    const auto in_mib = [](std::uint64_t bytes) { return (bytes + mib / 2) / mib; };
    std::string who = action.machine.empty() ? std::string("host") : fmt::format("machine '{}'", action.machine);
    switch (action.kind) {
        case Action::Kind::reclaim: return fmt::format("{}: free and zero pages asked for ({})", who, action.reason);
        case Action::Kind::balloon:
            return fmt::format("{}: balloon {} -> {} MiB ({})", who, in_mib(action.from), in_mib(action.bytes),
                               action.reason);
        case Action::Kind::ksm:
            return fmt::format("{}: merging of identical pages {} ({})", who, action.bytes != 0 ? "on" : "off",
                               action.reason);
        case Action::Kind::page_out:
            return fmt::format("{}: {} MiB to swap ({})", who, in_mib(action.bytes), action.reason);
    }
    return who;
}

std::vector<Action> Policy::decide(std::uint64_t now_ms, const HostSample& host,
                                   std::span<const MachineSample> machines) {
    now_ms_ = now_ms;
    host_ = host;
    actions_.clear();
    views_.clear();
    promised_ = 0;
    if (!std::exchange(started_, true)) {
        calm_ms_ = now_ms;
        give_back_after_ms_ = settings_.give_back_after_ms;
    }
    for (const MachineSample& sample : machines) views_.push_back(view_of(sample));
    // A machine that is gone, or has not answered for long, starts afresh when it comes back.
    std::erase_if(records_,
                  [this](const auto& entry) { return since(entry.second.seen_ms, settings_.ask_again_after_ms); });

    enter_or_leave();
    keep_limits();
    if (pressed_) ask_for_reports();
    // The memory that they give at once may be enough, and costs no machine anything.
    if (just_asked_ && settings_.stages && !critical_) return std::move(actions_);
    feed_hungry();
    if (pressed_)
        take_back();
    else
        give_back();
    return std::move(actions_);
}

void Policy::enter_or_leave() {
    const std::uint64_t left = host_.available;
    const bool stalls = host_.pressure && host_.pressure->some >= settings_.pressure_some;
    critical_ = left < mark(settings_.critical) ||
                (host_.pressure && host_.pressure->full >= settings_.pressure_full && left < mark(settings_.enter));
    just_asked_ = false;
    if (!pressed_ && (left < mark(settings_.enter) || (stalls && left < mark(settings_.leave)))) {
        pressed_ = true;
        // Memory that was given back and is missed at once was given back too early.
        const bool early = gave_back_ms_ != 0 && !since(gave_back_ms_, 2 * give_back_after_ms_);
        give_back_after_ms_ =
            early ? std::min(2 * give_back_after_ms_, settings_.give_back_after_most_ms) : settings_.give_back_after_ms;
    } else if (pressed_ && left >= mark(settings_.leave) && !stalls) {
        pressed_ = false;
        calm_ms_ = now_ms_;
    }
}

Policy::View Policy::view_of(const MachineSample& sample) {
    auto [found, is_new] = records_.try_emplace(sample.name);
    Record& record = found->second;
    record.seen_ms = now_ms_;
    // Pages that the guest still looks for are progress; a target that nobody has set before gets its time.
    if (is_new || sample.ballooned != record.ballooned || sample.balloon_target != record.target)
        record.progress_ms = now_ms_;
    record.ballooned = sample.ballooned;
    record.target = sample.balloon_target;

    View view{.sample = &sample,
              .record = &record,
              .target = std::max(sample.balloon_target, sample.ballooned),
              .baseline = less(sample.configured, sample.limit),
              .usable = 0,
              .resident = 0,
              .active = 0,
              .floor = 0,
              .spare = 0,
              .margin = std::max<std::uint64_t>(4 * mib, sample.configured / 32),
              .funding = 0,
              .refuses = false};
    view.refuses = record.refused_until_ms > now_ms_;
    if (view.refuses) view.target = sample.ballooned;
    view.usable = less(sample.configured, view.target);
    view.resident = std::min(sample.resident, view.usable);

    const bool fresh = sample.guest && sample.guest->age_ms < settings_.stale_after_ms;
    view.active = view.resident;
    view.floor = sample.reservation;
    view.spare = ~0ULL;
    if (fresh) {
        const std::uint64_t available = std::min(sample.guest->available, sample.configured);
        // Guests differ in whether the balloon's pages are part of their total.
        const std::uint64_t used =
            std::min(less(sample.guest->total, available), less(less(sample.configured, sample.ballooned), available));
        view.active = std::min(used, view.resident);
        view.floor = std::max(sample.reservation, used + 2 * view.margin);
        view.spare = available;
    }
    if (!sample.overcommit || view.refuses) view.floor = view.resident;
    view.funding = funding(sample.shares, view.active, view.resident);
    return view;
}

void Policy::keep_limits() {
    for (View& view : views_)
        if (less(view.baseline, view.sample->balloon_target) >= mib)
            set_balloon(view, view.sample->limit, "the machine's limit");
}

void Policy::ask_for_reports() {
    for (View& view : views_) {
        if (view.sample->private_memory) continue;
        if (view.record->asked_ms != 0 && !since(view.record->asked_ms, settings_.ask_again_after_ms)) continue;
        view.record->asked_ms = now_ms_;
        just_asked_ = true;
        actions_.push_back({Action::Kind::reclaim, view.sample->name, 0, 0, host_text()});
    }
}

void Policy::set_balloon(View& view, std::uint64_t usable, const char* why) {
    const MachineSample& sample = *view.sample;
    // Rounded so that the machine has rather more than less.
    const std::uint64_t target = less(sample.configured, usable) / mib * mib;
    if (target == sample.balloon_target) return;
    const std::uint64_t idle = less(view.resident, view.active);
    actions_.push_back({Action::Kind::balloon, sample.name, target, sample.balloon_target,
                        fmt::format("{}{}; idle {} MiB of {}, shares {}", why[0] == '\0' ? "" : std::string(why) + "; ",
                                    host_text(), idle / mib, sample.configured / mib, sample.shares)});
    (target > sample.balloon_target ? view.record->taken_ms : view.record->given_ms) = now_ms_;
    view.target = target;
    view.usable = less(sample.configured, target);
    view.resident = std::min(view.resident, view.usable);
}

void Policy::switch_ksm(bool on, const char* why) {
    if (ksm_on_ == on) return;
    ksm_on_ = on;
    actions_.push_back({Action::Kind::ksm, {}, on ? 1U : 0U, 0, fmt::format("{}; {}", why, host_text())});
}

std::uint64_t Policy::step(const View& view) const {
    const std::uint64_t usual = std::max<std::uint64_t>(16 * mib, view.sample->configured / 8);
    return critical_ ? 4 * usual : usual;
}

std::uint64_t Policy::mark(double part) const {
    return static_cast<std::uint64_t>(static_cast<double>(host_.total) * part);
}

std::string Policy::host_text() const {
    std::string text = fmt::format("host has {} MiB left of {}", host_.available / mib, host_.total / mib);
    if (host_.pressure && host_.pressure->some >= settings_.pressure_some)
        text += fmt::format(", stalls {:.0f} %", host_.pressure->some);
    return text;
}

bool Policy::since(std::uint64_t then_ms, std::uint64_t least_ms) const { return now_ms_ - then_ms >= least_ms; }

}  // namespace hv::balance
