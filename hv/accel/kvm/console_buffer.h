// SPDX-License-Identifier: Apache-2.0
// Text on its way from a vCPU's thread to the loop.
#pragma once

#include <mutex>
#include <string>
#include <utility>

namespace hv::kvm {

/// Holds at most `limit` bytes.
class ConsoleBuffer {
public:
    static constexpr std::size_t limit = 4096;
    enum class Put { first, more, full };

    /// `first`: the buffer was empty, and the reader must be notified. `full`: the character was not taken.
    Put put(char c) {
        const std::lock_guard guard(lock_);
        if (text_.size() == limit) return Put::full;
        text_.push_back(c);
        return text_.size() == 1 ? Put::first : Put::more;
    }
    std::string take() {
        const std::lock_guard guard(lock_);
        return std::exchange(text_, {});
    }

private:
    std::mutex lock_;
    std::string text_;
};

}  // namespace hv::kvm
