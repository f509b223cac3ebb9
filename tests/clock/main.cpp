// SPDX-License-Identifier: Apache-2.0
// A guest's clocks beside the host's, at the same TSC values, in whole nanoseconds.
//
//   clock compare SECONDS   reads what `behave -- clock` prints from standard input, for so long or to its end, and
//   prints
//                             span GENERATION samples N monotonic MEDIAN WORST wall MEDIAN WORST
//                             jump GENERATION moved NS wall NS
//                           errors in ns, without a sign. Monotonic time is compared with where it stood at the span's
//                           begin.
//   clock cost READS        prints "monotonic READS STEPS_BACK NS" and the same for "realtime": what the host's clocks
//   cost
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "tests/clock/reading.h"

namespace {

using clock_test::Pair;

/// The host's clocks at many TSC values.
struct Track {
    std::vector<Pair> pairs;
    std::uint64_t narrowest = ~0ULL >> 2;

    void add(clockid_t clock) {
        const Pair pair = clock_test::sample(clock);
        narrowest = std::min(narrowest, pair.width);
        // A reading that was interrupted is less exact than its neighbours.
        if (pair.width < 4 * narrowest || pairs.empty()) pairs.push_back(pair);
    }
    [[nodiscard]] bool covers(std::uint64_t tsc) const { return pairs.front().tsc <= tsc && tsc < pairs.back().tsc; }
    /// Interpolates between two neighbours, in integers. `tsc` lies between the first and the last reading.
    [[nodiscard]] std::int64_t at(std::uint64_t tsc) const {
        const auto after = std::ranges::upper_bound(pairs, tsc, {}, &Pair::tsc);
        const Pair &a = *(after - 1), &b = *after;
        __extension__ using Wide = __int128;
        const Wide ticks = static_cast<Wide>(tsc) - a.tsc;
        return static_cast<std::int64_t>(a.ns +
                                         ticks * static_cast<Wide>(b.ns - a.ns) / static_cast<Wide>(b.tsc - a.tsc));
    }
};

struct Sample {
    std::uint64_t generation, monotonic_tsc, monotonic, wall_tsc, wall;
};

struct Jump {
    std::uint64_t generation, before, after, wall_tsc, wall;
};

std::uint64_t distance(std::int64_t a) { return static_cast<std::uint64_t>(a < 0 ? -a : a); }

template <typename T>
T median(std::vector<T> values) {
    std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
    return values[values.size() / 2];
}

class Comparison {
public:
    void watch() {
        monotonic_.add(CLOCK_MONOTONIC);
        wall_.add(CLOCK_REALTIME);
    }
    void take(const char* line) {
        Sample s{};
        Jump j{};
        if (std::sscanf(line, "clock %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64, &s.generation,
                        &s.monotonic_tsc, &s.monotonic, &s.wall_tsc, &s.wall) == 5)
            spans_[s.generation].push_back(s);
        if (std::sscanf(line, "jump %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64, &j.generation, &j.before,
                        &j.after, &j.wall_tsc, &j.wall) == 5)
            jumps_.push_back(j);
    }
    void print() const {
        for (const auto& [generation, samples] : spans_) print_span(generation, samples);
        for (const Jump& jump : jumps_) {
            if (!wall_.covers(jump.wall_tsc)) continue;
            std::printf("jump %" PRIu64 " moved %" PRId64 " wall %" PRIu64 "\n", jump.generation,
                        static_cast<std::int64_t>(jump.after - jump.before), wall_error(jump.wall_tsc, jump.wall));
        }
    }

private:
    [[nodiscard]] std::uint64_t wall_error(std::uint64_t tsc, std::uint64_t wall) const {
        return distance(static_cast<std::int64_t>(wall) - wall_.at(tsc));
    }
    void print_span(std::uint64_t generation, const std::vector<Sample>& samples) const {
        std::vector<std::int64_t> offsets;
        std::vector<std::uint64_t> monotonic, wall;
        for (const Sample& s : samples) {
            if (!monotonic_.covers(s.monotonic_tsc) || !wall_.covers(s.wall_tsc)) continue;
            offsets.push_back(monotonic_.at(s.monotonic_tsc) - static_cast<std::int64_t>(s.monotonic));
            wall.push_back(wall_error(s.wall_tsc, s.wall));
        }
        if (offsets.empty()) return;
        constexpr std::size_t first_ones = 5;
        const std::vector<std::int64_t> first(
            offsets.begin(), offsets.begin() + static_cast<std::ptrdiff_t>(std::min(first_ones, offsets.size())));
        const std::int64_t reference = median(first);
        for (const std::int64_t offset : offsets) monotonic.push_back(distance(offset - reference));
        std::printf("span %" PRIu64 " samples %zu monotonic %" PRIu64 " %" PRIu64 " wall %" PRIu64 " %" PRIu64 "\n",
                    generation, offsets.size(), median(monotonic), std::ranges::max(monotonic), median(wall),
                    std::ranges::max(wall));
    }

    Track monotonic_, wall_;
    std::map<std::uint64_t, std::vector<Sample>> spans_;
    std::vector<Jump> jumps_;
};

/// Reads standard input line by line, and watches the host's clocks every millisecond.
void compare(std::uint64_t seconds) {
    Comparison comparison;
    const std::uint64_t end = clock_test::read_ns(CLOCK_MONOTONIC) + seconds * 1'000'000'000;
    std::string text;
    for (bool open = true; open && clock_test::read_ns(CLOCK_MONOTONIC) < end;) {
        comparison.watch();
        pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
        if (poll(&input, 1, 1) <= 0) continue;
        char buffer[4096];
        const ssize_t size = read(STDIN_FILENO, buffer, sizeof buffer);
        open = size > 0;
        if (open) text.append(buffer, static_cast<std::size_t>(size));
        for (std::size_t line_end; (line_end = text.find('\n')) != std::string::npos; text.erase(0, line_end + 1))
            comparison.take(text.substr(0, line_end).c_str());
    }
    comparison.watch();
    comparison.watch();
    comparison.print();
}

void cost(std::uint64_t reads) {
    for (const auto& [clock, name] : {std::pair{CLOCK_MONOTONIC, "monotonic"}, std::pair{CLOCK_REALTIME, "realtime"}}) {
        const clock_test::Cost cost = clock_test::read_often(clock, reads);
        std::printf("%s %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", name, cost.reads, cost.steps_back, cost.ns);
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::string what = argc == 3 ? argv[1] : "";
    if (what == "compare")
        compare(std::strtoull(argv[2], nullptr, 10));
    else if (what == "cost")
        cost(std::strtoull(argv[2], nullptr, 10));
    else
        return std::fprintf(stderr, "clock compare SECONDS | clock cost READS\n"), 1;
    return 0;
}
