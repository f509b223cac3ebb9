// SPDX-License-Identifier: Apache-2.0
// The lock under which lwIP's core runs.
#include "kernel/net/core_lock.h"

#include "kernel/sched/sync.h"

namespace tenon::net {
namespace {

constinit Mutex core_mutex;
constinit BeforeUnlock* requests = nullptr;

}  // namespace

void BeforeUnlock::request() {
    if (requested_) return;
    requested_ = true;
    next_ = requests;
    requests = this;
}

void run_requests() {
    while (BeforeUnlock* request = requests) {
        requests = request->next_;
        request->requested_ = false;
        request->run();
    }
}

}  // namespace tenon::net

void tenon_net_lock() { tenon::net::core_mutex.lock(); }

void tenon_net_unlock() {
    if (tenon::net::requests != nullptr) tenon::net::run_requests();
    tenon::net::core_mutex.unlock();
}
