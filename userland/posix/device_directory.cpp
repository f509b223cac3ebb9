// SPDX-License-Identifier: Apache-2.0
// /dev.
#include "userland/posix/device_directory.h"

#include <new>

#include "kernel/fs/archive.h"
#include "userland/posix/block_file.h"
#include "userland/posix/console_file.h"
#include "userland/posix/device_file.h"
#include "userland/posix/status.h"

namespace tenon::posix {

namespace {

class DeviceFileSystem final : public FileSystem {
public:
    constexpr DeviceFileSystem() : FileSystem("devices", devices_number, true) {}
    Inode& root() override;
    FileSystemStatistics statistics() override {
        return {.block_size = 4096, .blocks = 0, .free_blocks = 0, .inodes = 0, .free_inodes = 0};
    }
};
constinit DeviceFileSystem device_files;

class DeviceInode : public Inode {
public:
    constexpr DeviceInode(const char* name, DeviceKind kind, ino_t number, dev_t device)
        : Inode(device_files, number, S_IFCHR), name_(name), kind_(kind), device_(device) {}
    Outcome<> status(struct stat& status) override {
        status = make_status(character_device, number());
        status.st_rdev = device_;
        return {};
    }
    [[nodiscard]] std::string_view name() const { return name_; }
    [[nodiscard]] DeviceKind kind() const { return kind_; }

private:
    const char* name_;
    DeviceKind kind_;
    dev_t device_;
};

constinit DeviceInode devices[] = {
    {"console", DeviceKind::console, console_inode, console_number},
    {"null", DeviceKind::null, first_device_inode + 1, device_number(1, 3)},
    {"random", DeviceKind::random, first_device_inode + 2, device_number(1, 8)},
    {"tty", DeviceKind::console, first_device_inode + 3, device_number(5, 0)},
    {"urandom", DeviceKind::random, first_device_inode + 4, device_number(1, 9)},
    {"zero", DeviceKind::zero, first_device_inode + 5, device_number(1, 5)},
};

/// Made at each look-up: disks come and stay, and nobody compares their inodes.
class DiskInode final : public Inode {
public:
    explicit DiskInode(BlockDevice& disk) : Inode(device_files, inode_of_others, S_IFBLK), disk_(disk) {}
    Outcome<> status(struct stat& status) override {
        status = make_status(S_IFBLK | (disk_.read_only() ? 0440 : 0660), number());
        return {};
    }
    [[nodiscard]] BlockDevice& disk() const { return disk_; }
    static void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return heap_allocate(size); }
    static void operator delete(void* object) { heap_free(object); }

private:
    void unreferenced() override { delete this; }
    BlockDevice& disk_;
};

class DeviceDirectory final : public Inode {
public:
    constexpr DeviceDirectory() : Inode(device_files, 1, S_IFDIR) {}
    Outcome<> status(struct stat& status) override {
        status = make_status(S_IFDIR | 0555, number());
        return {};
    }
    Outcome<InodeReference> parent() override { return InodeReference::share(*this); }
    Outcome<InodeReference> look_up(std::string_view name) override;
    Outcome<bool> read_entry(std::uint64_t& cookie, DirectoryEntry& entry) override;
};
constinit DeviceDirectory directory;

Inode& DeviceFileSystem::root() { return directory; }

Outcome<InodeReference> DeviceDirectory::look_up(std::string_view name) {
    for (DeviceInode& device : devices)
        if (device.name() == name) return InodeReference::share(device);
    BlockDevice* disk = find_block_device(name.data(), name.size());
    if (disk == nullptr) return fail_with(ENOENT);
    auto* inode = new (std::nothrow) DiskInode(*disk);
    if (inode == nullptr) return fail_with(ENOMEM);
    return InodeReference(inode);
}

Outcome<bool> DeviceDirectory::read_entry(std::uint64_t& cookie, DirectoryEntry& entry) {
    if (cookie < std::size(devices)) {
        const DeviceInode& device = devices[cookie++];
        entry.inode = device.number();
        entry.type = device.type();
        entry.set_name(device.name());
        return true;
    }
    const BlockDevice* disk = nullptr;
    std::uint64_t place = std::size(devices);
    for_each_block_device([&](const BlockDevice& each) {
        if (place++ == cookie) disk = &each;
    });
    if (disk == nullptr) return false;
    ++cookie;
    entry.inode = inode_of_others;
    entry.type = S_IFBLK;
    entry.set_name(disk->name());
    return true;
}

}  // namespace

void mount_devices() {
    static constinit std::atomic<bool> is_mounted = false;
    if (is_mounted.load(std::memory_order_acquire)) return;
    if (auto place = archive_file_system().root().look_up("dev"); place)
        (void)device_files.mount_on(std::move(*place), "/dev");
    is_mounted.store(true, std::memory_order_release);
}

File* open_device(Inode& device, int flags) {
    if (device.type() == S_IFBLK) return open_disk(static_cast<DiskInode&>(device).disk(), flags);
    auto& inode = static_cast<DeviceInode&>(device);
    if (inode.kind() == DeviceKind::console) return FileReference::share(console_file()).release();
    return new (std::nothrow) DeviceFile(inode, inode.kind(), flags);
}

}  // namespace tenon::posix
