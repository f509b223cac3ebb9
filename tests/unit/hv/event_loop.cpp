// SPDX-License-Identifier: Apache-2.0
// The event loop: handlers that change the loop while it runs, and timers.
#include "hv/core/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <catch2/catch.hpp>

#include "hv/core/file_descriptor.h"

namespace {

struct Fixture {
    std::unique_ptr<hv::EventLoop> loop = std::move(*hv::EventLoop::create());
    hv::FileDescriptor first{eventfd(0, EFD_NONBLOCK)}, second{eventfd(0, EFD_NONBLOCK)};

    static void ring(const hv::FileDescriptor& event) { REQUIRE(eventfd_write(event.get(), 1) == 0); }
    static void drain(const hv::FileDescriptor& event) {
        eventfd_t value = 0;
        REQUIRE(eventfd_read(event.get(), &value) == 0);
    }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "event loop: a watch is called until it is served, an edge once for each write") {
    int level = 0, edge = 0;
    REQUIRE(loop->watch(first.get(), EPOLLIN, [&](std::uint32_t) {
        if (++level == 3) drain(first);
    }));
    REQUIRE(loop->watch(second.get(), EPOLLIN | EPOLLET, [&](std::uint32_t) {
        if (++edge == 1) ring(second);
    }));
    ring(first);
    ring(second);
    loop->after(5'000'000, [&] { loop->stop(); });
    loop->run();
    CHECK(level == 3);
    CHECK(edge == 2);
}

TEST_CASE_METHOD(Fixture, "event loop: a handler may remove itself, or one that is due in the same batch") {
    int calls = 0;
    const auto remove_both = [&](std::uint32_t) {
        ++calls;
        loop->unwatch(first.get());
        loop->unwatch(second.get());
        loop->stop();
    };
    REQUIRE(loop->watch(first.get(), EPOLLIN, remove_both));
    REQUIRE(loop->watch(second.get(), EPOLLIN, remove_both));
    ring(first);
    ring(second);
    loop->run();
    CHECK(calls == 1);
    // Both can be watched again.
    REQUIRE(loop->watch(first.get(), EPOLLIN, remove_both));
}

TEST_CASE_METHOD(Fixture, "event loop: a paused watch is silent") {
    int calls = 0;
    REQUIRE(loop->watch(first.get(), EPOLLIN, [&](std::uint32_t) { ++calls; }));
    loop->change(first.get(), 0);
    ring(first);
    loop->after(2'000'000, [&] { loop->stop(); });
    loop->run();
    CHECK(calls == 0);
}

TEST_CASE_METHOD(Fixture, "event loop: timers come in order, and may be cancelled or added by timers") {
    std::string order;
    std::uint64_t cancelled = 0;
    loop->after(3'000'000, [&] {
        order += 'c';
        loop->stop();
    });
    loop->after(1'000'000, [&] {
        order += 'a';
        loop->cancel(cancelled);
        loop->after(0, [&] { order += 'b'; });
    });
    cancelled = loop->after(2'000'000, [&] { order += 'x'; });
    loop->run();
    CHECK(order == "abc");
}

TEST_CASE_METHOD(Fixture, "event loop: watching the same descriptor twice is an error") {
    REQUIRE(loop->watch(first.get(), EPOLLIN, [](std::uint32_t) {}));
    CHECK_FALSE(loop->watch(first.get(), EPOLLIN, [](std::uint32_t) {}));
    CHECK_FALSE(loop->watch(-1, EPOLLIN, [](std::uint32_t) {}));
}
