// SPDX-License-Identifier: Apache-2.0
// Local sockets: names, connections and ends.
#include "userland/posix/local/local_socket.h"

#include <sys/ioctl.h>

#include <algorithm>
#include <mutex>

#include "userland/posix/status.h"

namespace tenon::posix {

Mutex& LocalSocket::lock() {
    static constinit Mutex mutex;
    return mutex;
}

IntrusiveList<LocalSocket, OpenLocalTag>& LocalSocket::open_sockets() {
    static constinit IntrusiveList<LocalSocket, OpenLocalTag> list;
    return list;
}

Outcome<FileReference> LocalSocket::make(int type, int protocol, int flags) {
    if (type < 0 || type > SOCK_PACKET) return fail_with(EINVAL);
    if (protocol != 0 && protocol != PF_UNIX) return fail_with(EPROTONOSUPPORT);
    // Linux: raw ones are datagrams.
    if (type == SOCK_RAW) type = SOCK_DGRAM;
    if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_SEQPACKET) return fail_with(ESOCKTNOSUPPORT);
    auto* socket = new (std::nothrow) LocalSocket(type, flags);
    if (socket == nullptr) return fail_with(ENOMEM);
    const std::lock_guard guard(lock());
    open_sockets().push_back(*socket);
    return FileReference(socket);
}

void LocalSocket::join(LocalSocket& one, LocalSocket& other) {
    const std::lock_guard guard(lock());
    one.state_ = other.state_ = State::connected;
    one.peer_ = FileReference::share(other);
    other.peer_ = FileReference::share(one);
}

void LocalSocket::announce() {
    input_.signal();
    readiness_changed();
}

/// Others may write to this socket, or connect to it, again.
void LocalSocket::space_came() {
    space_.signal();
    if (peer_) peer_->readiness_changed();
    if (!is_datagram()) return;
    open_sockets().for_each([this](LocalSocket& other) {
        if (cast(other.peer_) == this) other.readiness_changed();
    });
}

Outcome<> LocalSocket::take_error() {
    if (const int error = std::exchange(error_, 0); error != 0) return fail_with(error);
    return {};
}

LocalSocket* LocalSocket::find_bound(const LocalName& name, const Inode* inode) {
    return open_sockets().find([&](const LocalSocket& each) {
        if (each.name_.is_none()) return false;
        return inode != nullptr ? each.inode_.get() == inode : each.name_ == name;
    });
}

Outcome<FileReference> LocalSocket::find(const LocalName& name) const {
    InodeReference inode;
    if (!name.is_abstract()) {
        TRY(inode, find_socket_file(name));
    }
    const std::lock_guard guard(lock());
    LocalSocket* found = find_bound(name, inode.get());
    if (found == nullptr) return fail_with(ECONNREFUSED);
    if (found->type_ != type_) return fail_with(EPROTOTYPE);
    return FileReference::share(*found);
}

Outcome<> LocalSocket::bind_address(const sockaddr* address, socklen_t size) {
    TRY(LocalName name, LocalName::read(address, size, true));
    {
        const std::lock_guard guard(lock());
        if (!name_.is_none()) return fail_with(EINVAL);
    }
    InodeReference inode;
    const bool is_chosen = size == offsetof(sockaddr_un, sun_path);
    if (!is_chosen && !name.is_abstract()) {
        TRY(inode, make_socket_file(name));
    }
    const std::lock_guard guard(lock());
    if (!name_.is_none()) return fail_with(EINVAL);
    static constinit unsigned last_chosen = 0;
    while (is_chosen &&
           (name.is_none() || name.size <= offsetof(sockaddr_un, sun_path) + 1 || find_bound(name, nullptr) != nullptr))
        name = LocalName::chosen(++last_chosen);
    if (!inode && find_bound(name, nullptr) != nullptr) return fail_with(EADDRINUSE);
    name_ = name;
    inode_ = std::move(inode);
    return {};
}

Outcome<> LocalSocket::check_receiver(LocalSocket& receiver) {
    if (receiver.is_closed_) return fail_with(ECONNREFUSED);
    // A datagram socket that is connected takes from its peer alone.
    if (receiver.peer_ && cast(receiver.peer_) != this) return fail_with(EPERM);
    return {};
}

Outcome<> LocalSocket::connect_stream(LocalSocket& listener, FileReference& fresh) {
    if (state_ == State::connected) return fail_with(EISCONN);
    if (state_ == State::listening) return fail_with(EINVAL);
    if (listener.is_closed_ || listener.state_ != State::listening || (listener.shut_ & shut_reading) != 0)
        return fail_with(ECONNREFUSED);
    if (listener.pending_count_ > listener.backlog_) return fail_with(EAGAIN);
    LocalSocket& server = *cast(fresh);
    state_ = server.state_ = State::connected;
    server.name_ = listener.name_;
    server.peer_ = FileReference::share(*this);
    peer_ = FileReference::share(server);
    listener.pending_.push_back(*cast(fresh));
    ++listener.pending_count_;
    fresh.release();
    listener.announce();
    readiness_changed();
    return {};
}

Outcome<> LocalSocket::connect_address(const sockaddr* address, socklen_t size) {
    if (address == nullptr) return fail_with(EFAULT);
    if (size < sizeof(sa_family_t)) return fail_with(EINVAL);
    FileReference former;
    if (is_datagram() && address->sa_family == AF_UNSPEC) {
        const std::lock_guard guard(lock());
        former = std::move(peer_);
        state_ = State::fresh;
        return {};
    }
    TRY(const LocalName name, LocalName::read(address, size));
    TRY(FileReference found, find(name));
    LocalSocket& target = *cast(found);
    if (is_datagram()) {
        const std::lock_guard guard(lock());
        CHECK(check_receiver(target));
        former = std::exchange(peer_, std::move(found));
        state_ = State::connected;
        return {};
    }
    TRY(FileReference fresh, make(type_, 0, 0));
    return block_for(target.space_, send_timeout_, !nonblocking(), [&] {
        const std::lock_guard guard(lock());
        return connect_stream(target, fresh);
    });
}

Outcome<> LocalSocket::listen(int backlog) {
    const std::lock_guard guard(lock());
    if (is_datagram()) return fail_with(EOPNOTSUPP);
    if (name_.is_none() || state_ == State::connected) return fail_with(EINVAL);
    state_ = State::listening;
    backlog_ = static_cast<unsigned>(backlog) > SOMAXCONN ? SOMAXCONN : static_cast<unsigned>(backlog);
    space_came();
    return {};
}

Outcome<FileReference> LocalSocket::accept_connection(int flags, sockaddr* address, socklen_t* size) {
    if (is_datagram()) return fail_with(EOPNOTSUPP);
    TRY(FileReference made, block_for(input_, receive_timeout_, !nonblocking(), [&]() -> Outcome<FileReference> {
            const std::lock_guard guard(lock());
            if (state_ != State::listening || (shut_ & shut_reading) != 0) return fail_with(EINVAL);
            LocalSocket* first = pending_.pop_front();
            if (first == nullptr) return fail_with(EAGAIN);
            --pending_count_;
            space_came();
            return FileReference(first);
        }));
    LocalSocket& socket = *cast(made);
    socket.set_flags(flags);
    if (address != nullptr && size != nullptr) {
        const std::lock_guard guard(lock());
        cast(socket.peer_)->name_.store(address, *size);
    }
    return made;
}

Outcome<> LocalSocket::give_name(bool peer, sockaddr* address, socklen_t* size) {
    LocalName name;
    {
        const std::lock_guard guard(lock());
        if (peer && !peer_) return fail_with(ENOTCONN);
        name = peer ? cast(peer_)->name_ : name_;
    }
    if (address == nullptr || size == nullptr) return fail_with(EFAULT);
    if (static_cast<int>(*size) < 0) return fail_with(EINVAL);
    name.store(address, *size);
    return {};
}

Outcome<> LocalSocket::shutdown(int how) {
    if (how < SHUT_RD || how > SHUT_RDWR) return fail_with(EINVAL);
    const auto ends = static_cast<unsigned>(how) + 1;
    const std::lock_guard guard(lock());
    shut_ |= ends;
    announce();
    space_came();
    if (!is_datagram() && peer_) {
        LocalSocket& other = *cast(peer_);
        // What one end does not read, the other cannot write.
        other.shut_ |= (ends & shut_reading) << 1 | (ends & shut_writing) >> 1;
        other.announce();
        other.space_came();
    }
    return {};
}

Outcome<> LocalSocket::status(struct stat& status) {
    status = make_status(S_IFSOCK | 0777, inode_of_others);
    return {};
}

Outcome<int> LocalSocket::control(unsigned long request, void* argument) {
    const std::lock_guard guard(lock());
    if (request != FIONREAD && request != TIOCOUTQ) return fail_with(ENOTTY);
    if (state_ == State::listening) return fail_with(EINVAL);
    if (request == TIOCOUTQ) return give(argument, peer_ ? static_cast<int>(cast(peer_)->bytes_) : 0);
    const Message* first = messages_.front();
    return give(argument, static_cast<int>(is_datagram() && first != nullptr ? first->size : bytes_));
}

short LocalSocket::readiness() {
    const std::lock_guard guard(lock());
    if (state_ == State::listening) return pending_.empty() ? 0 : POLLIN;
    int ready = error_ != 0 ? POLLERR : 0;
    if (shut_ == shut_both || (!is_datagram() && state_ == State::fresh)) ready |= POLLHUP;
    if ((shut_ & shut_reading) != 0) ready |= POLLRDHUP | POLLIN;
    if (!messages_.empty()) ready |= POLLIN;
    // As Linux's: with at most a quarter of the limit on its way.
    const LocalSocket* receiver = cast(peer_);
    if (receiver == nullptr || receiver->is_closed_ ||
        (receiver->bytes_ <= send_limit_ / 4 && !receiver->is_full_for(*this)))
        ready |= POLLOUT;
    return static_cast<short>(ready);
}

/// A stream's other end meets the end of the data, or an error if this one has not read all.
void LocalSocket::release_peer_of_closed() {
    if (!peer_ || is_datagram()) return;
    LocalSocket& other = *cast(peer_);
    other.shut_ = shut_both;
    if (!messages_.empty()) other.error_ = ECONNRESET;
    other.announce();
    other.space_came();
}

void LocalSocket::closed() {
    IntrusiveList<Message> unread;
    IntrusiveList<LocalSocket, PendingTag> unaccepted;
    FileReference former;
    InodeReference inode;
    {
        const std::lock_guard guard(lock());
        if (is_closed_) return;
        is_closed_ = true;
        open_sockets().remove(*this);
        release_peer_of_closed();
        announce();
        space_came();
        while (Message* message = messages_.pop_front()) unread.push_back(*message);
        bytes_ = message_count_ = 0;
        while (LocalSocket* socket = pending_.pop_front()) unaccepted.push_back(*socket);
        former = std::move(peer_);
        inode = std::move(inode_);
    }
    // Files on their way, and connections that nobody has accepted, close without the lock.
    while (Message* message = unread.pop_front()) Message::destroy(message);
    while (LocalSocket* socket = unaccepted.pop_front()) {
        {
            const std::lock_guard guard(lock());
            if (socket->peer_) cast(socket->peer_)->error_ = ECONNRESET;
        }
        const FileReference last(socket);
        socket->closed();
    }
}

void LocalSocket::destroy() {
    closed();
    delete this;
}

}  // namespace tenon::posix
