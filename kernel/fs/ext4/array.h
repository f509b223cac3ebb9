// SPDX-License-Identifier: Apache-2.0
// A list that grows, and says so when it cannot.
#pragma once

#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

#include "kernel/base/outcome.h"
#include "kernel/mm/heap.h"

namespace tenon::ext4 {

template <typename T>
class Array {
    static_assert(std::is_trivially_copyable_v<T>);

public:
    Array() = default;
    Array(const Array&) = delete;
    Array& operator=(const Array&) = delete;
    Array(Array&& other) noexcept
        : items_(std::exchange(other.items_, nullptr)),
          size_(std::exchange(other.size_, 0)),
          capacity_(std::exchange(other.capacity_, 0)) {}
    Array& operator=(Array&& other) noexcept {
        std::swap(items_, other.items_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
        return *this;
    }
    ~Array() { heap_free(items_); }

    /// Error: ENOMEM.
    Outcome<> push_back(const T& item) {
        if (size_ == capacity_) CHECK(reserve(capacity_ != 0 ? capacity_ * 2 : 16));
        items_[size_++] = item;
        return {};
    }
    Outcome<> reserve(std::size_t capacity) {
        if (capacity <= capacity_) return {};
        auto* items = static_cast<T*>(heap_allocate(capacity * item_size));
        if (items == nullptr) return fail_with(ENOMEM);
        if (size_ != 0) std::memcpy(items, items_, size_ * item_size);
        heap_free(items_);
        items_ = items;
        capacity_ = capacity;
        return {};
    }
    void clear() { size_ = 0; }
    void truncate(std::size_t size) { size_ = size; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    T& operator[](std::size_t i) { return items_[i]; }
    const T& operator[](std::size_t i) const { return items_[i]; }
    T* begin() { return items_; }
    T* end() { return items_ + size_; }
    [[nodiscard]] const T* begin() const { return items_; }
    [[nodiscard]] const T* end() const { return items_ + size_; }

private:
    static constexpr std::size_t item_size = sizeof(T);  // NOLINT(bugprone-sizeof-expression): of pointers, too

    T* items_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace tenon::ext4
