// SPDX-License-Identifier: Apache-2.0
// What a measure is, and how it takes its samples.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <expected>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "options.h"
#include "statistics.h"

namespace pvbench {

/// Samples of each repetition, and how many were thrown away before.
struct Samples {
    std::vector<std::vector<double>> repetitions;
    std::size_t warm_up = 0;
};

/// The error: the reason why the measure is left out.
using Outcome = std::expected<Samples, std::string>;
using LeaveOut = std::unexpected<std::string>;

struct Measure {
    const char* name;
    const char* subject;
    const char* unit;
    Better better;
    Outcome (*run)(const Options& options);
    const char* description;
};

/// In the order in which they run.
[[nodiscard]] std::span<const Measure> all_measures();

/// CLOCK_MONOTONIC, in nanoseconds.
inline std::uint64_t now_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

/// Nanoseconds that work() takes.
template <typename Work>
double time_of(Work&& work) {
    const std::uint64_t begin = now_ns();
    work();
    return static_cast<double>(now_ns() - begin);
}

/// MB/s (10^6 bytes) for `bytes` in `ns`.
inline double megabytes_per_second(double bytes, double ns) { return bytes * 1000 / ns; }

/// How many samples a repetition takes, and for how long: it ends at whichever comes first.
struct Plan {
    std::size_t samples = 1000;
    std::size_t warm_up = 100;
    std::uint64_t budget_ns = 200'000'000;  ///< of a repetition; a tenth of it is enough for the warm-up
};

/// As many repetitions as the options say. once() takes a sample and returns a double, or std::expected<double,
/// std::string> if it can fail.
template <typename Once>
[[nodiscard]] Outcome take_samples(const Options& options, Plan plan, Once&& once) {
    if (options.quick) plan.budget_ns /= 10;
    Samples samples;
    const auto repeat = [&](std::size_t count, std::uint64_t budget, std::vector<double>& into) -> std::string {
        const std::uint64_t end = now_ns() + budget;
        do {
            std::expected<double, std::string> value = once();
            if (!value) return std::move(value.error());
            into.push_back(*value);
        } while (into.size() < count && now_ns() < end);
        return {};
    };
    std::vector<double> thrown_away;
    if (std::string error = repeat(plan.warm_up, plan.budget_ns / 10, thrown_away); !error.empty())
        return LeaveOut(std::move(error));
    samples.warm_up = thrown_away.size();
    for (unsigned i = 0; i != options.repetitions; ++i) {
        std::vector<double>& repetition = samples.repetitions.emplace_back();
        repetition.reserve(plan.samples);
        if (std::string error = repeat(plan.samples, plan.budget_ns, repetition); !error.empty())
            return LeaveOut(std::move(error));
    }
    return samples;
}

/// For what happens once in a run.
[[nodiscard]] inline Outcome one_sample(double value) { return Samples{{{value}}, 0}; }

/// A value that the compiler takes for used.
template <typename T>
void keep(const T& value) {
    asm volatile("" : : "r,m"(value) : "memory");
}

}  // namespace pvbench
