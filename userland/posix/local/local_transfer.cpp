// SPDX-License-Identifier: Apache-2.0
// Local sockets: sending and receiving.
#include <algorithm>
#include <cstring>
#include <mutex>

#include "userland/posix/broken_pipe.h"
#include "userland/posix/local/local_control.h"
#include "userland/posix/local/local_socket.h"

namespace tenon::posix {

namespace {

constexpr std::size_t largest_piece = 32768;  ///< of a stream, in one message
constexpr std::size_t longest_queue = 10;     ///< Linux, net.unix.max_dgram_qlen
constexpr std::size_t most_parts = 1024;

}  // namespace

struct LocalSocket::Incoming {
    Parts parts;
    std::size_t wanted;
    int flags;
    msghdr& header;
    ControlWriter control;
    int result_flags = 0;
    LocalName from{};
    PassedFiles files{};

    [[nodiscard]] bool peeks() const { return (flags & MSG_PEEK) != 0; }
};

/// A socket that its peer's messages fill is full by bytes alone.
bool LocalSocket::is_full_for(const LocalSocket& sender) const {
    if (bytes_ >= sender.send_limit_) return true;
    return is_datagram() && cast(peer_) != &sender && message_count_ > longest_queue;
}

/// Takes the message over. Errors: EAGAIN (no room), and those of send().
Outcome<> LocalSocket::put(LocalSocket& receiver, Message*& message) {
    CHECK(take_error());
    if ((shut_ & shut_writing) != 0) return fail_with(EPIPE);
    if (is_datagram()) {
        CHECK(check_receiver(receiver));
        message->from = name_;
    }
    if (receiver.is_closed_ || (receiver.shut_ & shut_reading) != 0) return fail_with(EPIPE);
    if (receiver.is_full_for(*this)) return fail_with(EAGAIN);
    receiver.bytes_ += message->size;
    ++receiver.message_count_;
    receiver.messages_.push_back(*std::exchange(message, nullptr));
    receiver.announce();
    return {};
}

Outcome<std::size_t> LocalSocket::send_one(FileReference receiver, std::span<const iovec> list, PassedFiles& files,
                                           int flags) {
    const std::size_t size = size_of(list);
    // What the limit has to hold besides the bytes (Linux, unix_dgram_sendmsg).
    constexpr std::size_t overhead = 32;
    if (size > send_limit_ - overhead) return fail_with(EMSGSIZE);
    Message* message = Message::make(size);
    if (message == nullptr) return fail_with(ENOBUFS);
    Parts parts(list);
    parts.get(message->bytes(), size);
    message->files = std::move(files);
    const auto sent = block_for(cast(receiver)->space_, send_timeout_, may_block(flags), [&] {
        const std::lock_guard guard(lock());
        return put(*cast(receiver), message);
    });
    Message::destroy(message);
    if (sent) return size;
    if (is_datagram() && sent.error().code == ECONNREFUSED) {
        // A connection to a socket that has gone ends here.
        FileReference former;
        const std::lock_guard guard(lock());
        if (peer_.get() == receiver.get()) {
            former = std::move(peer_);
            state_ = State::fresh;
        }
    }
    return std::unexpected(sent.error());
}

Outcome<std::size_t> LocalSocket::send_stream(std::span<const iovec> list, PassedFiles& files, int flags) {
    FileReference receiver;
    {
        const std::lock_guard guard(lock());
        if (!peer_) return fail_with((shut_ & shut_writing) != 0 ? EPIPE : ENOTCONN);
        receiver = FileReference::share(*peer_);
    }
    Parts parts(list);
    const std::size_t size = size_of(list);
    std::size_t done = 0;
    while (done != size) {
        Message* message = Message::make(std::min(size - done, largest_piece));
        if (message == nullptr) return done != 0 ? Outcome<std::size_t>(done) : fail_with(ENOBUFS);
        const std::size_t piece = parts.get(message->bytes(), message->size);
        // They go with the first bytes.
        message->files = std::exchange(files, {});
        const auto sent = block_for(cast(receiver)->space_, send_timeout_, may_block(flags), [&] {
            const std::lock_guard guard(lock());
            return put(*cast(receiver), message);
        });
        Message::destroy(message);
        if (!sent) return done != 0 ? Outcome<std::size_t>(done) : std::unexpected(sent.error());
        done += piece;
    }
    return done;
}

Outcome<std::size_t> LocalSocket::send_message(const msghdr& header, int flags) {
    if ((flags & MSG_OOB) != 0) return fail_with(EOPNOTSUPP);
    if (header.msg_iovlen > most_parts) return fail_with(EMSGSIZE);
    const std::span<const iovec> parts(header.msg_iov, header.msg_iovlen);
    TRY(PassedFiles files, read_passed_files(header));
    if (is_datagram() && header.msg_name != nullptr && header.msg_namelen != 0) {
        TRY(const LocalName to, LocalName::read(static_cast<const sockaddr*>(header.msg_name), header.msg_namelen));
        TRY(FileReference receiver, find(to));
        return send_one(std::move(receiver), parts, files, flags);
    }
    if (type_ != SOCK_STREAM) {
        FileReference receiver;
        {
            const std::lock_guard guard(lock());
            if (!peer_) return fail_with(ENOTCONN);
            receiver = FileReference::share(*peer_);
        }
        return send_one(std::move(receiver), parts, files, flags);
    }
    if (header.msg_name != nullptr && header.msg_namelen != 0) {
        const std::lock_guard guard(lock());
        return fail_with(state_ == State::connected ? EISCONN : EOPNOTSUPP);
    }
    auto sent = send_stream(parts, files, flags);
    if (!sent && sent.error().code == EPIPE && (flags & MSG_NOSIGNAL) == 0) signal_broken_pipe();
    return sent;
}

Outcome<std::size_t> LocalSocket::receive_one(Incoming& incoming) {
    Message* message = nullptr;
    std::size_t peeked = 0;
    const auto received = block_for(input_, receive_timeout_, may_block(incoming.flags), [&]() -> Outcome<> {
        const std::lock_guard guard(lock());
        if (!is_datagram() && state_ != State::connected) return fail_with(ENOTCONN);
        Message* first = messages_.front();
        if (first == nullptr) {
            CHECK(take_error());
            // Linux: a datagram's reader that does not wait has nothing to read, rather than the end.
            const bool has_end = !is_datagram() || may_block(incoming.flags);
            if ((shut_ & shut_reading) != 0 && has_end) return {};
            return fail_with(EAGAIN);
        }
        incoming.from = is_datagram() ? first->from : cast(peer_)->name_;
        if (incoming.peeks()) {
            TRY(incoming.files, first->files.copy());
            incoming.parts.put(first->bytes(), std::min(first->size, incoming.wanted));
            peeked = first->size;
            return {};
        }
        message = messages_.pop_front();
        --message_count_;
        bytes_ -= message->size;
        space_came();
        return {};
    });
    if (!received) return std::unexpected(received.error());
    std::size_t size = peeked;
    if (message != nullptr) {
        size = message->size;
        incoming.parts.put(message->bytes(), std::min(size, incoming.wanted));
        incoming.files = std::move(message->files);
        Message::destroy(message);
    }
    if (size <= incoming.wanted) return size;
    incoming.result_flags |= MSG_TRUNC;
    return (incoming.flags & MSG_TRUNC) != 0 ? size : incoming.wanted;
}

/// Up to the first message with files, whose bytes end the call. Error: EAGAIN, if there is nothing yet.
Outcome<> LocalSocket::take_from_stream(Incoming& incoming, std::size_t& done, IntrusiveList<Message>& used) {
    const std::lock_guard guard(lock());
    if (state_ != State::connected) return fail_with(EINVAL);
    const std::size_t before = done;
    Message* message = messages_.front();
    while (message != nullptr && done != incoming.wanted) {
        const std::size_t piece =
            incoming.parts.put(message->bytes() + message->done, std::min(message->left(), incoming.wanted - done));
        done += piece;
        const bool has_files = !message->files.empty();
        if (incoming.peeks()) {
            if (has_files) {
                TRY(incoming.files, message->files.copy());
                break;
            }
            message = messages_.behind(*message);
            continue;
        }
        message->done += piece;
        bytes_ -= piece;
        if (has_files) incoming.files = std::move(message->files);
        if (message->left() == 0) {
            messages_.remove(*message);
            --message_count_;
            used.push_back(*message);
        }
        if (has_files) break;
        message = messages_.front();
    }
    if (peer_) incoming.from = cast(peer_)->name_;
    if (done != before && !incoming.peeks()) space_came();
    const bool is_enough =
        (incoming.flags & MSG_WAITALL) == 0 || incoming.peeks() || done == incoming.wanted || !incoming.files.empty();
    if (done != 0 && is_enough) return {};
    if (const auto error = take_error(); !error) return done != 0 ? Outcome<>() : error;
    if ((shut_ & shut_reading) != 0) return {};
    return fail_with(EAGAIN);
}

Outcome<std::size_t> LocalSocket::receive_stream(Incoming& incoming) {
    std::size_t done = 0;
    IntrusiveList<Message> used;
    const auto received = block_for(input_, receive_timeout_, may_block(incoming.flags),
                                    [&] { return take_from_stream(incoming, done, used); });
    while (Message* message = used.pop_front()) Message::destroy(message);
    if (!received && done == 0) return std::unexpected(received.error());
    return done;
}

Outcome<std::size_t> LocalSocket::receive_message(msghdr& header, int flags) {
    // There is no urgent data.
    if ((flags & MSG_OOB) != 0) return fail_with(type_ == SOCK_STREAM ? EINVAL : EOPNOTSUPP);
    if (header.msg_iovlen > most_parts) return fail_with(EMSGSIZE);
    const std::span<const iovec> parts(header.msg_iov, header.msg_iovlen);
    Incoming incoming{.parts = Parts(parts),
                      .wanted = size_of(parts),
                      .flags = flags,
                      .header = header,
                      .control = ControlWriter(header)};
    TRY(const std::size_t size, type_ == SOCK_STREAM ? receive_stream(incoming) : receive_one(incoming));
    if (header.msg_name != nullptr) {
        if (incoming.from.is_none())
            header.msg_namelen = 0;
        else
            incoming.from.store(static_cast<sockaddr*>(header.msg_name), header.msg_namelen);
    }
    if ((switches_ >> SO_PASSCRED & 1) != 0) incoming.control.put_credentials();
    incoming.control.put_files(incoming.files, (flags & MSG_CMSG_CLOEXEC) != 0);
    header.msg_controllen = incoming.control.size();
    header.msg_flags = incoming.result_flags | incoming.control.flags() | (flags & MSG_CMSG_CLOEXEC);
    return size;
}

Outcome<std::size_t> LocalSocket::read(std::span<std::byte> buffer) {
    const iovec part{buffer.data(), buffer.size()};
    return read_parts({&part, 1});
}

Outcome<std::size_t> LocalSocket::write(std::span<const std::byte> data) {
    const iovec part{const_cast<std::byte*>(data.data()), data.size()};
    return write_parts({&part, 1});
}

Outcome<std::size_t> LocalSocket::read_parts(std::span<const iovec> parts) {
    if (type_ == SOCK_STREAM && size_of(parts) == 0) return 0;
    msghdr header{};
    header.msg_iov = const_cast<iovec*>(parts.data());
    header.msg_iovlen = parts.size();
    return receive_message(header, 0);
}

Outcome<std::size_t> LocalSocket::write_parts(std::span<const iovec> parts) {
    msghdr header{};
    header.msg_iov = const_cast<iovec*>(parts.data());
    header.msg_iovlen = parts.size();
    return send_message(header, 0);
}

}  // namespace tenon::posix
