// SPDX-License-Identifier: Apache-2.0
// The disks' io_uring, by liburing.
#include "hv/devices/blk/io_ring.h"

#include <fmt/format.h>
#include <linux/falloc.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace hv {

namespace {

constexpr std::uint8_t needed_operations[] = {IORING_OP_READ,   IORING_OP_READV, IORING_OP_WRITE,
                                              IORING_OP_WRITEV, IORING_OP_FSYNC, IORING_OP_FALLOCATE};

Result<> check(int result, const char* what) {
    if (result >= 0) return {};
    return fail(ErrorKind::host_lacks, fmt::format("{}: {}", what, std::strerror(-result)));
}

}  // namespace

/// The engine of one file on the ring. A completion's user data holds the file's index and the tag.
class IoRing::Engine final : public IoEngine {
public:
    Engine(IoRing& ring, std::uint32_t file) : ring_(ring), file_(file) {}
    ~Engine() override {
        wait();
        ring_.engines_[file_] = nullptr;
    }

    void queue(std::uint32_t tag, const IoOperation& operation) override {
        io_uring_sqe* entry = ring_.next_entry();
        prepare(*entry, operation);
        io_uring_sqe_set_flags(entry, IOSQE_FIXED_FILE);
        io_uring_sqe_set_data64(entry, static_cast<std::uint64_t>(file_) << 32 | tag);
        ++under_way_;
    }

    bool submit() override {
        const bool taken = ring_.submit();
        ring_.deliver();
        announce_ = false;
        ring_.announce(this);
        return taken;
    }

    void wait() override {
        while (under_way_ != 0) {
            // The result does not matter: the loop checks again, and the kernel finishes what it has started.
            (void)io_uring_submit_and_wait(&ring_.ring_, 1);
            ring_.deliver();
        }
        announce_ = false;
        ring_.announce(this);
    }

    void complete(std::uint32_t tag, std::int32_t result) {
        --under_way_;
        announce_ = true;
        listener_->io_completed(tag, result);
    }
    void announce() {
        if (!std::exchange(announce_, false)) return;
        listener_->io_batch_completed();
    }

private:
    void prepare(io_uring_sqe& entry, const IoOperation& operation) const {
        const auto file = static_cast<int>(file_);
        const iovec* parts = operation.parts.data();
        const auto count = static_cast<unsigned>(operation.parts.size());
        switch (operation.kind) {
            case IoOperation::Kind::read:
                // The usual case: without a list of parts, which the kernel would have to copy.
                if (count == 1)
                    io_uring_prep_read(&entry, file, parts->iov_base, static_cast<unsigned>(parts->iov_len),
                                       operation.offset);
                else
                    io_uring_prep_readv(&entry, file, parts, count, operation.offset);
                return;
            case IoOperation::Kind::write:
            case IoOperation::Kind::write_through:
                if (count == 1)
                    io_uring_prep_write(&entry, file, parts->iov_base, static_cast<unsigned>(parts->iov_len),
                                        operation.offset);
                else
                    io_uring_prep_writev(&entry, file, parts, count, operation.offset);
                if (operation.kind == IoOperation::Kind::write_through) entry.rw_flags = RWF_DSYNC;
                return;
            case IoOperation::Kind::flush: return io_uring_prep_fsync(&entry, file, IORING_FSYNC_DATASYNC);
            case IoOperation::Kind::punch_hole:
            case IoOperation::Kind::zero_range: {
                const int mode =
                    operation.kind == IoOperation::Kind::punch_hole ? FALLOC_FL_PUNCH_HOLE : FALLOC_FL_ZERO_RANGE;
                return io_uring_prep_fallocate(&entry, file, mode | FALLOC_FL_KEEP_SIZE,
                                               static_cast<off_t>(operation.offset),
                                               static_cast<off_t>(operation.size));
            }
        }
    }

    IoRing& ring_;
    std::uint32_t file_;
    std::uint32_t under_way_ = 0;  ///< including queued operations
    bool announce_ = false;        ///< has completions that io_batch_completed() has not announced yet
};

Result<std::unique_ptr<IoRing>> IoRing::create(EventLoop& loop, std::span<const int> files) {
    std::unique_ptr<IoRing> ring(new IoRing(loop));
    CHECK(ring->set_up(files));
    return ring;
}

Result<> IoRing::set_up(std::span<const int> files) {
    io_uring_params params{};
    // COOP_TASKRUN: completions do not interrupt this thread while it runs, but wake it from the loop's wait.
    // (DEFER_TASKRUN would be cheaper still, but does not make the ring's descriptor readable.) The completion queue
    // has room for all operations that can be in flight, and never overflows.
    params.flags =
        IORING_SETUP_R_DISABLED | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN | IORING_SETUP_CQSIZE;
    params.cq_entries = depth * static_cast<std::uint32_t>(files.size());
    CHECK(check(io_uring_queue_init_params(depth, &ring_, &params), "io_uring_setup"));
    made_ = true;
    CHECK(
        check(io_uring_register_files(&ring_, files.data(), static_cast<unsigned>(files.size())), "registering files"));

    std::array<io_uring_restriction, std::size(needed_operations) + 2> allowed{};
    for (std::size_t i = 0; i < std::size(needed_operations); ++i) {
        allowed[i].opcode = IORING_RESTRICTION_SQE_OP;
        allowed[i].sqe_op = needed_operations[i];
    }
    io_uring_restriction* flags = &allowed[std::size(needed_operations)];
    flags[0].opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED;
    flags[0].sqe_flags = IOSQE_FIXED_FILE;
    flags[1].opcode = IORING_RESTRICTION_SQE_FLAGS_REQUIRED;
    flags[1].sqe_flags = IOSQE_FIXED_FILE;
    CHECK(check(io_uring_register_restrictions(&ring_, allowed.data(), allowed.size()), "restricting a ring"));
    CHECK(check(io_uring_enable_rings(&ring_), "enabling a ring"));
    engines_.resize(files.size());
    return loop_.watch(fd(), EPOLLIN, [this](std::uint32_t) { on_event(); });
}

IoRing::~IoRing() {
    if (!made_) return;
    loop_.unwatch(fd());
    io_uring_queue_exit(&ring_);
}

std::unique_ptr<IoEngine> IoRing::engine(std::uint32_t file) {
    auto engine = std::make_unique<Engine>(*this, file);
    engines_[file] = engine.get();
    return engine;
}

io_uring_sqe* IoRing::next_entry() {
    for (;;) {
        if (io_uring_sqe* entry = io_uring_get_sqe(&ring_); entry != nullptr) return entry;
        // All entries are in use, which several disks share. Submitting frees them, once the kernel has memory for
        // requests.
        (void)submit();
    }
}

bool IoRing::submit() {
    while (io_uring_sq_ready(&ring_) != 0)
        if (const int taken = io_uring_submit(&ring_); taken <= 0 && taken != -EINTR) return false;
    return true;
}

void IoRing::deliver() {
    struct Completion {
        std::uint64_t data;
        std::int32_t result;
    };
    std::array<Completion, 64> batch;
    std::array<io_uring_cqe*, batch.size()> entries;
    for (;;) {
        const unsigned count = io_uring_peek_batch_cqe(&ring_, entries.data(), entries.size());
        if (count == 0) return;
        for (unsigned i = 0; i < count; ++i) batch[i] = {entries[i]->user_data, entries[i]->res};
        io_uring_cq_advance(&ring_, count);
        for (const Completion& completion : std::span(batch).first(count))
            engines_[completion.data >> 32]->complete(static_cast<std::uint32_t>(completion.data), completion.result);
    }
}

void IoRing::announce(const Engine* except) {
    for (Engine* engine : engines_)
        if (engine != nullptr && engine != except) engine->announce();
}

void IoRing::on_event() {
    deliver();
    announce(nullptr);
}

}  // namespace hv
