// SPDX-License-Identifier: Apache-2.0
// One-time initialisation.
#include <pthread.h>

#include "userland/pthread/word.h"

using namespace tenon::pthread;

namespace {

constexpr std::uint32_t never = 0;
constexpr std::uint32_t running = 1;
constexpr std::uint32_t awaited = 2;
constexpr std::uint32_t done = 3;

/// Resets the state to `never` if the initialiser throws, so that the next caller tries again.
class Attempt {
public:
    explicit Attempt(std::atomic<std::uint32_t>& state) : state_(state) {}
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;
    ~Attempt() {
        if (state_.exchange(outcome_) == awaited) wake_address(state_, all_waiters);
    }
    void succeed() { outcome_ = done; }

private:
    std::atomic<std::uint32_t>& state_;
    std::uint32_t outcome_ = never;
};

}  // namespace

extern "C" int pthread_once(pthread_once_t* control, void (*initialise)()) {
    auto& state = word(*control);
    for (;;) {
        std::uint32_t seen = state.load(std::memory_order_acquire);
        if (seen == done) return 0;
        if (seen == never) {
            if (!state.compare_exchange_strong(seen, running)) continue;
            Attempt attempt(state);
            initialise();
            attempt.succeed();
            return 0;
        }
        if (seen == running && !state.compare_exchange_strong(seen, awaited)) continue;
        wait_on_address(state, awaited);
    }
}
