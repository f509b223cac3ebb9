// SPDX-License-Identifier: Apache-2.0
// The names in a directory.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

#include "kernel/base/outcome.h"
#include "kernel/mm/heap.h"

namespace tenon {

/// A name, and what it stands for. Its cookie is its name's hash, and a number that tells equal hashes apart.
template <typename Meaning>
struct Name {
    Name* next;
    std::uint64_t cookie;
    Meaning meaning;
    std::uint8_t size;
    char text[];
    [[nodiscard]] std::string_view view() const { return {text, size}; }
};

namespace detail {
/// The finalizer of MurmurHash3, a bijection in which each bit of the input reaches each bit of the output.
constexpr std::uint64_t mix(std::uint64_t value) {
    value = (value ^ value >> 33) * 0xFF51'AFD7'ED55'8CCD;
    value = (value ^ value >> 33) * 0xC4CE'B9FE'1A85'EC53;
    return value ^ value >> 33;
}
}  // namespace detail

/// A hash table whose order is that of the hashes: the first bits choose the chain, and each chain is sorted. So a
/// listing goes on at a cookie, whatever has come and gone, and also after the table has grown. The caller locks.
template <typename Meaning>
class Names {
public:
    using Name = tenon::Name<Meaning>;

    /// `seed` is secret, so that nobody can choose names with equal hashes.
    explicit Names(std::uint64_t seed) : seed_(seed) {}
    Names(const Names&) = delete;
    Names& operator=(const Names&) = delete;
    ~Names() { clear(); }

    [[nodiscard]] Name* find(std::string_view text) const {
        if (chains_ == nullptr) return nullptr;
        const std::uint64_t first = hash(text);
        for (Name* name = *place(first); name != nullptr && name->cookie >> number_bits == first >> number_bits;
             name = name->next)
            if (name->view() == text) return name;
        return nullptr;
    }
    /// `text` is not there yet. Error: ENOMEM.
    Outcome<Name*> add(std::string_view text, Meaning meaning) {
        if (count_ >= std::size_t{1} << bits_ || chains_ == nullptr)
            resize(chains_ == nullptr ? fewest_bits : bits_ + 1);
        void* memory = chains_ != nullptr ? heap_allocate(sizeof(Name) + text.size()) : nullptr;
        if (memory == nullptr) return fail_with(ENOMEM);
        // The first number that no name with the same hash has; there are too few such names to reach the next hash.
        std::uint64_t cookie = hash(text);
        Name** at = place(cookie);
        for (; *at != nullptr && (*at)->cookie == cookie; at = &(*at)->next) ++cookie;
        auto* name = new (memory) Name{*at, cookie, std::move(meaning), static_cast<std::uint8_t>(text.size())};
        text.copy(name->text, text.size());
        *at = name;
        ++count_;
        return name;
    }
    void remove(Name& name) {
        *place(name.cookie) = name.next;
        destroy(name);
        --count_;
        if (bits_ > fewest_bits && count_ < std::size_t{1} << (bits_ - 3)) resize(bits_ - 1);
    }
    void clear() {
        for (std::size_t i = 0; chains_ != nullptr && i != std::size_t{1} << bits_; ++i)
            while (Name* name = chains_[i]) {
                chains_[i] = name->next;
                destroy(*name);
            }
        heap_free(std::exchange(chains_, nullptr));
        bits_ = 0;
        count_ = 0;
    }
    /// The one behind `cookie`, or null; 0 is ahead of the first.
    [[nodiscard]] Name* after(std::uint64_t cookie) const {
        // A cookie that a program has made up may be anything.
        if (chains_ == nullptr || cookie >= (std::uint64_t{1} << cookie_bits) - 1) return nullptr;
        if (Name* name = *place(cookie + 1)) return name;
        for (std::size_t i = ((cookie + 1) >> (cookie_bits - bits_)) + 1; i < std::size_t{1} << bits_; ++i)
            if (chains_[i] != nullptr) return chains_[i];
        return nullptr;
    }
    [[nodiscard]] std::size_t count() const { return count_; }

    static constexpr unsigned cookie_bits = 62;

private:
    static constexpr unsigned number_bits = 16;
    static constexpr unsigned fewest_bits = 2;

    static void destroy(Name& name) {
        name.~Name();
        heap_free(&name);
    }
    /// The cookie of the first name with this hash; never 0.
    [[nodiscard]] std::uint64_t hash(std::string_view text) const {
        std::uint64_t value = seed_;
        for (; text.size() >= sizeof(value); text.remove_prefix(sizeof(value))) {
            std::uint64_t word;
            std::memcpy(&word, text.data(), sizeof(word));
            value = detail::mix(value ^ word);
        }
        std::uint64_t word = text.size() << 56;
        std::memcpy(&word, text.data(), text.size());
        value = detail::mix(value ^ word);
        const std::uint64_t first = value >> (64 - cookie_bits) >> number_bits << number_bits;
        return first != 0 ? first : std::uint64_t{1} << number_bits;
    }
    [[nodiscard]] Name*& chain(std::uint64_t cookie) const { return chains_[cookie >> (cookie_bits - bits_)]; }
    /// Where `cookie` is in its chain, or would be.
    [[nodiscard]] Name** place(std::uint64_t cookie) const {
        Name** at = &chain(cookie);
        while (*at != nullptr && (*at)->cookie < cookie) at = &(*at)->next;
        return at;
    }
    /// Without memory the table stays as it is.
    void resize(unsigned bits) {
        auto** const chains = static_cast<Name**>(heap_allocate_zeroed(sizeof(Name*) << bits));
        if (chains == nullptr) return;
        Name** const former = std::exchange(chains_, chains);
        const std::size_t former_count = former != nullptr ? std::size_t{1} << bits_ : 0;
        bits_ = bits;
        for (std::size_t i = 0; i != former_count; ++i)
            while (Name* name = former[i]) {
                former[i] = name->next;
                Name** at = place(name->cookie);
                name->next = *at;
                *at = name;
            }
        heap_free(former);
    }

    Name** chains_ = nullptr;
    unsigned bits_ = 0;
    std::atomic<std::size_t> count_ = 0;  // may be read without the lock
    std::uint64_t seed_;
};

}  // namespace tenon
