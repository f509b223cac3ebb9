// SPDX-License-Identifier: Apache-2.0
// Takes a disk's device, and starts a thread that restarts it if it breaks, and follows its size.
#include <atomic>
#include <new>

#include "kernel/sched/sync.h"
#include "kernel/sched/thread.h"
#include "pv-drivers/blk/blk.h"
#include "pv-drivers/virtio/driver.h"

namespace tenon::virtio {
namespace {

/// The thread of one disk. Interrupts may wake it while the disk is still being brought up.
class Keeper {
public:
    static void wake(void* self) { static_cast<Keeper*>(self)->woken_.post(); }
    static void run(void* self) { static_cast<Keeper*>(self)->keep(); }

    /// From now on the thread attends to `disk` whenever it is woken; at once, because it may have broken before.
    void keep(Blk& disk) {
        disk_.store(&disk);
        woken_.post();
    }
    /// There is no disk: ends the thread, which frees this object.
    void give_up() {
        given_up_.store(true);
        woken_.post();
    }

private:
    void keep() {
        for (;;) {
            woken_.wait();
            if (given_up_.load()) break;
            if (Blk* disk = disk_.load(); disk != nullptr) disk->attend();
        }
        delete this;
    }

    Semaphore woken_;
    std::atomic<Blk*> disk_ = nullptr;
    std::atomic<bool> given_up_ = false;
};

}  // namespace

Result<Blk*> Blk::probe(Transport& transport) {
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
        keeper->give_up();
        return fail(disk.error());
    }
    keeper->keep(**disk);
    return *disk;
}

}  // namespace tenon::virtio

static tenon::Result<> virtio_blk(tenon::virtio::Transport& transport) {
    const auto disk = tenon::virtio::Blk::probe(transport);
    return disk ? tenon::Result<>{} : tenon::fail(disk.error());
}
TENON_VIRTIO_DRIVER(VIRTIO_ID_BLOCK, virtio_blk);
