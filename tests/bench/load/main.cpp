// SPDX-License-Identifier: Apache-2.0
// Loads memory as machines do.
//
//   load cache MIB          holds MIB of values, and answers GET /KEY with the value's check sum
//   load batch MIB SECONDS  grows to MIB, works on it, and gives it back, once in SECONDS; answers with its rounds
//   load touch MIB          touches MIB, frees it, and answers from then on
//   load zeros MIB          holds MIB of memory that was filled with zeros
//   load scan MIB           prints how many GiB of resident zeros a second are looked at, and ends
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "balloon/zero_scan.h"
#include "kernel/arch/x86_64/xstate.h"
#include "tests/bench/load/server.h"

namespace {

constexpr std::size_t mebibyte = 1 << 20;
constexpr std::size_t value_size = 1024;

/// Never zero, and never twice the same.
void fill(std::uint64_t* words, std::size_t count, std::uint64_t seed) {
    std::uint64_t state = seed * 0x9E37'79B9'7F4A'7C15 + 1;
    for (std::size_t i = 0; i != count; ++i) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        words[i] = state;
    }
}

/// Calls visit(bytes) for pieces of `mib` MiB: as large as a machine of twice the size always has.
template <typename Visit>
void for_each_piece(std::size_t mib, Visit&& visit) {
    constexpr std::size_t largest = 32;
    for (std::size_t done = 0; done < mib; done += largest) visit(std::min(largest, mib - done) * mebibyte);
}

std::uint64_t sum(const std::uint64_t* words, std::size_t count) {
    std::uint64_t result = 0;
    for (std::size_t i = 0; i != count; ++i) result = result * 31 + words[i];
    return result;
}

[[noreturn]] void cache(std::size_t mib) {
    constexpr std::size_t words = value_size / sizeof(std::uint64_t);
    std::vector<std::unique_ptr<std::uint64_t[]>> values(mib * mebibyte / value_size);
    std::vector<std::uint64_t> sums(values.size());
    for (std::size_t key = 0; key != values.size(); ++key) {
        values[key] = std::make_unique_for_overwrite<std::uint64_t[]>(words);
        fill(values[key].get(), words, key);
        sums[key] = sum(values[key].get(), words);
    }
    load::serve([&](std::uint64_t number) -> std::string {
        const std::size_t key = number % values.size();
        const std::uint64_t now = sum(values[key].get(), words);
        // A changed value counts as a missing answer.
        return now == sums[key] ? std::to_string(now) + "\n" : std::string();
    });
}

[[noreturn]] void batch(std::size_t mib, int seconds) {
    static std::atomic<std::uint64_t> rounds = 0;
    static std::atomic<bool> damaged = false;
    std::thread([mib, seconds] {
        for (;;) {
            std::vector<std::unique_ptr<std::uint64_t[]>> pieces;
            constexpr std::size_t words = mebibyte / sizeof(std::uint64_t);
            const auto pause = std::chrono::milliseconds(seconds * 1000 / 4) / static_cast<long>(mib);
            for (std::size_t i = 0; i != mib; ++i) {
                pieces.push_back(std::make_unique_for_overwrite<std::uint64_t[]>(words));
                fill(pieces.back().get(), words, i);
                std::this_thread::sleep_for(pause);
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(seconds * 1000 / 4));
            std::vector<std::uint64_t> expected(words);
            for (std::size_t i = 0; i != mib; ++i) {
                fill(expected.data(), words, i);
                if (std::memcmp(expected.data(), pieces[i].get(), mebibyte) != 0) damaged = true;
            }
            pieces.clear();
            ++rounds;
            std::this_thread::sleep_for(std::chrono::milliseconds(seconds * 1000 / 2));
        }
    }).detach();
    load::serve([](std::uint64_t) { return damaged ? std::string() : std::to_string(rounds.load()) + "\n"; });
}

[[noreturn]] void touch(std::size_t mib) {
    {
        std::vector<std::unique_ptr<std::uint64_t[]>> pieces;
        for_each_piece(mib, [&](std::size_t size) {
            pieces.push_back(std::make_unique_for_overwrite<std::uint64_t[]>(size / sizeof(std::uint64_t)));
            fill(pieces.back().get(), size / sizeof(std::uint64_t), pieces.size());
        });
    }
    load::serve([](std::uint64_t) { return std::string("touched\n"); });
}

[[noreturn]] void zeros(std::size_t mib) {
    static std::vector<volatile char*> pieces;
    for_each_piece(mib, [](std::size_t size) {
        auto* piece = static_cast<volatile char*>(std::malloc(size));
        if (piece == nullptr) std::exit(1);
        // Page for page, so that the host holds memory for all of it.
        for (std::size_t byte = 0; byte < size; byte += 4096) piece[byte] = 1;
        for (std::size_t byte = 0; byte < size; byte += 4096) piece[byte] = 0;
        pieces.push_back(piece);
    });
    load::serve([](std::uint64_t number) -> std::string {
        return pieces[number % pieces.size()][number / pieces.size() % mebibyte] == 0 ? "zero\n" : "";
    });
}

int scan(std::size_t mib) {
    auto* memory = static_cast<std::byte*>(aligned_alloc(4096, mib * mebibyte));
    if (memory == nullptr) return 1;
    // The compiler must not see that it writes what calloc would give.
    for (std::size_t i = 0; i < mib * mebibyte; i += 4096) static_cast<volatile std::byte*>(memory)[i] = std::byte{0};
    const auto is_zero = tenon::balloon::choose_zero_test(tenon::tenon_xstate_mask);
    double best = 0;
    for (int round = 0; round != 5; ++round) {
        const auto begin = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < mib * mebibyte; i += 4096)
            if (!is_zero(memory + i)) return 1;
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
        best = std::max(best, static_cast<double>(mib) / 1024 / time.count());
    }
    std::printf("%.2f\n", best);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string what = argc > 1 ? argv[1] : "";
    const std::size_t mib = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 0;
    const int seconds = argc > 3 ? std::atoi(argv[3]) : 0;
    if (mib != 0 && what == "cache") cache(mib);
    if (mib != 0 && what == "touch") touch(mib);
    if (mib != 0 && what == "zeros") zeros(mib);
    if (mib != 0 && seconds > 0 && what == "batch") batch(mib, seconds);
    if (mib != 0 && what == "scan") return scan(mib);
    std::puts("load cache MIB | batch MIB SECONDS | touch MIB | zeros MIB | scan MIB");
    return 2;
}
