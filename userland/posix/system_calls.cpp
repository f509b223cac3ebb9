// SPDX-License-Identifier: Apache-2.0
// Information about the system.
#include <limits.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <tenon/version.h>
#include <unistd.h>

#include <cstring>
#include <string_view>

#include "kernel/entropy/random.h"
#include "kernel/mm/page_allocator.h"
#include "kernel/options/command_line.h"
#include "kernel/sched/thread.h"
#include "userland/posix/descriptors.h"
#include "userland/posix/timespec.h"

namespace tenon::posix {

namespace {

constexpr std::size_t largest_seed = 256;

std::string_view host_name() { return kernel_option("hostname").value_or("tenon"); }

template <std::size_t size>
void copy(char (&field)[size], std::string_view text) {
    const std::size_t length = text.size() < size ? text.size() : size - 1;
    std::memcpy(field, text.data(), length);
    field[length] = '\0';
}

Outcome<long> configuration(int name) {
    const auto pages = [](std::uint64_t bytes) { return static_cast<long>(bytes / page_size); };
    switch (name) {
        case _SC_PAGESIZE: return page_size;
        case _SC_NPROCESSORS_CONF:
        case _SC_NPROCESSORS_ONLN: return static_cast<long>(tenon::Cpu::count.load());
        case _SC_PHYS_PAGES: return pages(memory_statistics().total_bytes);
        case _SC_AVPHYS_PAGES: return pages(memory_statistics().free_bytes);
        case _SC_OPEN_MAX: return descriptor_limit;
        case _SC_CLK_TCK: return clock_ticks_per_second;
        case _SC_HOST_NAME_MAX: return 64;
        case _SC_THREAD_DESTRUCTOR_ITERATIONS: return PTHREAD_DESTRUCTOR_ITERATIONS;
        case _SC_THREAD_KEYS_MAX: return PTHREAD_KEYS_MAX;
        case _SC_THREAD_STACK_MIN: return smallest_stack_size;
        case _SC_NGROUPS_MAX: return NGROUPS_MAX;
        case _SC_IOV_MAX: return IOV_MAX;
        case _SC_ARG_MAX: return 4096;
        case _SC_VERSION:
        case _SC_THREADS:
        case _SC_TIMERS:
        case _SC_BARRIERS:
        case _SC_CLOCK_SELECTION:
        case _SC_READER_WRITER_LOCKS:
        case _SC_SPIN_LOCKS:
        case _SC_SEMAPHORES:
        case _SC_TIMEOUTS:
        case _SC_THREAD_SAFE_FUNCTIONS:
        case _SC_THREAD_ATTR_STACKSIZE:
        case _SC_FSYNC:
        case _SC_IPV6:
        case _SC_REALTIME_SIGNALS:
        case _SC_MONOTONIC_CLOCK: return _POSIX_VERSION;
        case _SC_JOB_CONTROL:
        case _SC_SAVED_IDS: return 1;
        case _SC_LINE_MAX: return 2048;
        case _SC_LOGIN_NAME_MAX: return 256;
        case _SC_TTY_NAME_MAX: return 32;
        case _SC_SEM_VALUE_MAX:
        case _SC_ATEXIT_MAX: return INT_MAX;
        // Without a limit of their own.
        case _SC_SYMLOOP_MAX:
        case _SC_TZNAME_MAX: return -1;
        case _SC_GETPW_R_SIZE_MAX:
        case _SC_GETGR_R_SIZE_MAX: return 1024;
        default: return fail_with(EINVAL);
    }
}

}  // namespace

extern "C" {

int uname(utsname* name) {
    copy(name->sysname, "Tenon");
    copy(name->nodename, host_name());
    copy(name->release, TENON_VERSION);
    copy(name->version, "#1");
    copy(name->machine, "x86_64");
    return 0;
}

int gethostname(char* name, size_t size) {
    const std::string_view host = host_name();
    if (size <= host.size()) return answer<int>(fail_with(ENAMETOOLONG));
    std::memcpy(name, host.data(), host.size());
    name[host.size()] = '\0';
    return 0;
}

long sysconf(int name) { return answer(configuration(name)); }
size_t confstr(int name, char* buffer, size_t size) {
    // There are no programs in files.
    constexpr std::string_view search_path = "/bin:/usr/bin";
    if (name != _CS_PATH) {
        errno = EINVAL;
        return 0;
    }
    if (buffer != nullptr && size != 0) {
        const std::size_t length = search_path.size() < size ? search_path.size() : size - 1;
        std::memcpy(buffer, search_path.data(), length);
        buffer[length] = '\0';
    }
    return search_path.size() + 1;
}

long gethostid() { return 0; }
int getpagesize() { return page_size; }
int getdtablesize() { return descriptor_limit; }

ssize_t getrandom(void* buffer, size_t size, unsigned int flags) {
    if ((flags & ~unsigned{GRND_NONBLOCK | GRND_RANDOM}) != 0) return answer<ssize_t>(fail_with(EINVAL));
    if ((flags & GRND_NONBLOCK) == 0) reseed_if_due();
    random_bytes({static_cast<std::byte*>(buffer), size});
    return static_cast<ssize_t>(size);
}

int getentropy(void* buffer, size_t size) {
    if (size > largest_seed) return answer<int>(fail_with(EIO));
    return getrandom(buffer, size, 0) < 0 ? -1 : 0;
}

}  // extern "C"

}  // namespace tenon::posix
