// SPDX-License-Identifier: Apache-2.0
// Exceptions: through frames, across threads, and in four threads at once.
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/guest/test.h"

namespace {

struct Counted {
    explicit Counted(int& counter) : live(counter) { ++live; }
    ~Counted() { --live; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    int& live;
};

[[gnu::noinline]] int descend(int depth, int& live) {
    const Counted counted(live);
    if (depth == 0) throw std::runtime_error("bottom " + std::to_string(live));
    return descend(depth - 1, live) + 1;
}

/// Throws and catches; returns how often something was not as it should be.
int throw_often(int rounds) {
    int wrong = 0;
    for (int round = 0; round != rounds; ++round) {
        int live = 0;
        try {
            descend(round % 20, live);
            ++wrong;
        } catch (const std::exception& error) {
            if (error.what() != "bottom " + std::to_string(round % 20 + 1)) ++wrong;
        }
        if (live != 0) ++wrong;
    }
    return wrong;
}

}  // namespace

GUEST_TEST(an_exception_unwinds_frames) { EXPECT(throw_often(100) == 0); }

GUEST_TEST(exceptions_are_told_apart_by_type) {
    const auto kind = [](const std::function<void()>& body) -> std::string {
        try {
            body();
        } catch (const std::out_of_range&) {
            return "range";
        } catch (const std::logic_error&) {
            return "logic";
        } catch (int value) {
            return "int " + std::to_string(value);
        } catch (...) {
            return "other";
        }
        return "none";
    };
    EXPECT(kind([] { static_cast<void>(std::vector<int>().at(3)); }) == "range");
    EXPECT(kind([] { throw std::invalid_argument("x"); }) == "logic");
    EXPECT(kind([] { throw 42; }) == "int 42");
    EXPECT(kind([] { throw "text"; }) == "other");
    EXPECT(kind([] { static_cast<void>(std::stoi("no number")); }) == "logic");
    EXPECT(kind([] {}) == "none");
}

GUEST_TEST(exceptions_nest_and_are_rethrown) {
    std::string seen;
    try {
        try {
            throw std::runtime_error("inner");
        } catch (...) {
            std::throw_with_nested(std::logic_error("outer"));
        }
    } catch (const std::exception& outer) {
        seen = outer.what();
        try {
            std::rethrow_if_nested(outer);
        } catch (const std::exception& inner) {
            seen += std::string(" ") + inner.what();
        }
    }
    EXPECT(seen == "outer inner");
    EXPECT(std::uncaught_exceptions() == 0);
}

GUEST_TEST(four_threads_throw_at_once) {
    int wrong[4] = {1, 1, 1, 1};
    {
        std::vector<std::jthread> threads;
        for (int& each : wrong) threads.emplace_back([&each] { each = throw_often(5000); });
    }
    for (const int each : wrong) EXPECT(each == 0);
}

GUEST_TEST(an_exception_crosses_threads) {
    auto future = std::async(std::launch::async, []() -> int { throw std::domain_error("from afar"); });
    EXPECT_THROW(future.get(), std::domain_error);
    std::promise<int> promise;
    std::jthread thread([&promise] { promise.set_exception(std::make_exception_ptr(std::length_error("long"))); });
    EXPECT_THROW(promise.get_future().get(), std::length_error);
}
