// SPDX-License-Identifier: Apache-2.0
// Calls from vCPU threads to the event loop's thread.
#include "hv/accel/kvm/loop_calls.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

namespace {

struct Fixture {
    std::unique_ptr<hv::EventLoop> loop = *hv::EventLoop::create();
    std::atomic<int> after = 0;
    std::unique_ptr<hv::kvm::LoopCalls> calls = *hv::kvm::LoopCalls::create(*loop, [this] { ++after; });
};

}  // namespace

TEST_CASE_METHOD(Fixture, "loop calls: work runs on the loop's thread, and its caller waits for it") {
    const auto loop_thread = std::this_thread::get_id();
    std::thread::id ran_on;
    bool answered = false;
    std::thread vcpu([&] {
        answered = calls->call([&] { ran_on = std::this_thread::get_id(); });
        calls->call([&] { loop->stop(); });
    });
    loop->run();
    vcpu.join();
    CHECK(answered);
    CHECK(ran_on == loop_thread);
    CHECK(after >= 1);
}

TEST_CASE_METHOD(Fixture, "loop calls: of several callers each gets its own answer") {
    constexpr int threads = 4, rounds = 500;
    int sum = 0, ended = 0;
    std::atomic<int> wrong = 0;
    std::vector<std::jthread> vcpus;
    for (int i = 0; i < threads; ++i)
        vcpus.emplace_back([&, i] {
            for (int round = 0; round < rounds; ++round) {
                int own = -1;
                // Only the loop's thread touches `sum`.
                if (!calls->call([&] {
                        ++sum;
                        own = i;
                    }) ||
                    own != i)
                    ++wrong;
            }
            calls->call([&] {
                if (++ended == threads) loop->stop();
            });
        });
    loop->run();
    vcpus.clear();
    CHECK(sum == threads * rounds);
    CHECK(wrong == 0);
}

TEST_CASE_METHOD(Fixture, "loop calls: calls that wait when the machine ends are not run, and neither are later ones") {
    std::atomic<int> ran = 0, refused = 0;
    {
        std::vector<std::jthread> vcpus;
        for (int i = 0; i < 3; ++i)
            vcpus.emplace_back([&] {
                if (!calls->call([&] { ++ran; })) ++refused;
            });
        calls->cancel();
    }
    calls->serve();
    CHECK(refused == 3);
    CHECK(ran == 0);
    CHECK_FALSE(calls->call([&] { ++ran; }));
    CHECK(ran == 0);
}

TEST_CASE_METHOD(Fixture, "loop calls: work that ends the machine is still answered as done") {
    bool answered = false;
    std::thread vcpu([&] {
        answered = calls->call([&] {
            calls->cancel();
            loop->stop();
        });
    });
    loop->run();
    vcpu.join();
    CHECK(answered);
}

TEST_CASE_METHOD(Fixture, "loop calls: a notice runs what follows a call, and waits for nothing") {
    calls->notify();
    CHECK(after == 0);
    calls->serve();
    CHECK(after == 1);
}
