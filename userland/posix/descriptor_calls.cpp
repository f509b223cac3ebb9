// SPDX-License-Identifier: Apache-2.0
// Calls about descriptors themselves: dup, fcntl, ioctl.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdarg>

#include "userland/posix/descriptors.h"
#include "userland/posix/record_locks.h"

namespace tenon::posix {

namespace {

Outcome<int> duplicate(int fd, int lowest, bool close_on_exec_too) {
    TRY(FileReference file, file_of(fd));
    return open_descriptor(std::move(file), close_on_exec_too, lowest);
}

/// The argument is an int, or a pointer to a lock.
Outcome<int> file_control(int fd, int command, void* pointer) {
    const int argument = static_cast<int>(reinterpret_cast<std::intptr_t>(pointer));
    switch (command) {
        case F_DUPFD: return duplicate(fd, argument, false);
        case F_DUPFD_CLOEXEC: return duplicate(fd, argument, true);
        case F_GETFD: {
            TRY(const bool set, close_on_exec(fd));
            return set ? FD_CLOEXEC : 0;
        }
        case F_SETFD: {
            CHECK(set_close_on_exec(fd, (argument & FD_CLOEXEC) != 0));
            return 0;
        }
        case F_GETFL: {
            TRY(FileReference file, file_of(fd));
            return file->flags();
        }
        case F_SETFL: {
            TRY(FileReference file, file_of(fd));
            file->set_flags(argument);
            return 0;
        }
        case F_GETLK:
        case F_SETLK:
        case F_SETLKW: {
            TRY(FileReference file, file_of(fd));
            return control_record_lock(*file, command, static_cast<struct flock*>(pointer));
        }
        case F_GETPIPE_SZ:
        case F_SETPIPE_SZ: {
            TRY(FileReference file, file_of(fd));
            if (file->kind() != File::Kind::pipe) return fail_with(EBADF);
            return file->control(static_cast<unsigned long>(command), pointer);
        }
        default: {
            TRY(FileReference file, file_of(fd));
            return fail_with(EINVAL);
        }
    }
}

Outcome<int> device_control(int fd, unsigned long request, void* argument) {
    TRY(FileReference file, file_of(fd));
    if (request == FIOCLEX || request == FIONCLEX) {
        CHECK(set_close_on_exec(fd, request == FIOCLEX));
        return 0;
    }
    if (request != FIONBIO) return file->control(request, argument);
    if (argument == nullptr) return fail_with(EFAULT);
    const int flags = file->flags();
    file->set_flags(*static_cast<const int*>(argument) != 0 ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
    return 0;
}

}  // namespace

extern "C" {

int dup(int fd) { return answer(duplicate(fd, 0, false)); }
int dup2(int fd, int target) { return answer(replace_descriptor(fd, target)); }

int dup3(int fd, int target, int flags) {
    if (fd == target || (flags & ~O_CLOEXEC) != 0) return answer<int>(fail_with(EINVAL));
    return answer(replace_descriptor(fd, target, (flags & O_CLOEXEC) != 0));
}

int fcntl(int fd, int command, ...) {
    // A command without an argument leaves this value unused; of an int its lower half counts.
    va_list arguments;
    va_start(arguments, command);
    void* const argument = va_arg(arguments, void*);
    va_end(arguments);
    return answer(file_control(fd, command, argument));
}

/// Newlib's takes every character device for a terminal.
int __wrap_isatty(int fd) {
    const auto file = file_of(fd);
    if (file && (*file)->is_terminal()) return 1;
    errno = file ? ENOTTY : file.error().code;
    return 0;
}

int ioctl(int fd, unsigned long request, ...) {
    va_list arguments;
    va_start(arguments, request);
    void* argument = va_arg(arguments, void*);
    va_end(arguments);
    return answer(device_control(fd, request, argument));
}

}  // extern "C"

}  // namespace tenon::posix
