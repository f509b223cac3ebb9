// SPDX-License-Identifier: Apache-2.0
// A link that loses, delays, reorders and duplicates frames, between two TAP interfaces without offloads:
// link NAMESPACE:TAP NAMESPACE:TAP [loss=PERCENT] [reorder=PERCENT] [duplicate=PERCENT] [delay=MS] [rate=MBIT]
//      [limit=FRAMES] [seed=NUMBER] [toward=first|second]
//
// As Linux's netem: a frame that is reordered overtakes those that are delayed. `delay`, `rate` and `limit` hold for
// both directions, the others for the one of `toward` (default: both). The same seed spoils the same frames. On SIGTERM
// it prints what became of the frames of each direction.
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

volatile std::sig_atomic_t stopping = 0;

[[noreturn]] void fail(const std::string& what) {
    std::perror(("link: " + what).c_str());
    std::exit(1);
}

struct Settings {
    double loss = 0, reorder = 0, duplicate = 0, delay_ms = 0, rate_mbit = 0, limit = 20'000, seed = 1;
    bool toward_first = true, toward_second = true;

    void set(std::string_view word) {
        const std::size_t equals = word.find('=');
        const std::string_view key = word.substr(0, equals);
        const std::string_view value = equals == word.npos ? "" : word.substr(equals + 1);
        if (key == "toward" && (value == "first" || value == "second")) {
            toward_first = value == "first";
            toward_second = value == "second";
            return;
        }
        constexpr std::pair<std::string_view, double Settings::*> numbers[] = {
            {"loss", &Settings::loss},      {"reorder", &Settings::reorder}, {"duplicate", &Settings::duplicate},
            {"delay", &Settings::delay_ms}, {"rate", &Settings::rate_mbit},  {"limit", &Settings::limit},
            {"seed", &Settings::seed}};
        for (const auto& [name, member] : numbers)
            if (key == name &&
                std::from_chars(value.data(), value.data() + value.size(), this->*member).ptr == value.end())
                return;
        std::fprintf(stderr, "link: '%.*s' is no setting\n", static_cast<int>(word.size()), word.data());
        std::exit(2);
    }
};

struct Frame {
    std::uint32_t size;
    std::array<char, 1600> data;
};

/// Where a frame is copied to costs less if it is warm.
class FramePool {
public:
    Frame* take() {
        if (free_.empty()) return new Frame;
        Frame* frame = free_.back();
        free_.pop_back();
        return frame;
    }
    void give(Frame* frame) { free_.push_back(frame); }

private:
    std::vector<Frame*> free_;
};

/// One direction.
class Direction {
public:
    Direction(const Settings& settings, int from, int to, bool spoils, unsigned number, FramePool& pool)
        : settings_(settings),
          from_(from),
          to_(to),
          spoils_(spoils),
          chance_(static_cast<std::uint64_t>(settings.seed) * 2 + number),
          pool_(pool) {}

    [[nodiscard]] int from() const { return from_; }
    [[nodiscard]] Clock::time_point next_due() const {
        return waiting_.empty() ? Clock::time_point::max() : waiting_.front().due;
    }

    void deliver(Clock::time_point now) {
        while (!waiting_.empty() && waiting_.front().due <= now) {
            send(*waiting_.front().frame);
            pool_.give(waiting_.front().frame);
            waiting_.pop_front();
        }
    }

    /// Takes some of the frames that have arrived.
    void accept(Clock::time_point now) {
        constexpr int batch = 64;
        for (int i = 0; i < batch; ++i) {
            Frame* frame = pool_.take();
            const ssize_t size = read(from_, frame->data.data(), frame->data.size());
            if (size <= 0) return pool_.give(frame);
            frame->size = static_cast<std::uint32_t>(size);
            ++seen_;
            // The same draws for each frame, so that one setting does not move the others' frames.
            const bool lost = hits(settings_.loss), early = hits(settings_.reorder), twice = hits(settings_.duplicate);
            if (lost) {
                ++lost_;
                pool_.give(frame);
                continue;
            }
            if (twice) {
                ++twice_;
                send(*frame);
            }
            if (early) {
                ++early_;
                send(*frame);
                pool_.give(frame);
                continue;
            }
            enqueue(frame, now);
        }
    }

    void print(const char* name) const {
        std::printf("%s: %llu frames, lost %llu, early %llu, twice %llu, too many %llu\n", name, seen_, lost_, early_,
                    twice_, full_);
    }

private:
    struct Waiting {
        Clock::time_point due;
        Frame* frame;
    };

    bool hits(double percent) {
        const double drawn = std::uniform_real_distribution<double>(0, 100)(chance_);
        return spoils_ && drawn < percent;
    }

    void send(const Frame& frame) { (void)!write(to_, frame.data.data(), frame.size); }

    void enqueue(Frame* frame, Clock::time_point now) {
        if (static_cast<double>(waiting_.size()) >= settings_.limit) {
            ++full_;
            return pool_.give(frame);
        }
        if (settings_.rate_mbit > 0) {
            const std::chrono::duration<double, std::micro> span(frame->size * 8 / settings_.rate_mbit);
            idle_at_ = std::max(idle_at_, now) + std::chrono::duration_cast<Clock::duration>(span);
        }
        const std::chrono::duration<double, std::milli> delay(settings_.delay_ms);
        waiting_.push_back({std::max(idle_at_, now) + std::chrono::duration_cast<Clock::duration>(delay), frame});
    }

    const Settings& settings_;
    int from_, to_;
    bool spoils_;
    std::mt19937_64 chance_;
    FramePool& pool_;
    std::deque<Waiting> waiting_;
    Clock::time_point idle_at_{};
    unsigned long long seen_ = 0, lost_ = 0, early_ = 0, twice_ = 0, full_ = 0;
};

/// NAMESPACE:TAP. The process stays in the namespace.
int open_tap(const std::string& place) {
    const std::size_t colon = place.find(':');
    const std::string name_space = "/run/netns/" + place.substr(0, colon);
    const int entered = open(name_space.c_str(), O_RDONLY | O_CLOEXEC);
    if (entered < 0 || setns(entered, CLONE_NEWNET) != 0) fail(name_space);
    close(entered);
    const int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tap < 0) fail("/dev/net/tun");
    ifreq request{};
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    if (colon != place.npos) place.copy(request.ifr_name, IFNAMSIZ - 1, colon + 1);
    if (ioctl(tap, TUNSETIFF, &request) != 0) fail(place);
    return tap;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return std::fputs("usage: link NAMESPACE:TAP NAMESPACE:TAP [KEY=VALUE...]\n", stderr), 2;
    Settings settings;
    for (int i = 3; i < argc; ++i) settings.set(argv[i]);
    std::signal(SIGTERM, [](int) { stopping = 1; });
    const int first = open_tap(argv[1]), second = open_tap(argv[2]);
    FramePool pool;
    std::array<Direction, 2> directions{Direction(settings, first, second, settings.toward_second, 0, pool),
                                        Direction(settings, second, first, settings.toward_first, 1, pool)};
    std::puts("up");
    std::fflush(stdout);
    while (stopping == 0) {
        const Clock::time_point now = Clock::now();
        for (Direction& direction : directions) direction.deliver(now);
        const auto wait =
            std::min({directions[0].next_due(), directions[1].next_due(), now + std::chrono::seconds(1)}) -
            Clock::now();
        const auto nanoseconds = std::max<long>(0, std::chrono::nanoseconds(wait).count());
        const timespec limit{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
        std::array<pollfd, 2> ready{pollfd{first, POLLIN, 0}, pollfd{second, POLLIN, 0}};
        if (ppoll(ready.data(), ready.size(), &limit, nullptr) <= 0) continue;
        const Clock::time_point arrival = Clock::now();
        for (std::size_t i = 0; i < directions.size(); ++i)
            if ((ready[i].revents & POLLIN) != 0) directions[i].accept(arrival);
    }
    directions[0].print("toward the second");
    directions[1].print("toward the first");
}
