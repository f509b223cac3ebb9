// SPDX-License-Identifier: Apache-2.0
// A disk's device is taken, and a thread stands by that restarts it should it break.
#include <new>

#include "kernel/sched/sync.h"
#include "kernel/sched/thread.h"
#include "pv-drivers/blk/blk.h"
#include "pv-drivers/virtio/driver.h"

namespace tenon::virtio {
namespace {

/// Lives as long as its disk.
struct Keeper {
    Semaphore broken;
    Blk* disk = nullptr;

    static void wake(void* self) { static_cast<Keeper*>(self)->broken.post(); }
    static void run(void* argument) {
        auto* self = static_cast<Keeper*>(argument);
        for (self->broken.wait(); self->disk != nullptr; self->broken.wait()) self->disk->recover();
        delete self;
    }
};

Result<> probe(Transport& transport) {
    auto* keeper = new (std::nothrow) Keeper;
    if (keeper == nullptr) return fail(Error::no_memory);
    const Thread::Options options{
        .name = "disk keeper", .priority = Priority::tools, .stack_size = smallest_stack_size, .detached = true};
    if (!Thread::create(options, &Keeper::run, keeper)) {
        delete keeper;
        return fail(Error::no_memory);
    }
    const auto disk = Blk::create(transport, &Keeper::wake, keeper);
    if (!disk) {
        Keeper::wake(keeper);  // the thread ends
        return fail(disk.error());
    }
    keeper->disk = *disk;
    return {};
}

}  // namespace
}  // namespace tenon::virtio

static tenon::Result<> virtio_blk(tenon::virtio::Transport& transport) { return tenon::virtio::probe(transport); }
TENON_VIRTIO_DRIVER(VIRTIO_ID_BLOCK, virtio_blk);
