// SPDX-License-Identifier: Apache-2.0
// lwIP's operating system layer, on the kernel's threads and locks (lwip/sys.h specifies each function).
#include <algorithm>
#include <bit>
#include <new>

#include "kernel/console/console.h"
#include "kernel/entropy/random.h"
#include "kernel/mm/heap.h"
#include "kernel/net/mailbox.h"
#include "kernel/sched/sync.h"
#include "kernel/sched/thread.h"
#include "kernel/trap/panic.h"
#include "lwip/sys.h"

struct tenon_net_semaphore {
    tenon::Semaphore semaphore{0};
};
struct tenon_net_mutex {
    tenon::Mutex mutex;
};
struct tenon_net_mailbox {
    tenon::net::Mailbox mailbox;
};

namespace {

using tenon::monotonic_now;
using tenon::Nanoseconds;

constexpr Nanoseconds millisecond = 1'000'000;

/// In lwIP a timeout of 0 means no timeout.
Nanoseconds deadline_after(u32_t timeout) {
    return timeout == 0 ? tenon::no_deadline : monotonic_now() + timeout * millisecond;
}

/// lwIP's critical sections nest. With one vCPU, masking interrupts is enough; among several the lock excludes, which
/// the outermost section takes. Interrupts are masked in it, so its owner is a vCPU.
constexpr std::uint32_t nobody = ~0U;
constinit tenon::SpinLock protection{"lwIP"};
constinit std::atomic<std::uint32_t> protection_owner = nobody;
constinit unsigned protection_depth = 0;

}  // namespace

extern "C" {

void sys_init(void) {}

u32_t sys_now(void) { return static_cast<u32_t>(monotonic_now() / millisecond); }
u32_t sys_jiffies(void) { return sys_now(); }

sys_prot_t sys_arch_protect(void) {
    const bool was_masked = tenon::interrupts::masked();
    tenon::interrupts::mask();
    if (tenon::Cpu::several())
        if (const std::uint32_t vcpu = tenon::Cpu::current().index;
            protection_owner.load(std::memory_order_relaxed) != vcpu) {
            protection.acquire();
            protection_owner.store(vcpu, std::memory_order_relaxed);
        }
    ++protection_depth;
    return was_masked ? 1 : 0;
}
void sys_arch_unprotect(sys_prot_t was_masked) {
    if (--protection_depth == 0 && protection_owner.load(std::memory_order_relaxed) != nobody) {
        protection_owner.store(nobody, std::memory_order_relaxed);
        protection.release();
    }
    if (was_masked == 0) tenon::interrupts::unmask();
}

err_t sys_sem_new(sys_sem_t* semaphore, u8_t count) {
    *semaphore = new (std::nothrow) tenon_net_semaphore;
    if (*semaphore == nullptr) return ERR_MEM;
    for (; count > 0; --count) (*semaphore)->semaphore.post();
    return ERR_OK;
}
void sys_sem_free(sys_sem_t* semaphore) { delete *semaphore; }
void sys_sem_signal(sys_sem_t* semaphore) { (*semaphore)->semaphore.post(); }
u32_t sys_arch_sem_wait(sys_sem_t* semaphore, u32_t timeout) {
    const tenon::WaitResult result = (*semaphore)->semaphore.wait(deadline_after(timeout));
    return result == tenon::WaitResult::timed_out ? SYS_ARCH_TIMEOUT : 0;
}

err_t sys_mutex_new(sys_mutex_t* mutex) {
    *mutex = new (std::nothrow) tenon_net_mutex{};
    return *mutex == nullptr ? ERR_MEM : ERR_OK;
}
void sys_mutex_free(sys_mutex_t* mutex) { delete *mutex; }
void sys_mutex_lock(sys_mutex_t* mutex) { (*mutex)->mutex.lock(); }
void sys_mutex_unlock(sys_mutex_t* mutex) { (*mutex)->mutex.unlock(); }

err_t sys_mbox_new(sys_mbox_t* mailbox, int size) {
    auto* made = new (std::nothrow) tenon_net_mailbox{};
    if (made != nullptr && !made->mailbox.allocate(std::bit_ceil(static_cast<std::uint32_t>(std::max(size, 1))))) {
        delete made;
        made = nullptr;
    }
    *mailbox = made;
    return made == nullptr ? ERR_MEM : ERR_OK;
}
void sys_mbox_free(sys_mbox_t* mailbox) { delete *mailbox; }
void sys_mbox_post(sys_mbox_t* mailbox, void* message) { (*mailbox)->mailbox.post(message); }
err_t sys_mbox_trypost(sys_mbox_t* mailbox, void* message) {
    return (*mailbox)->mailbox.try_post(message) ? ERR_OK : ERR_MEM;
}
err_t sys_mbox_trypost_fromisr(sys_mbox_t* mailbox, void* message) { return sys_mbox_trypost(mailbox, message); }
u32_t sys_arch_mbox_fetch(sys_mbox_t* mailbox, void** message, u32_t timeout) {
    void* fetched = nullptr;
    const tenon::WaitResult result = (*mailbox)->mailbox.fetch(fetched, deadline_after(timeout));
    if (message != nullptr) *message = result == tenon::WaitResult::woken ? fetched : nullptr;
    return result == tenon::WaitResult::woken ? 0 : SYS_ARCH_TIMEOUT;
}
u32_t sys_arch_mbox_tryfetch(sys_mbox_t* mailbox, void** message) {
    void* fetched = nullptr;
    if (!(*mailbox)->mailbox.try_fetch(fetched)) return SYS_MBOX_EMPTY;
    if (message != nullptr) *message = fetched;
    return 0;
}

sys_thread_t sys_thread_new(const char* name, lwip_thread_fn function, void* argument, int stack_size, int) {
    const tenon::Thread::Options options{.name = name,
                                         .priority = tenon::Priority::network,
                                         .stack_size = static_cast<std::size_t>(stack_size),
                                         .detached = true};
    const auto thread = tenon::Thread::create(options, function, argument);
    if (!thread) tenon::panic("no memory for the network's thread (give the machine more)");
    return *thread;
}

void* tenon_net_allocate(size_t size) { return tenon::dma_allocate(size); }
void* tenon_net_allocate_zeroed(size_t count, size_t size) {
    void* memory = tenon::dma_allocate(count * size);
    if (memory != nullptr) std::fill_n(static_cast<char*>(memory), count * size, char{0});
    return memory;
}
void tenon_net_free(void* memory) { tenon::dma_free(memory); }

uint32_t tenon_net_random(void) {
    uint32_t value = 0;
    tenon::random_bytes(std::as_writable_bytes(std::span(&value, 1)));
    return value;
}

void tenon_net_assertion_failed(const char* message, const char* file, int line) {
    tenon::panic("lwIP: %s (%s:%d)", message, file, line);
}

}  // extern "C"
