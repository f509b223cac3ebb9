// SPDX-License-Identifier: Apache-2.0
// The stub that becomes the guest process: it maps the guest, locks itself down and jumps. Freestanding.
#include <asm/errno.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/landlock.h>
#include <linux/personality.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/time.h>

#include <initializer_list>

#include "hv/accel/pv/stub/leave.h"
#include "hv/accel/pv/stub/protocol.h"
#include "hv/accel/pv/stub/syscall.h"

extern "C" char stub_end[];

// The compiler calls these for copies and initialisers.
extern "C" void* memset(void* target, int value, std::size_t size) {
    void* cursor = target;
    asm volatile("rep stosb" : "+D"(cursor), "+c"(size) : "a"(value) : "memory");
    return target;
}
extern "C" void* memcpy(void* target, const void* source, std::size_t size) {
    void* cursor = target;
    asm volatile("rep movsb" : "+D"(cursor), "+S"(source), "+c"(size) : : "memory");
    return target;
}

namespace hv::pv {
namespace {

constexpr std::uint64_t page = tenon::abi::page_size;
constexpr std::uint64_t task_end = 0x7fff'ffff'f000;

[[noreturn]] void fail(StubStep step, std::int64_t result) {
    const StubReport report{step, static_cast<std::int32_t>(-result)};
    system_call(__NR_write, stub_socket, &report, sizeof report);
    system_call(__NR_exit_group, lockdown_failed);
    __builtin_trap();
}

std::int64_t check(StubStep step, std::int64_t result) {
    if (result < 0) fail(step, result);
    return result;
}

/// Copies bytes of the image to anonymous memory; bytes beyond the end of the file stay zero.
void copy_from_image(const StubMapping& mapping) {
    for (std::uint64_t done = 0; done < mapping.size;) {
        const std::int64_t size = check(StubStep::map, system_call(__NR_pread64, stub_image, mapping.address + done,
                                                                   mapping.size - done, mapping.offset + done));
        if (size == 0) break;
        done += static_cast<std::uint64_t>(size);
    }
    check(StubStep::map, system_call(__NR_mprotect, mapping.address, mapping.size, mapping.protection));
}

void map_anonymous(const StubMapping& mapping, std::uint32_t memory_flags) {
    const bool copied = mapping.source == StubSource::image;
    const std::uint32_t protection = copied ? PROT_READ | PROT_WRITE : mapping.protection;
    check(StubStep::map, system_call(__NR_mmap, mapping.address, mapping.size, protection,
                                     MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    if (copied) return copy_from_image(mapping);
    if ((protection & PROT_WRITE) == 0) return;
    if ((memory_flags & stub_memory::mergeable) != 0)
        check(StubStep::merge, system_call(__NR_madvise, mapping.address, mapping.size, MADV_MERGEABLE));
    // Written, not only read: pages that were only read would all be the host's one zero page.
    if ((memory_flags & stub_memory::own) != 0)
        check(StubStep::map, system_call(__NR_madvise, mapping.address, mapping.size, MADV_POPULATE_WRITE));
}

void map(const StubMapping& mapping, std::uint32_t memory_flags) {
    const bool copied = mapping.source == StubSource::image && (memory_flags & stub_memory::own) != 0;
    if (mapping.source == StubSource::anonymous || copied) return map_anonymous(mapping, memory_flags);
    std::uint32_t flags = MAP_FIXED;
    int fd = -1;
    switch (mapping.source) {
        case StubSource::anonymous: break;
        case StubSource::image: flags |= MAP_PRIVATE, fd = stub_image; break;
        case StubSource::zone_writable: flags |= MAP_SHARED, fd = stub_zone_writable; break;
        case StubSource::zone_read_only: flags |= MAP_SHARED, fd = stub_zone_read_only; break;
    }
    check(StubStep::map,
          system_call(__NR_mmap, mapping.address, mapping.size, mapping.protection, flags, fd, mapping.offset));
}

void map_guest(const StubSetup& setup) {
    // Without huge pages: a guest's first write to 4 KiB would cost 2 MiB.
    check(StubStep::map, system_call(__NR_prctl, PR_SET_THP_DISABLE, 1, 0, 0, 0));
    for (std::uint32_t i = 0; i < setup.mapping_count; ++i) map(setup.mappings[i], setup.memory_flags);
    for (std::uint32_t i = 0; i < setup.zero_count; ++i)
        memset(reinterpret_cast<void*>(setup.zeros[i].address), 0, setup.zeros[i].size);
}

/// The kernel's own structure; the C library's differs.
struct KernelSigaction {
    std::uint64_t handler;
    std::uint64_t flags;
    std::uint64_t restorer;
    std::uint64_t mask;
};

void set_up_signals(const StubSetup& setup) {
    // The kernel insists on a restorer, which is never used: the handler does not return.
    const KernelSigaction action{setup.trap_entry, SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTORER, 0, 0};
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGUSR1, SIGUSR2})
        check(StubStep::signals, system_call(__NR_rt_sigaction, signal, &action, 0, sizeof action.mask));
    // exec keeps the signal mask of hv, which blocks the signals that it reads from a descriptor.
    const std::uint64_t none = 0;
    check(StubStep::signals, system_call(__NR_rt_sigprocmask, SIG_SETMASK, &none, 0, sizeof none));
}

/// Signal SIGUSR2 to the thread `thread` when the vCPU's timer expires.
void make_timer(std::uint32_t vcpu, int thread) {
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGUSR2;
    event._sigev_un._tid = thread;
    int timer = -1;
    check(StubStep::timer, system_call(__NR_timer_create, CLOCK_MONOTONIC, &event, &timer));
    // The filter and the guest assume that timer ids of a new process start at 0.
    if (timer != static_cast<int>(vcpu)) fail(StubStep::timer, -1);
}

stack_t alternate_stack(const StubSetup& setup, std::uint32_t vcpu) {
    stack_t stack{};
    stack.ss_sp = reinterpret_cast<void*>(setup.stacks + vcpu * setup.stack_stride + setup.stack_guard);
    stack.ss_size = setup.stack_stride - setup.stack_guard;
    return stack;
}

void set_up_first_vcpu(const StubSetup& setup) {
    const stack_t stack = alternate_stack(setup, 0);
    check(StubStep::signals, system_call(__NR_sigaltstack, &stack, 0));
    make_timer(0, static_cast<int>(system_call(__NR_gettid)));
    // With the default slack of 50 us every futex timeout would be that late. Threads inherit it.
    check(StubStep::timer, system_call(__NR_prctl, PR_SET_TIMERSLACK, 1, 0, 0, 0));
}

/// The threads of all other vCPUs: the filter allows none later. After drop_privileges(), whose effect they inherit.
void make_other_vcpus(const StubSetup& setup, LeaveRecord& record) {
    constexpr std::uint64_t flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
    record.unparked = setup.vcpu_count - 1;
    for (std::uint32_t vcpu = 1; vcpu < setup.vcpu_count; ++vcpu) {
        record.stacks[vcpu] = alternate_stack(setup, vcpu);
        const std::int64_t thread =
            check(StubStep::threads, make_vcpu_thread(flags, &record, vcpu, &record.stacks[vcpu]));
        // The filter and the guest assume that ids of a new PID namespace start at 1.
        if (thread != static_cast<std::int64_t>(vcpu) + 1) fail(StubStep::threads, -EAGAIN);
        make_timer(vcpu, static_cast<int>(thread));
    }
    // The filter forbids what they do until they wait.
    while (__atomic_load_n(&record.unparked, __ATOMIC_ACQUIRE) != 0) system_call(__NR_sched_yield);
}

void set_limits(const StubSetup& setup) {
    const auto limit = [](int resource, std::uint64_t value) {
        const rlimit64 limits{value, value};
        check(StubStep::limits, system_call(__NR_prlimit64, 0, resource, &limits, 0));
    };
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_MEMLOCK, 0);
    limit(RLIMIT_NOFILE, first_doorbell + setup.doorbell_count);
}

/// A second layer under the filter: forbids opening any file. Skipped where the kernel has no Landlock or a container's
/// policy forbids it; the filter alone then holds the guest.
void forbid_files() {
    landlock_ruleset_attr rules{};
    rules.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;  // all rights of Landlock's first version
    const std::int64_t ruleset = system_call(__NR_landlock_create_ruleset, &rules, sizeof rules.handled_access_fs, 0);
    if (ruleset == -ENOSYS || ruleset == -EOPNOTSUPP || ruleset == -EPERM) return;
    check(StubStep::privileges, ruleset);
    check(StubStep::privileges, system_call(__NR_landlock_restrict_self, ruleset, 0));
    check(StubStep::privileges, system_call(__NR_close, ruleset));
}

void drop_privileges(const StubSetup& setup) {
    check(StubStep::privileges, system_call(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    check(StubStep::privileges, system_call(__NR_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0));
    // Flush branch predictors between the guest and other processes. Fails on processors that do not need it.
    system_call(__NR_prctl, PR_SET_SPECULATION_CTRL, PR_SPEC_INDIRECT_BRANCH, PR_SPEC_FORCE_DISABLE, 0, 0);
    check(StubStep::privileges, system_call(__NR_close_range, first_doorbell + setup.doorbell_count, ~0U, 0));
    check(StubStep::privileges, system_call(__NR_close_range, stub_zone_writable, stub_image, 0));
    // After closing descriptors, because it needs one for a moment, and the limit leaves no other.
    forbid_files();
}

/// The last steps, after which the stub has no stack and no socket.
void prepare_leaving(const StubSetup& setup, LeaveRecord& record) {
    record.go_word = setup.go_word;
    record.go_stride = setup.go_stride;
    record.entry = setup.entry;
    record.start_info = setup.start_info;
    build_filter(record.filter, {.first_doorbell = first_doorbell,
                                 .doorbell_count = setup.doorbell_count,
                                 .vcpu_count = setup.vcpu_count,
                                 .futex_begin = setup.futex_begin,
                                 .futex_end = setup.futex_end,
                                 .segment_bases_by_call = setup.segment_bases_by_call != 0});
    record.program = {record.filter.length, record.filter.code};

    const auto add = [&record](int number, auto... arguments) {
        record.calls[record.count++] = {static_cast<std::uint64_t>(number), {system_call_word(arguments)...}, 0};
    };
    const auto unmap = [&add](std::uint64_t begin, std::uint64_t end) { add(__NR_munmap, begin, end - begin); };
    const auto text_end = (reinterpret_cast<std::uint64_t>(stub_end) + page - 1) & ~(page - 1);
    add(__NR_close, stub_socket);
    unmap(0, setup.guest_begin);
    unmap(setup.guest_end, stub_base);
    unmap(text_end, stub_state);
    unmap(stub_state + page, task_end);  // stack, vdso, vvar
    add(__NR_mprotect, stub_state, page, PROT_READ);
    // Without FLAG_SPEC_ALLOW older kernels also disable speculative store bypass, which slows the guest down. It would
    // protect parts of one process from each other, and all of this process is the guest's.
    add(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW,
        &record.program);
}

LeaveRecord& map_state() {
    check(StubStep::map, system_call(__NR_mmap, stub_state, page, PROT_READ | PROT_WRITE,
                                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    return *reinterpret_cast<LeaveRecord*>(stub_state);
}

}  // namespace

extern "C" [[noreturn]] void stub_main() {
    // Dies with the thread of hv that made this process. If hv is dead already, the report below finds the socket
    // closed.
    check(StubStep::receive, system_call(__NR_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0));
    static constexpr char name[] = "tenon-guest";
    system_call(__NR_prctl, PR_SET_NAME, name, 0, 0, 0);
    StubSetup setup;
    if (check(StubStep::receive, system_call(__NR_read, stub_socket, &setup, sizeof setup)) != sizeof setup)
        fail(StubStep::receive, -1);

    // Clears READ_IMPLIES_EXEC, which would make readable memory executable.
    check(StubStep::personality, system_call(__NR_personality, PER_LINUX));
    map_guest(setup);
    set_up_signals(setup);
    set_up_first_vcpu(setup);
    set_limits(setup);
    drop_privileges(setup);
    LeaveRecord& record = map_state();
    prepare_leaving(setup, record);
    make_other_vcpus(setup, record);

    const StubReport ready{StubStep::ready, 0};
    if (system_call(__NR_write, stub_socket, &ready, sizeof ready) != sizeof ready)
        system_call(__NR_exit_group, lockdown_failed);
    leave_stub(&record);
}

}  // namespace hv::pv
