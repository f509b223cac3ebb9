// SPDX-License-Identifier: Apache-2.0
// The policy's steps: to the hungry, back from the idle, to swap, and back to all when there is enough.
#include <fmt/format.h>

#include <algorithm>

#include "hv/balance/policy.h"

namespace hv::balance {

namespace {

constexpr std::uint64_t mib = 1 << 20;

std::uint64_t less(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; }

double price(std::uint64_t memory, double funding) { return static_cast<double>(memory) / funding; }

}  // namespace

/// A guest whose balloon leaves it next to nothing gets some back at once: without pressure from what is left, under
/// pressure only where somebody who pays less for his pages can be made to give them.
void Policy::feed_hungry() {
    if (critical_) return;
    std::uint64_t at_hand = less(host_.available, mark(pressed_ ? settings_.critical : settings_.enter));
    // Whoever is below the highest price finds a giver. One look serves all: feeding changes no resident memory.
    double highest = 0;
    for (const View& view : views_)
        if (view.resident > view.floor) highest = std::max(highest, price(view.resident, view.funding));
    for (View& view : views_) {
        if (view.spare >= view.margin || view.target <= view.baseline || !view.sample->overcommit) continue;
        if (view.refuses) continue;
        if (pressed_ && price(view.usable, view.funding) >= highest) continue;
        const std::uint64_t wanted = std::min({2 * view.margin - view.spare, view.target - view.baseline, at_hand});
        if (wanted < mib) continue;
        at_hand -= wanted;
        promised_ += wanted;
        set_balloon(view, view.usable + wanted, "it has nothing left");
    }
}

void Policy::take_back() {
    std::uint64_t coming = 0;
    std::vector<Claim> claims;
    std::vector<View*> givers;
    for (View& view : views_) {
        Record& record = *view.record;
        if (!view.sample->overcommit || view.refuses) continue;
        if (view.target > view.sample->ballooned + settings_.smallest_step &&
            since(record.progress_ms, settings_.refused_after_ms)) {
            record.refused_until_ms = now_ms_ + settings_.ask_again_after_ms;
            set_balloon(view, less(view.sample->configured, view.sample->ballooned), "it gives no more");
            continue;
        }
        coming += less(view.sample->resident, view.resident);
        const bool resting = record.given_ms != 0 && !since(record.given_ms, settings_.take_again_after_ms);
        if (resting && !critical_) continue;
        claims.push_back({view.resident, std::min(view.floor, view.resident), view.funding});
        givers.push_back(&view);
    }
    std::uint64_t needed = less(mark(settings_.hold) + promised_, host_.available + coming);
    // Stalls with memory left: a little, until they end.
    if (host_.available >= mark(settings_.hold) && coming == 0) needed = std::max(needed, mark(settings_.critical) / 4);
    if (host_.available >= mark(settings_.enter) && needed < settings_.smallest_step) return;

    const std::vector<std::uint64_t> left = take(claims, needed);
    std::uint64_t taken = 0;
    for (std::size_t i = 0; i < givers.size(); ++i) {
        const std::uint64_t whole = claims[i].now - left[i];
        taken += whole;
        if (whole < mib) continue;
        set_balloon(*givers[i], claims[i].now - std::min(whole, step(*givers[i])), "");
    }
    const std::uint64_t shortage = less(needed, taken);
    if (shortage < settings_.smallest_step) return;
    if (std::ranges::any_of(views_, [](const View& view) { return view.sample->ksm; }))
        switch_ksm(true, "balloons are not enough");
    if (critical_) page_out(shortage);
}

/// The last resort: also what guests use, but never of a machine's reservation.
void Policy::page_out(std::uint64_t shortage) {
    std::vector<Claim> claims;
    std::vector<View*> givers;
    for (View& view : views_) {
        const MachineSample& sample = *view.sample;
        if (!sample.overcommit ||
            (view.record->paged_ms != 0 && !since(view.record->paged_ms, settings_.page_out_every_ms)))
            continue;
        claims.push_back({view.resident, std::min(sample.reservation, view.resident), view.funding});
        givers.push_back(&view);
    }
    // Swap that is full to the brim kills processes of the host.
    const std::vector<std::uint64_t> left = take(claims, std::min(shortage, host_.swap_free / 2));
    for (std::size_t i = 0; i < givers.size(); ++i) {
        const std::uint64_t bytes = std::min(claims[i].now - left[i], step(*givers[i])) / mib * mib;
        if (bytes == 0) continue;
        givers[i]->record->paged_ms = now_ms_;
        actions_.push_back({Action::Kind::page_out, givers[i]->sample->name, bytes, 0,
                            fmt::format("{}; {} MiB resident, shares {}", host_text(), givers[i]->resident / mib,
                                        givers[i]->sample->shares)});
    }
}

/// No more than what all of them could use at once without the pressure coming back.
void Policy::give_back() {
    if (!since(calm_ms_, give_back_after_ms_)) return;
    if (since(calm_ms_, 2 * give_back_after_ms_)) switch_ksm(false, "pressure is over");
    std::vector<Claim> claims;
    std::vector<View*> getters;
    std::uint64_t unused = 0;
    for (View& view : views_) {
        if (!view.sample->overcommit || view.target <= view.baseline) continue;
        unused += less(view.usable, view.resident);
        if (view.record->taken_ms != 0 && !since(view.record->taken_ms, give_back_after_ms_)) continue;
        claims.push_back({view.usable, std::max(view.usable, view.sample->limit), view.funding});
        getters.push_back(&view);
    }
    const std::uint64_t spare = less(host_.available, mark(settings_.hold) + unused);
    if (claims.empty()) return;
    const std::vector<std::uint64_t> had = give(claims, spare);
    for (std::size_t i = 0; i < getters.size(); ++i) {
        const std::uint64_t more = std::min(had[i] - claims[i].now, step(*getters[i]));
        const bool rest = had[i] == claims[i].bound;
        if (more == 0 || (more < settings_.smallest_step && !rest)) continue;
        set_balloon(*getters[i], claims[i].now + more, "");
        gave_back_ms_ = now_ms_;
    }
}

}  // namespace hv::balance
