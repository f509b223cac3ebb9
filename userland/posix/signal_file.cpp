// SPDX-License-Identifier: Apache-2.0
// signalfd: signals that threads read (signalfd(2)).
#include <sys/signalfd.h>

#include <cstring>

#include "kernel/sched/sync.h"
#include "userland/posix/blocking.h"
#include "userland/posix/descriptors.h"
#include "userland/posix/signals.h"
#include "userland/posix/status.h"

namespace tenon::posix {

namespace {

signalfd_siginfo to_record(const siginfo_t& signal) {
    signalfd_siginfo record = {};
    record.ssi_signo = static_cast<std::uint32_t>(signal.si_signo);
    record.ssi_code = signal.si_code;
    record.ssi_pid = static_cast<std::uint32_t>(signal.si_pid);
    record.ssi_uid = signal.si_uid;
    record.ssi_status = signal.si_status;
    record.ssi_int = signal.si_value.sival_int;
    record.ssi_ptr = reinterpret_cast<std::uintptr_t>(signal.si_value.sival_ptr);
    return record;
}

class SignalFile final : public File, public ListLink<> {
public:
    SignalFile(sigset_t set, int flags);

    Outcome<std::size_t> read(std::span<std::byte> buffer) override {
        if (buffer.size() < sizeof(signalfd_siginfo)) return fail_with(EINVAL);
        return block_for(changes_, 0, !nonblocking(), [&] { return take(buffer); });
    }
    Outcome<> status(struct stat& status) override {
        status = make_status(0600, inode_of_others);
        return {};
    }
    Outcome<> synchronise(bool /*data_only*/) override { return fail_with(EINVAL); }
    short readiness() override { return (signals::waiting_for_me() & set_.load()) != 0 ? POLLIN : 0; }
    void destroy() override;

    void set(sigset_t set) {
        set_.store(set);
        sent();
    }
    void sent() {
        changes_.signal();
        readiness_changed();
    }

private:
    /// As many as fit. Error: EAGAIN.
    Outcome<std::size_t> take(std::span<std::byte> buffer) {
        std::size_t size = 0;
        while (buffer.size() - size >= sizeof(signalfd_siginfo)) {
            const auto signal = signals::take(set_.load());
            if (!signal) break;
            const signalfd_siginfo record = to_record(*signal);
            std::memcpy(buffer.data() + size, &record, sizeof(record));
            size += sizeof(record);
        }
        if (size == 0) return fail_with(EAGAIN);
        return size;
    }

    Event changes_;
    std::atomic<sigset_t> set_;
};

constinit Mutex listing;
constinit IntrusiveList<SignalFile> signal_files;  // under `listing`

SignalFile::SignalFile(sigset_t set, int flags) : File(Kind::signals, O_RDWR | flags), set_(set) {
    listing.lock();
    signal_files.push_back(*this);
    listing.unlock();
}

void SignalFile::destroy() {
    listing.lock();
    signal_files.remove(*this);
    listing.unlock();
    delete this;
}

Outcome<int> open_signal_file(int fd, const sigset_t* mask, int flags) {
    if (mask == nullptr || (flags & ~(SFD_NONBLOCK | SFD_CLOEXEC)) != 0) return fail_with(EINVAL);
    const sigset_t set = *mask & ~signals::unblockable;
    signals::note_waited_for(set);
    if (fd != -1) {
        TRY(FileReference file, file_of(fd));
        if (file->kind() != File::Kind::signals) return fail_with(EINVAL);
        static_cast<SignalFile&>(*file).set(set);
        return fd;
    }
    FileReference file(new (std::nothrow) SignalFile(set, (flags & SFD_NONBLOCK) != 0 ? O_NONBLOCK : 0));
    if (!file) return fail_with(ENOMEM);
    return open_descriptor(std::move(file), (flags & SFD_CLOEXEC) != 0);
}

}  // namespace

void signal_files_changed() {
    listing.lock();
    signal_files.for_each([](SignalFile& file) { file.sent(); });
    listing.unlock();
}

extern "C" int signalfd(int fd, const sigset_t* mask, int flags) { return answer(open_signal_file(fd, mask, flags)); }

}  // namespace tenon::posix
