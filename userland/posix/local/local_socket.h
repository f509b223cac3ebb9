// SPDX-License-Identifier: Apache-2.0
// Sockets of AF_UNIX (unix(7)): streams, datagrams and packets in order, inside the machine.
#pragma once

#include "kernel/sched/sync.h"
#include "userland/posix/blocking.h"
#include "userland/posix/local/message.h"
#include "userland/posix/net/parts.h"
#include "userland/posix/net/socket_file.h"

namespace tenon::posix {

struct OpenLocalTag;
struct PendingTag;

/// One lock, lock(), guards all local sockets: what one does concerns another. Bytes are copied without it, apart from
/// those of a stream's reader.
class LocalSocket final : public SocketFile, public ListLink<OpenLocalTag>, public ListLink<PendingTag> {
public:
    /// Errors: EINVAL, EPROTONOSUPPORT, ESOCKTNOSUPPORT, ENOMEM.
    static Outcome<FileReference> make(int type, int protocol, int flags);
    /// Connects two new ones, for socketpair().
    static void join(LocalSocket& one, LocalSocket& other);

    Outcome<> bind_address(const sockaddr* address, socklen_t size) override;
    Outcome<> connect_address(const sockaddr* address, socklen_t size) override;
    Outcome<> listen(int backlog) override;
    Outcome<FileReference> accept_connection(int flags, sockaddr* address, socklen_t* size) override;
    Outcome<> give_name(bool peer, sockaddr* address, socklen_t* size) override;
    Outcome<> shutdown(int how) override;
    Outcome<std::size_t> send_message(const msghdr& message, int flags) override;
    Outcome<std::size_t> receive_message(msghdr& message, int flags) override;
    Outcome<> set_option(int level, int option, std::span<const std::byte> value) override;
    Outcome<> get_option(int level, int option, OptionValue& value);

    Outcome<std::size_t> read(std::span<std::byte> buffer) override;
    Outcome<std::size_t> write(std::span<const std::byte> data) override;
    Outcome<std::size_t> read_parts(std::span<const iovec> parts) override;
    Outcome<std::size_t> write_parts(std::span<const iovec> parts) override;
    Outcome<> status(struct stat& status) override;
    Outcome<int> control(unsigned long request, void* argument) override;
    Outcome<> synchronise(bool /*data_only*/) override { return fail_with(EINVAL); }
    short readiness() override;
    void closed() override;
    void destroy() override;

private:
    enum class State : std::uint8_t { fresh, listening, connected };
    static constexpr unsigned shut_reading = 1, shut_writing = 2, shut_both = 3;

    LocalSocket(int type, int flags) : SocketFile(O_RDWR | flags, true), type_(type) {}

    static Mutex& lock();
    static IntrusiveList<LocalSocket, OpenLocalTag>& open_sockets();
    static LocalSocket* cast(const FileReference& file) { return static_cast<LocalSocket*>(file.get()); }
    [[nodiscard]] bool is_datagram() const { return type_ == SOCK_DGRAM; }
    [[nodiscard]] bool may_block(int flags) const { return !nonblocking() && (flags & MSG_DONTWAIT) == 0; }

    /// The socket of a name. Errors: ECONNREFUSED, EPROTOTYPE, and those of a path.
    Outcome<FileReference> find(const LocalName& name) const;

    // With the lock held.
    [[nodiscard]] static LocalSocket* find_bound(const LocalName& name, const Inode* inode);
    [[nodiscard]] Outcome<> take_error();
    [[nodiscard]] bool is_full_for(const LocalSocket& sender) const;
    Outcome<> check_receiver(LocalSocket& receiver);
    Outcome<> connect_stream(LocalSocket& listener, FileReference& fresh);
    Outcome<> put(LocalSocket& receiver, Message*& message);
    void announce();
    void space_came();
    void release_peer_of_closed();

    struct Incoming;
    Outcome<std::size_t> send_stream(std::span<const iovec> parts, PassedFiles& files, int flags);
    Outcome<std::size_t> send_one(FileReference receiver, std::span<const iovec> parts, PassedFiles& files, int flags);
    Outcome<std::size_t> receive_stream(Incoming& incoming);
    Outcome<std::size_t> receive_one(Incoming& incoming);
    Outcome<> take_from_stream(Incoming& incoming, std::size_t& done, IntrusiveList<Message>& used);

    int type_;
    // Under lock().
    State state_ = State::fresh;
    bool is_closed_ = false;
    unsigned shut_ = 0;
    int error_ = 0;
    FileReference peer_;
    LocalName name_;
    InodeReference inode_;
    IntrusiveList<Message> messages_;
    std::size_t message_count_ = 0;
    std::size_t bytes_ = 0;  ///< in messages_
    IntrusiveList<LocalSocket, PendingTag> pending_;
    std::size_t pending_count_ = 0;
    std::size_t backlog_ = 0;
    std::uint32_t switches_ = 0;  ///< options that are on or off, a bit for each number below 32
    std::uint32_t send_limit_ = 212992, receive_limit_ = 212992;
    std::atomic<Nanoseconds> receive_timeout_ = 0, send_timeout_ = 0;

    Event input_;  ///< there is more to read or to accept
    Event space_;  ///< there is more room in messages_ or pending_, for others
};

}  // namespace tenon::posix
