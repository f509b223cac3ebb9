// SPDX-License-Identifier: Apache-2.0
// The console as a file.
#include "userland/posix/console_file.h"

#include <sys/ioctl.h>

#include "kernel/console/console.h"
#include "kernel/console/console_device.h"
#include "userland/posix/status.h"

namespace tenon::posix {

constinit ConsoleFile detail::the_console_file;

Outcome<std::size_t> ConsoleFile::read(std::span<std::byte> buffer) {
    ConsoleDevice* device = console_device();
    if (nonblocking() && device != nullptr && !device->readable()) return fail_with(EAGAIN);
    return console_read({reinterpret_cast<char*>(buffer.data()), buffer.size()});
}

Outcome<std::size_t> ConsoleFile::write(std::span<const std::byte> data) {
    console_write({reinterpret_cast<const char*>(data.data()), data.size()});
    return data.size();
}

Outcome<> ConsoleFile::status(struct stat& status) {
    // As stat() of /dev/console, without device_directory.cpp: programs that open no file do not contain it.
    status = make_status(character_device, console_inode);
    status.st_rdev = console_number;
    return {};
}

Outcome<int> ConsoleFile::control(unsigned long request, void* argument) {
    if (request != TIOCGWINSZ) return fail_with(ENOTTY);
    // The size is unknown (0), for which programs assume 80 by 24.
    return give(argument, winsize{});
}

Outcome<> ConsoleFile::synchronise(bool /*data_only*/) {
    console_drain();
    return {};
}

short ConsoleFile::readiness() {
    ConsoleDevice* device = console_device();
    // Without a driver a read returns at once, with the end of the file.
    if (device == nullptr) return POLLIN | POLLOUT;
    device->notify_readable([](void*) { console_file().readiness_changed(); }, nullptr);
    return device->readable() ? POLLIN | POLLOUT : POLLOUT;
}

}  // namespace tenon::posix
