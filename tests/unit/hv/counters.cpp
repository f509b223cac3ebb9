// SPDX-License-Identifier: Apache-2.0
#include "hv/core/counters.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

namespace {

std::vector<std::string> listed(const std::string& name) {
    std::vector<std::string> values;
    hv::Counter::for_each([&](const hv::Counter& counter) {
        if (counter.name() != name) return;
        const std::string instance = counter.instance() == nullptr ? "" : counter.instance();
        values.push_back(instance + "=" + std::to_string(counter.value()));
    });
    return values;
}

}  // namespace

TEST_CASE("counters of an instance are listed as long as it lives", "[counters]") {
    const hv::InstanceCounter first("test.count", "thing", "a");
    auto second = std::make_unique<hv::InstanceCounter>("test.count", "thing", "b");
    auto third = std::make_unique<hv::InstanceCounter>("test.count", "thing", "c");
    second->add(7);
    CHECK(listed("test.count") == std::vector<std::string>{"c=0", "b=7", "a=0"});
    // From the middle, and from the end that grows.
    second.reset();
    CHECK(listed("test.count") == std::vector<std::string>{"c=0", "a=0"});
    third.reset();
    CHECK(listed("test.count") == std::vector<std::string>{"a=0"});
    const hv::InstanceCounter again("test.count", "thing", "b");
    CHECK(listed("test.count") == std::vector<std::string>{"b=0", "a=0"});
}
