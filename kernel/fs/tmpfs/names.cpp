// SPDX-License-Identifier: Apache-2.0
// The names in a directory.
#include "kernel/fs/tmpfs/names.h"

#include <cstring>
#include <new>

#include "kernel/mm/heap.h"

namespace tenon::tmpfs {

namespace {

constexpr unsigned fewest_bits = 2;

/// The finalizer of MurmurHash3, a bijection in which each bit of the input reaches each bit of the output.
constexpr std::uint64_t mix(std::uint64_t value) {
    value = (value ^ value >> 33) * 0xFF51'AFD7'ED55'8CCD;
    value = (value ^ value >> 33) * 0xC4CE'B9FE'1A85'EC53;
    return value ^ value >> 33;
}

}  // namespace

Names::~Names() {
    for (std::size_t i = 0; chains_ != nullptr && i != std::size_t{1} << bits_; ++i)
        while (Name* name = chains_[i]) {
            chains_[i] = name->next;
            name->~Name();
            heap_free(name);
        }
    heap_free(chains_);
}

/// The cookie of the first name with this hash; never 0.
std::uint64_t Names::hash(std::string_view text) const {
    std::uint64_t value = seed_;
    for (; text.size() >= sizeof(value); text.remove_prefix(sizeof(value))) {
        std::uint64_t word;
        std::memcpy(&word, text.data(), sizeof(word));
        value = mix(value ^ word);
    }
    std::uint64_t word = text.size() << 56;
    std::memcpy(&word, text.data(), text.size());
    value = mix(value ^ word);
    const std::uint64_t first = value >> (64 - cookie_bits) >> number_bits << number_bits;
    return first != 0 ? first : std::uint64_t{1} << number_bits;
}

Name** Names::place(std::uint64_t cookie) const {
    Name** at = &chain(cookie);
    while (*at != nullptr && (*at)->cookie < cookie) at = &(*at)->next;
    return at;
}

Name* Names::find(std::string_view text) const {
    if (chains_ == nullptr) return nullptr;
    const std::uint64_t first = hash(text);
    for (Name* name = *place(first); name != nullptr && name->cookie >> number_bits == first >> number_bits;
         name = name->next)
        if (name->view() == text) return name;
    return nullptr;
}

Outcome<Name*> Names::add(std::string_view text, InodeReference inode) {
    if (count_ >= std::size_t{1} << bits_ || chains_ == nullptr) resize(chains_ == nullptr ? fewest_bits : bits_ + 1);
    void* memory = chains_ != nullptr ? heap_allocate(sizeof(Name) + text.size()) : nullptr;
    if (memory == nullptr) return fail_with(ENOMEM);
    // The first number that no name with the same hash has; there are too few such names to reach the next hash.
    std::uint64_t cookie = hash(text);
    Name** at = place(cookie);
    for (; *at != nullptr && (*at)->cookie == cookie; at = &(*at)->next) ++cookie;
    auto* name = new (memory) Name{*at, cookie, std::move(inode), static_cast<std::uint8_t>(text.size())};
    text.copy(name->text, text.size());
    *at = name;
    ++count_;
    return name;
}

void Names::remove(Name& name) {
    *place(name.cookie) = name.next;
    name.~Name();
    heap_free(&name);
    --count_;
    if (bits_ > fewest_bits && count_ < std::size_t{1} << (bits_ - 3)) resize(bits_ - 1);
}

Name* Names::after(std::uint64_t cookie) const {
    // A cookie that a program has made up may be anything.
    if (chains_ == nullptr || cookie >= (std::uint64_t{1} << cookie_bits) - 1) return nullptr;
    if (Name* name = *place(cookie + 1)) return name;
    for (std::size_t i = ((cookie + 1) >> (cookie_bits - bits_)) + 1; i < std::size_t{1} << bits_; ++i)
        if (chains_[i] != nullptr) return chains_[i];
    return nullptr;
}

void Names::resize(unsigned bits) {
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

}  // namespace tenon::tmpfs
