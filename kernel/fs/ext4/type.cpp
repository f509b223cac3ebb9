// SPDX-License-Identifier: Apache-2.0
// ext4 for mount=: its options; writing behind, giving memory back, and the machine's end.
#include <new>

#include "kernel/base/init_step.h"
#include "kernel/base/number.h"
#include "kernel/console/console.h"
#include "kernel/entropy/random.h"
#include "kernel/fs/ext4/disk_store.h"
#include "kernel/fs/ext4/volume.h"
#include "kernel/fs/mount_options.h"
#include "kernel/lifecycle/power.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/page_allocator.h"
#include "kernel/reclaim/reclaim.h"
#include "kernel/sched/thread.h"

namespace tenon::ext4 {

namespace {

/// As Linux's commit=.
constexpr Nanoseconds write_back_period = 5'000'000'000;

/// Mounted ones; written on the boot thread only.
struct Mounted : ListLink<> {
    explicit Mounted(BlockDevice& device) : disk(device), store(device) {}
    BlockDevice& disk;
    DiskStore store;
    Volume* volume = nullptr;
};
constinit IntrusiveList<Mounted> all;

void write_back(void*) {
    for (;;) {
        Thread::sleep_until(monotonic_now() + write_back_period);
        all.for_each([](Mounted& mounted) { (void)mounted.volume->write_back(); });
    }
}

void stop_all(void*) {
    all.for_each([](Mounted& mounted) { (void)mounted.volume->stop(); });
}

std::uint64_t shrink(std::uint64_t wanted) {
    std::uint64_t freed = 0;
    all.for_each([&](Mounted& mounted) {
        if (freed < wanted) freed += mounted.volume->shrink(wanted - freed);
    });
    return freed;
}
TENON_SHRINKER(caches, shrink);

/// Whether a mount writes to the same disk, or to a partition of it that is the whole.
bool is_mounted(const BlockDevice& device) {
    return all.find([&](const Mounted& mounted) { return &mounted.disk == &device; }) != nullptr;
}

Outcome<BlockDevice*> find_disk(std::string_view name) {
    BlockDevice* device = find_block_device(name.data(), name.size());
    if (device == nullptr) {
        warn("ext4: there is no disk %.*s", static_cast<int>(name.size()), name.data());
        return fail_with(ENODEV);
    }
    if (is_mounted(*device)) {
        warn("ext4: %s is mounted already", device->name());
        return fail_with(EBUSY);
    }
    return device;
}

Outcome<> begin_service() {
    static bool has_begun = false;
    if (has_begun) return {};
    const Thread::Options options{.name = "ext4", .stack_size = 64 * 1024, .detached = true};
    if (!Thread::create(options, write_back, nullptr)) return fail_with(ENOMEM);
    add_shutdown_hook(stop_all, nullptr);
    has_begun = true;
    return {};
}

Outcome<FileSystem*> make(std::string_view text) {
    // A quarter of the memory for files' contents.
    Options options{.cache_size = memory_statistics().total_bytes / 4};
    random_bytes(std::as_writable_bytes(std::span(&options.seed, 1)));
    std::string_view disk;
    for (std::string_view key, value; take_option(text, key, value);) {
        if (key == "disk")
            disk = value;
        else if (key == "ro" && value.empty())
            options.read_only = true;
        else if (key == "errors" && value == "remount-ro")
            options.on_error = OnError::read_only;
        else if (key == "errors" && value == "panic")
            options.on_error = OnError::panic;
        else
            return fail_with(EINVAL);
    }
    if (disk.empty()) return fail_with(EINVAL);
    TRY(BlockDevice * device, find_disk(disk));
    void* memory = heap_allocate(sizeof(Mounted));
    if (memory == nullptr) return fail_with(ENOMEM);
    auto* mounted = new (memory) Mounted(*device);
    auto volume = mount(mounted->store, options);
    if (volume) {
        mounted->volume = *volume;
        if (auto begun = begin_service(); !begun) {
            (void)unmount(**volume);
            volume = std::unexpected(begun.error());
        }
    }
    if (!volume) {
        heap_free(memory);
        return fail_with(volume.error().code == EINVAL ? EIO : volume.error().code);
    }
    all.push_back(*mounted);
    return &as_file_system(**volume);
}

void register_ext4() {
    static FileSystemType type("ext4", make, {});
    register_file_system_type(type);
}

TENON_INIT_STEP(drivers, register_ext4);

}  // namespace

}  // namespace tenon::ext4
