// SPDX-License-Identifier: Apache-2.0
// Pending signals, their actions, and delivery.
#include "userland/posix/signals.h"

#include <array>
#include <span>

#include "kernel/sched/sync.h"
#include "kernel/trap/panic.h"
#include "userland/posix/poller.h"
#include "userland/posix/termination.h"

namespace tenon::posix {

namespace signals {

namespace {

using pthread::Control;

constexpr std::size_t most_pending = 64;

struct Pending {
    siginfo_t signal;
    Control* target;  ///< null: whichever thread does not block it

    [[nodiscard]] bool is_for(const Control& thread) const { return target == nullptr || target == &thread; }
};

/// In order of arrival.
class PendingSignals {
public:
    /// A standard signal is pending once only; real-time signals are queued. False: there is no room.
    bool add(const siginfo_t& signal, Control* target) {
        if (signal.si_signo < SIGRTMIN)
            for (const Pending& each : all())
                if (each.signal.si_signo == signal.si_signo && each.target == target) return true;
        if (count_ == entries_.size()) return false;
        entries_[count_++] = {signal, target};
        return true;
    }
    [[nodiscard]] sigset_t numbers_for(const Control& thread) const {
        sigset_t set = 0;
        for (const Pending& each : all())
            if (each.is_for(thread)) set |= only(each.signal.si_signo);
        return set;
    }
    /// The lowest number first, as POSIX has it for real-time signals.
    std::optional<siginfo_t> take(const Control& thread, sigset_t set) {
        const sigset_t there = numbers_for(thread) & set;
        if (there == 0) return std::nullopt;
        const int number = __builtin_ctzl(there) + 1;
        for (std::size_t i = 0;; ++i) {
            if (entries_[i].signal.si_signo != number || !entries_[i].is_for(thread)) continue;
            const siginfo_t signal = entries_[i].signal;
            remove(i);
            return signal;
        }
    }
    template <typename Predicate>
    void remove_if(Predicate&& predicate) {
        for (std::size_t i = count_; i-- > 0;)
            if (predicate(entries_[i])) remove(i);
    }

private:
    [[nodiscard]] std::span<const Pending> all() const { return std::span(entries_).first(count_); }
    void remove(std::size_t index) {
        for (--count_; index < count_; ++index) entries_[index] = entries_[index + 1];
    }
    std::array<Pending, most_pending> entries_{};
    std::size_t count_ = 0;
};

constinit Mutex lock;
constinit PendingSignals waiting;                        // under `lock`
constinit std::array<struct sigaction, NSIG> actions{};  // under `lock`
constinit std::atomic<std::uint32_t> sent_so_far = 0;
constinit std::atomic<sigset_t> waited_for = 0;

struct HeldLock {
    HeldLock() { lock.lock(); }
    ~HeldLock() { lock.unlock(); }
    HeldLock(const HeldLock&) = delete;
    HeldLock& operator=(const HeldLock&) = delete;
};

/// The default action: ignore, or end the program. Signals that stop a program end it too, because nothing could
/// continue it.
bool ignored_by_default(int number) {
    return ((only(SIGCHLD) | only(SIGCONT) | only(SIGURG) | only(SIGWINCH)) & only(number)) != 0;
}

bool is_ignored(const struct sigaction& action, int number) {
    return action.sa_handler == SIG_IGN || (action.sa_handler == SIG_DFL && ignored_by_default(number));
}

sigset_t mask_of(const Control& thread) { return thread.blocked_signals.load(std::memory_order_relaxed); }

/// Ends the program; the signal is the reason for the machine's end.
void act(const struct sigaction& action, siginfo_t& signal) {
    const int number = signal.si_signo;
    if (action.sa_handler == SIG_DFL) panic("the program ended itself with signal %d", number);
    if ((action.sa_flags & SA_SIGINFO) != 0)
        action.sa_sigaction(number, &signal, nullptr);
    else
        action.sa_handler(number);
}

}  // namespace

sigset_t mask() { return mask_of(pthread::self()); }

void set_mask(sigset_t mask) {
    pthread::self().blocked_signals.store(mask & ~unblockable, std::memory_order_relaxed);
    deliver();
}

Outcome<> change_action(int number, const struct sigaction* action, struct sigaction* old) {
    if (!is_signal(number)) return fail_with(EINVAL);
    if (action != nullptr && (only(number) & unblockable) != 0) return fail_with(EINVAL);
    const HeldLock locked;
    struct sigaction& current = actions[static_cast<std::size_t>(number)];
    const struct sigaction before = current;
    if (action != nullptr) {
        current = *action;
        if (is_ignored(current, number))
            waiting.remove_if([=](const Pending& each) { return each.signal.si_signo == number; });
    }
    if (old != nullptr) *old = before;
    if (number == SIGTERM && action != nullptr && action->sa_handler != SIG_DFL) take_termination_as_signal();
    return {};
}

Outcome<> post(const siginfo_t& signal, Control* target) {
    const int number = signal.si_signo;
    {
        const HeldLock locked;
        // An ignored signal is dropped unless it is blocked: the program may set another action before it takes it.
        const bool blocked = (mask_of(target != nullptr ? *target : pthread::self()) & only(number)) != 0;
        if (!blocked && is_ignored(actions[static_cast<std::size_t>(number)], number)) return {};
        if (!waiting.add(signal, target)) return fail_with(EAGAIN);
    }
    sent_so_far.fetch_add(1);
    wake_address(sent_so_far, UINT32_MAX);
    Poller::wake_all();
    if (&wake_blocked_calls != nullptr) wake_blocked_calls();
    if (&wake_socket_calls != nullptr) wake_socket_calls();
    if (&signal_files_changed != nullptr) signal_files_changed();
    return {};
}

Outcome<> send(const siginfo_t& signal, Control* target) {
    CHECK(post(signal, target));
    deliver();
    return {};
}

bool is_waited_for(int number) { return (waited_for.load() & only(number)) != 0; }

void note_waited_for(sigset_t set) {
    waited_for.fetch_or(set);
    if ((set & only(SIGTERM)) != 0) take_termination_as_signal();
}

sigset_t pending() {
    Control& self = pthread::self();
    const HeldLock locked;
    return waiting.numbers_for(self) & mask_of(self);
}

sigset_t waiting_for_me() {
    Control& self = pthread::self();
    const HeldLock locked;
    return waiting.numbers_for(self);
}

std::optional<siginfo_t> take(sigset_t set) {
    Control& self = pthread::self();
    const HeldLock locked;
    return waiting.take(self, set);
}

Interruption deliver() {
    Control& self = pthread::self();
    Interruption result = Interruption::none;
    for (;;) {
        const sigset_t mask = mask_of(self);
        struct sigaction action;
        std::optional<siginfo_t> signal;
        {
            const HeldLock locked;
            signal = waiting.take(self, ~mask);
            if (!signal) return result;
            struct sigaction& current = actions[static_cast<std::size_t>(signal->si_signo)];
            action = current;
            if (is_ignored(action, signal->si_signo)) continue;
            if ((action.sa_flags & SA_RESETHAND) != 0) current.sa_handler = SIG_DFL;
        }
        const sigset_t itself = (action.sa_flags & SA_NODEFER) == 0 ? only(signal->si_signo) : 0;
        self.blocked_signals.store((mask | action.sa_mask | itself) & ~unblockable, std::memory_order_relaxed);
        act(action, *signal);
        self.blocked_signals.store(mask, std::memory_order_relaxed);
        if ((action.sa_flags & SA_RESTART) == 0)
            result = Interruption::interrupt;
        else if (result == Interruption::none)
            result = Interruption::restart;
    }
}

std::uint32_t sent() { return sent_so_far.load(); }

bool wait_for_another(std::uint32_t seen, Deadline deadline) {
    return wait_on_address(sent_so_far, seen, deadline) != WaitResult::timed_out;
}

}  // namespace signals

Interruption deliver_signals() { return signals::deliver(); }

bool sleep_unless_signalled(Deadline deadline) {
    for (;;) {
        const std::uint32_t seen = signals::sent();
        if (signals::deliver() != Interruption::none) return true;
        if (!signals::wait_for_another(seen, deadline)) return false;
    }
}

}  // namespace tenon::posix

void tenon::pthread::forget_signals_of(Control& thread) {
    using namespace posix::signals;
    const HeldLock locked;
    waiting.remove_if([&](const Pending& each) { return each.target == &thread; });
}
