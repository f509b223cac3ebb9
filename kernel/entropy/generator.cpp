// SPDX-License-Identifier: Apache-2.0
// A random generator with fast key erasure.
#include "kernel/entropy/generator.h"

#include <algorithm>
#include <cstring>

namespace tenon {

namespace {
constexpr std::array<std::byte, chacha20::nonce_size> no_nonce = {};
}

void RandomGenerator::stream(std::span<const std::byte, chacha20::key_size> key, std::span<std::byte> output) {
    std::array<std::byte, chacha20::block_size> block;
    // 2^32 blocks are 256 GiB: more than a request.
    for (std::uint32_t counter = 0; !output.empty(); ++counter) {
        chacha20::block(key, counter, no_nonce, block);
        const std::size_t part = std::min(output.size(), block.size());
        std::memcpy(output.data(), block.data(), part);
        output = output.subspan(part);
    }
    erase(block);
}

void RandomGenerator::refill() {
    std::array<std::byte, chacha20::key_size + sizeof(batch_)> output;
    stream(key_, output);
    std::memcpy(key_.data(), output.data(), key_.size());
    std::memcpy(batch_.data(), output.data() + key_.size(), batch_.size());
    erase(output);
    left_ = batch_.size();
}

void RandomGenerator::fill(std::span<std::byte> output) {
    while (!output.empty()) {
        if (left_ == 0) refill();
        const std::size_t part = std::min(output.size(), left_);
        std::byte* source = batch_.data() + batch_.size() - left_;
        std::memcpy(output.data(), source, part);
        erase({source, part});
        left_ -= part;
        output = output.subspan(part);
    }
}

void RandomGenerator::stir(std::span<const std::byte> seed) {
    while (!seed.empty()) {
        const std::size_t part = std::min(seed.size(), key_.size());
        for (std::size_t i = 0; i != part; ++i) key_[i] ^= seed[i];
        // The next key depends on every bit of this one; the old key's batch is discarded.
        refill();
        seed = seed.subspan(part);
    }
}

}  // namespace tenon
