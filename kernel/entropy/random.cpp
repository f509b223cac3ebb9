// SPDX-License-Identifier: Apache-2.0
// The kernel's random bytes: one generator and its seeds.
#include "kernel/entropy/random.h"

#include <atomic>

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/cpuid.h"
#include "kernel/entropy/generator.h"
#include "kernel/platform/platform.h"
#include "kernel/time/clock.h"
#include "kernel/trap/spin_lock.h"

namespace tenon {

namespace {

struct State {
    RandomGenerator generator;
    bool seeded = false;
};

constinit Locked<State> state("entropy");
constinit std::atomic<EntropySource*> source = nullptr;
constinit std::atomic<Nanoseconds> reseed_due = 0;

constexpr Nanoseconds reseed_interval = 300'000'000'000;
/// Larger requests get a key of their own, so that the lock is held only for a short time.
constexpr std::size_t short_request = 256;

/// Intel SDM volume 1, 7.3.17.1: ten tries; more failures mean that the unit is broken.
bool read_rdrand(std::uint64_t& value) {
    for (int attempt = 0; attempt != 10; ++attempt) {
        bool filled = false;
        asm volatile("rdrand %0" : "=r"(value), "=@ccc"(filled));
        if (filled) return true;
    }
    return false;
}

std::span<const std::byte> bytes_of(const std::uint64_t& value) { return std::as_bytes(std::span(&value, 1)); }

/// Runs at the first use: a program that needs no random numbers does not pay for the seed. Does not block.
void seed_first(State& locked) {
    locked.seeded = true;
    const std::span<const std::uint8_t> given = platform().entropy();
    locked.generator.stir(std::as_bytes(given));
    if (has_cpuid_bit(cpuid_bit::rdrand)) {
        for (int i = 0; i != 8; ++i) {
            std::uint64_t value = 0;
            if (read_rdrand(value)) locked.generator.stir(bytes_of(value));
        }
    }
    const std::uint64_t moments[] = {read_tsc(), monotonic_now(), realtime_now()};
    locked.generator.stir(std::as_bytes(std::span(moments)));
}

}  // namespace

void random_bytes(std::span<std::byte> buffer) {
    std::array<std::byte, chacha20::key_size> key;
    const bool is_short = buffer.size() <= short_request;
    state.with([&](State& locked) {
        if (!locked.seeded) seed_first(locked);
        locked.generator.fill(is_short ? buffer : std::span<std::byte>(key));
    });
    if (is_short) return;
    RandomGenerator::stream(key, buffer);
    erase(key);
}

void add_entropy(std::span<const std::byte> seed) {
    const std::uint64_t moment = read_tsc();
    state.with([&](State& locked) {
        if (!locked.seeded) seed_first(locked);
        locked.generator.stir(bytes_of(moment));
        locked.generator.stir(seed);
    });
}

void register_entropy_source(EntropySource& new_source) {
    source.store(&new_source);
    // If the hypervisor gave no seed, this may be the first good one: it is fetched before any random bytes are drawn.
    if (platform().entropy().empty()) reseed_if_due();
}

EntropySource* entropy_source() { return source.load(); }

void reseed_if_due() {
    EntropySource* from = source.load();
    const Nanoseconds now = monotonic_now();
    Nanoseconds due = reseed_due.load();
    // One caller fetches the seed; the others continue without.
    if (from == nullptr || now < due || !reseed_due.compare_exchange_strong(due, now + reseed_interval)) return;
    std::array<std::byte, chacha20::key_size> seed;
    const std::size_t size = from->read(seed);
    add_entropy(std::span(seed).first(size <= seed.size() ? size : 0));
    erase(seed);
}

}  // namespace tenon
