// SPDX-License-Identifier: Apache-2.0
// Random bytes: a ChaCha20 generator, seeded by the hypervisor, RDRAND and virtio-rng.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tenon {

/// Fills `buffer`; never blocks. Earlier output cannot be found in memory (fast key erasure).
void random_bytes(std::span<std::byte> buffer);
/// Mixes `seed` in, which may come from an untrusted source: it cannot make the output predictable.
void add_entropy(std::span<const std::byte> seed);

/// A device that delivers random bytes; its driver implements and registers it.
class EntropySource {
public:
    virtual ~EntropySource() = default;
    /// Blocks; returns how many bytes were filled.
    virtual std::size_t read(std::span<std::byte> buffer) = 0;
};
void register_entropy_source(EntropySource& source);
/// Null: this machine has no entropy device, or the image no driver for it.
[[nodiscard]] EntropySource* entropy_source();
/// Fetches a new seed from the registered source, at the first call and then every five minutes. May block.
void reseed_if_due();

}  // namespace tenon
