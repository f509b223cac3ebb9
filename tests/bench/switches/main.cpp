// SPDX-License-Identifier: Apache-2.0
// The cost of a switch between two threads of one processor, in ns: first by sched_yield, then where each thread wakes
// the other and waits for it. Portable, so that Linux (pinned to one processor) can be measured too.
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace {

constexpr int turns = 200'000, rounds = 9;

sem_t semaphores[2];

void* give_away(void*) {
    for (int i = 0; i != turns; ++i) sched_yield();
    return nullptr;
}

/// The thread of semaphore `context` waits for its turn and gives it to the other.
void* wake_other(void* context) {
    auto* own = static_cast<sem_t*>(context);
    sem_t* other = own == &semaphores[0] ? &semaphores[1] : &semaphores[0];
    for (int i = 0; i != turns; ++i) {
        sem_wait(own);
        sem_post(other);
    }
    return nullptr;
}

/// Median of `rounds` runs of two threads that switch 2 * `turns` times, in ns a switch.
double measure(void* (*body)(void*)) {
    std::array<double, rounds> results{};
    for (double& result : results) {
        sem_init(&semaphores[0], 0, 1);
        sem_init(&semaphores[1], 0, 0);
        std::array<pthread_t, 2> threads{};
        const auto begin = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i != threads.size(); ++i)
            if (pthread_create(&threads[i], nullptr, body, &semaphores[i]) != 0) return 0;
        for (const pthread_t thread : threads) pthread_join(thread, nullptr);
        const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - begin;
        result = time.count() / (2.0 * turns);
    }
    std::ranges::sort(results);
    return results[rounds / 2];
}

}  // namespace

int main() {
    std::printf("%.0f", measure(give_away));
    std::printf(" %.0f\n", measure(wake_other));
    return 0;
}
