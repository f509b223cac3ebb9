// SPDX-License-Identifier: Apache-2.0
// A host with machines, second by second, for the tests of the balance policy.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "hv/balance/policy.h"

namespace hv::balance {

inline constexpr std::uint64_t MiB = 1 << 20;

/// A guest: what it uses follows `demand`, and what it once had resident it keeps as caches, or gives back by itself.
struct SimulatedMachine {
    MachineSample sample;
    std::function<std::uint64_t(std::uint64_t second)> demand;
    bool keeps_caches = true;
    bool refuses = false;  ///< its balloon never grows
    bool silent = false;   ///< no statistics
    bool absent = false;   ///< does not answer
    int direction = 0;
    int turns = 0;           ///< changes between taking and giving
    std::uint64_t used = 0;  ///< what it really needs, as far as it fits

    void live(std::uint64_t second) {
        constexpr std::uint64_t balloon_speed = 64 * MiB;
        const std::uint64_t room = sample.configured - sample.ballooned;
        used = std::min(demand(second), room);
        const std::uint64_t before = sample.resident;
        sample.resident = keeps_caches ? std::min(room, std::max(before, used)) : used;
        if (sample.balloon_target > sample.ballooned && !refuses)
            sample.ballooned += std::min({balloon_speed, sample.balloon_target - sample.ballooned, room - used});
        else if (sample.balloon_target < sample.ballooned)
            sample.ballooned = sample.balloon_target;
        sample.resident = std::min(sample.resident, sample.configured - sample.ballooned);
        const std::uint64_t total = sample.configured - sample.ballooned;
        sample.guest.reset();
        if (!silent) sample.guest = GuestSample{total - used, total - used, total, sample.resident - used, 500};
    }
};

inline SimulatedMachine machine(const std::string& name, std::uint64_t configured, std::uint64_t reservation,
                                std::function<std::uint64_t(std::uint64_t)> demand, std::uint32_t shares = 1000) {
    SimulatedMachine result;
    result.sample.name = name;
    result.sample.configured = configured;
    result.sample.reservation = reservation;
    result.sample.limit = configured;
    result.sample.shares = shares;
    result.sample.overcommit = reservation < configured;
    result.demand = std::move(demand);
    return result;
}
inline std::function<std::uint64_t(std::uint64_t)> always(std::uint64_t bytes) {
    return [bytes](std::uint64_t) { return bytes; };
}

struct Simulation {
    std::uint64_t total;
    std::vector<SimulatedMachine> machines;
    std::function<std::uint64_t(std::uint64_t)> other = always(0);  ///< used beside the machines
    std::uint64_t swap_free = 0;
    Policy policy{};
    std::uint64_t second = 0;
    std::uint64_t reservations_violated = 0;
    std::map<Action::Kind, int> counts{};
    std::vector<Action> log{};

    [[nodiscard]] std::uint64_t available() const {
        std::uint64_t used = other(second);
        for (const SimulatedMachine& m : machines) used += m.sample.resident;
        return total > used ? total - used : 0;
    }
    SimulatedMachine* find(const std::string& name) {
        for (SimulatedMachine& m : machines)
            if (m.sample.name == name) return &m;
        return nullptr;
    }
    void run(std::uint64_t seconds) {
        for (std::uint64_t end = second + seconds; second < end; ++second) {
            for (SimulatedMachine& m : machines) m.live(second);
            std::vector<MachineSample> samples;
            for (const SimulatedMachine& m : machines)
                if (!m.absent) samples.push_back(m.sample);
            const HostSample host{total, available(), swap_free, {}};
            for (const Action& action : policy.decide(second * 1000 + 1, host, samples)) apply(action);
        }
    }
    void apply(const Action& action) {
        ++counts[action.kind];
        log.push_back(action);
        SimulatedMachine* m = find(action.machine);
        if (m == nullptr) return;
        if (action.kind == Action::Kind::page_out) {
            const std::uint64_t out = std::min(action.bytes, m->sample.resident);
            if (m->sample.resident - out < m->sample.reservation) ++reservations_violated;
            m->sample.resident -= out;
            m->sample.swapped += out;
        }
        if (action.kind != Action::Kind::balloon) return;
        if (action.bytes + m->sample.reservation > m->sample.configured) ++reservations_violated;
        const int direction = action.bytes > m->sample.balloon_target ? 1 : -1;
        if (m->direction != 0 && direction != m->direction) ++m->turns;
        m->direction = direction;
        m->sample.balloon_target = action.bytes;
    }
};

}  // namespace hv::balance
