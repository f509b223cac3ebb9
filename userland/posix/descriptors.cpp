// SPDX-License-Identifier: Apache-2.0
// The descriptor table.
#include "userland/posix/descriptors.h"

#include <algorithm>
#include <array>
#include <bitset>

#include "kernel/trap/spin_lock.h"
#include "userland/posix/console_file.h"
#include "userland/posix/watches.h"

namespace tenon::posix {

class DescriptorTable {
public:
    Outcome<int> open(File& file, bool close_on_exec, int lowest) {
        if (lowest < 0 || lowest >= descriptor_limit) return fail_with(EINVAL);
        int fd = std::max(lowest, first_free_);
        while (fd < descriptor_limit && find(fd) != nullptr) ++fd;
        if (lowest <= first_free_) first_free_ = fd;
        if (fd == descriptor_limit) return fail_with(EMFILE);
        place(fd, file, close_on_exec);
        return fd;
    }

    void place(int fd, File& file, bool close_on_exec) {
        entry(fd) = &file;
        set_close_on_exec(fd, close_on_exec);
        file.descriptors_.fetch_add(1, std::memory_order_relaxed);
    }

    /// The file is the caller's then. Null if there is none.
    File* take(int fd) {
        File* file = find(fd);
        if (file == nullptr) return nullptr;
        entry(fd) = nullptr;
        first_free_ = std::min(first_free_, fd);
        return file;
    }

    File* find(int fd) { return fd < 0 || fd >= descriptor_limit ? nullptr : entry(fd); }
    static bool close_on_exec(int fd) { return zeros_.close_on_exec[static_cast<std::size_t>(fd)]; }
    static void set_close_on_exec(int fd, bool value) { zeros_.close_on_exec[static_cast<std::size_t>(fd)] = value; }

    /// The rest of closing a file that `take` returned, without the lock.
    static void put_down(File* file) {
        FileReference last(file);
        if (file->descriptors_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
        if (&forget_watches != nullptr) forget_watches(*file);
        file->closed();
    }
    static void hold(File& file) {
        FileReference::share(file).release();
        file.descriptors_.fetch_add(1, std::memory_order_relaxed);
    }

private:
    static constexpr int standard_count = 3;
    struct Zeros {
        std::bitset<descriptor_limit> close_on_exec;
        std::array<File*, descriptor_limit - standard_count> files;
    };
    File*& entry(int fd) {
        return fd < standard_count ? standard_[static_cast<std::size_t>(fd)]
                                   : zeros_.files[static_cast<std::size_t>(fd - standard_count)];
    }

    std::array<File*, standard_count> standard_ = {&console_file(), &console_file(), &console_file()};
    int first_free_ = standard_count;  // no smaller descriptor is free
    /// Separate from the other state, which does not begin as zeros: this takes no room in the image.
    static constinit Zeros zeros_;
};

constinit DescriptorTable::Zeros DescriptorTable::zeros_ = {};

namespace {
constinit Locked<DescriptorTable> table("descriptors");
}

Outcome<int> open_descriptor(FileReference file, bool close_on_exec, int lowest) {
    const auto fd = table.with([&](DescriptorTable& all) { return all.open(*file, close_on_exec, lowest); });
    if (fd) file.release();
    return fd;
}

Outcome<FileReference> file_of(int fd) {
    FileReference file = table.with([fd](DescriptorTable& all) {
        File* found = all.find(fd);
        return found != nullptr ? FileReference::share(*found) : FileReference();
    });
    if (!file) return fail_with(EBADF);
    return file;
}

Outcome<> close_descriptor(int fd) {
    File* file = table.with([fd](DescriptorTable& all) { return all.take(fd); });
    if (file == nullptr) return fail_with(EBADF);
    DescriptorTable::put_down(file);
    return {};
}

Outcome<int> replace_descriptor(int fd, int target, bool close_on_exec) {
    if (target < 0 || target >= descriptor_limit) return fail_with(EBADF);
    TRY(FileReference file, file_of(fd));
    if (fd == target) return target;
    File* old = table.with([&](DescriptorTable& all) {
        File* before = all.take(target);
        all.place(target, *file, close_on_exec);
        return before;
    });
    file.release();
    if (old != nullptr) DescriptorTable::put_down(old);
    return target;
}

void hold_open(File& file) { DescriptorTable::hold(file); }
void release_open(File& file) { DescriptorTable::put_down(&file); }

Outcome<bool> close_on_exec(int fd) {
    return table.with([fd](DescriptorTable& all) -> Outcome<bool> {
        if (all.find(fd) == nullptr) return fail_with(EBADF);
        return DescriptorTable::close_on_exec(fd);
    });
}

Outcome<> set_close_on_exec(int fd, bool value) {
    return table.with([=](DescriptorTable& all) -> Outcome<> {
        if (all.find(fd) == nullptr) return fail_with(EBADF);
        DescriptorTable::set_close_on_exec(fd, value);
        return {};
    });
}

}  // namespace tenon::posix
