// SPDX-License-Identifier: Apache-2.0
// Exceptions of the system tests that no handler catches.
#include "throwing.h"

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace shelf {

// Not tail calls, so that each function has a frame.
[[gnu::noinline]] int take(const std::vector<int>& items, unsigned long index) {
    if (index >= items.size()) throw std::runtime_error("nobody catches this");
    return items[index] + 1;
}

[[gnu::noinline]] int look(const std::vector<int>& items, std::string_view where) {
    return take(items, where.size()) + 1;
}

[[gnu::noinline]] int look_without_exceptions(const std::vector<int>& items, std::string_view where) noexcept {
    return take(items, where.size()) + 1;
}

}  // namespace shelf

int throw_from(const char* where) {
    const std::string_view place = where;
    return place == "noexcept" ? shelf::look_without_exceptions({}, place) : shelf::look({}, place);
}
