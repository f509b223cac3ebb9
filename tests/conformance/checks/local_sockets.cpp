// SPDX-License-Identifier: Apache-2.0
// Sockets of AF_UNIX: pairs, names, connections, passed descriptors.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "../check.h"

using conformance::Descriptor;

namespace {

struct Pair {
    explicit Pair(int type) {
        if (socketpair(AF_UNIX, type, 0, fd) != 0) fd[0] = fd[1] = -1;
    }
    ~Pair() {
        for (const int each : fd)
            if (each >= 0) close(each);
    }
    Pair(const Pair&) = delete;
    Pair& operator=(const Pair&) = delete;
    void close_end(int end) {
        close(fd[end]);
        fd[end] = -1;
    }
    int fd[2];
};

int ready(int fd) {
    pollfd one{fd, POLLIN | POLLOUT | POLLRDHUP, 0};
    poll(&one, 1, 0);
    return one.revents;
}

struct Name {
    explicit Name(const char* path) {
        std::strcpy(address.sun_path, path);
        size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path) + 1);
    }
    static Name abstract(const char* name) {
        Name result("");
        std::strcpy(result.address.sun_path + 1, name);
        result.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + std::strlen(name));
        return result;
    }
    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
    sockaddr_un address = {AF_UNIX, {}};
    socklen_t size;
};

/// "size:path" as getsockname or getpeername tells it, an abstract name with @.
std::string name_of(int fd, bool peer) {
    sockaddr_un address = {};
    socklen_t size = sizeof(address);
    const int result = peer ? getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size)
                            : getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    if (result != 0) return conformance::error_name(errno);
    std::string text = std::to_string(size) + ":";
    if (size > offsetof(sockaddr_un, sun_path))
        text += address.sun_path[0] != '\0' ? std::string(address.sun_path) : "@" + std::string(address.sun_path + 1);
    return text;
}

std::string receive(int fd, int flags = 0) {
    char text[256] = {};
    const ssize_t size = recv(fd, text, sizeof(text) - 1, flags | MSG_DONTWAIT);
    return size < 0 ? conformance::error_name(errno) : std::string(text, static_cast<std::size_t>(size));
}

/// Sends `text` with descriptors.
ssize_t send_files(int fd, const char* text, const std::vector<int>& files, int level = SOL_SOCKET) {
    char control[CMSG_SPACE(sizeof(int) * 256)] = {};
    iovec part{const_cast<char*>(text), std::strlen(text)};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * files.size());
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = level;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * files.size());
    std::memcpy(CMSG_DATA(header), files.data(), sizeof(int) * files.size());
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

/// Receives a message; returns its text, flags, and how many descriptors came, which go to `files`.
std::string receive_files(int fd, std::vector<int>& files, std::size_t room, int flags = 0) {
    char control[CMSG_SPACE(sizeof(int) * 256)] = {};
    char text[64];
    iovec part{text, sizeof(text)};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = room != 0 ? control : nullptr;
    message.msg_controllen = room;
    const ssize_t size = recvmsg(fd, &message, flags | MSG_DONTWAIT);
    if (size < 0) return conformance::error_name(errno);
    files.clear();
    for (cmsghdr* each = CMSG_FIRSTHDR(&message); each != nullptr; each = CMSG_NXTHDR(&message, each)) {
        if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_RIGHTS) continue;
        files.resize((each->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        std::memcpy(files.data(), CMSG_DATA(each), files.size() * sizeof(int));
    }
    return std::string(text, static_cast<std::size_t>(size)) + " flags " +
           std::to_string(message.msg_flags & (MSG_CTRUNC | MSG_TRUNC)) + " files " + std::to_string(files.size());
}

void close_all(std::vector<int>& files) {
    for (const int fd : files) close(fd);
    files.clear();
}

}  // namespace

CONFORMANCE(local_pairs) {
    signal(SIGPIPE, SIG_IGN);
    int ends[2];
    CALL("a wrong type", socketpair(AF_UNIX, 77, 0, ends));
    CALL("a wrong protocol", socketpair(AF_UNIX, SOCK_STREAM, 77, ends));
    CALL("no sockets of IP", socketpair(AF_INET, SOCK_STREAM, 0, ends));
    CALL("a wrong protocol of socket", socket(AF_UNIX, SOCK_STREAM, 77));
    CALL("a wrong type of socket", socket(AF_UNIX, SOCK_RDM, 0));
    for (const int type : {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET}) {
        const std::string kind = type == SOCK_STREAM ? "stream " : type == SOCK_DGRAM ? "datagram " : "packet ";
        const auto named = [&](const char* what) { return kind + what; };
        Pair pair(type);
        struct stat status = {};
        CALL(named("fstat"), fstat(pair.fd[0], &status));
        VALUE(named("is a socket"), S_ISSOCK(status.st_mode) != 0);
        VALUE(named("name"), name_of(pair.fd[0], false));
        VALUE(named("peer"), name_of(pair.fd[0], true));
        VALUE(named("ready"), ready(pair.fd[0]));
        VALUE(named("nothing"), receive(pair.fd[0]));
        CALL(named("send"), send(pair.fd[1], "one", 3, 0));
        CALL(named("write"), write(pair.fd[1], "two!", 4));
        VALUE(named("ready with data"), ready(pair.fd[0]));
        int count = -1;
        CALL(named("FIONREAD"), ioctl(pair.fd[0], FIONREAD, &count));
        VALUE(named("bytes"), count);
        VALUE(named("peek"), receive(pair.fd[0], MSG_PEEK));
        char two[3] = {};
        CALL(named("read of two bytes"), read(pair.fd[0], two, 2));
        VALUE(named("are"), two);
        VALUE(named("the rest"), receive(pair.fd[0]));
        CALL(named("send of nothing"), send(pair.fd[1], "", 0, 0));
        VALUE(named("which is"), receive(pair.fd[0]));
        CALL(named("MSG_OOB"), recv(pair.fd[0], two, 1, MSG_OOB | MSG_DONTWAIT) < 0 ? -1 : 0);
        CALL(named("connect"), connect(pair.fd[0], Name("/tmp/none").get(), Name("/tmp/none").size));
        CALL(named("listen"), listen(pair.fd[0], 1));
        CALL(named("accept"), accept(pair.fd[0], nullptr, nullptr));
        CALL(named("lseek"), lseek(pair.fd[0], 0, SEEK_SET));
        CALL(named("send before the end"), send(pair.fd[1], "last", 4, 0));
        pair.close_end(1);
        VALUE(named("ready at the end"), ready(pair.fd[0]));
        VALUE(named("the last"), receive(pair.fd[0]));
        VALUE(named("then"), receive(pair.fd[0]));
        CALL(named("send to nobody"), send(pair.fd[0], "x", 1, MSG_NOSIGNAL));
    }
}

CONFORMANCE(local_shutdown) {
    signal(SIGPIPE, SIG_IGN);
    for (const int type : {SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM}) {
        const std::string kind = type == SOCK_STREAM ? "stream " : type == SOCK_DGRAM ? "datagram " : "packet ";
        const auto named = [&](const char* what) { return kind + what; };
        const Pair pair(type);
        CALL(named("wrong"), shutdown(pair.fd[0], 3));
        send(pair.fd[0], "before", 6, 0);
        CALL(named("writing"), shutdown(pair.fd[0], SHUT_WR));
        CALL(named("send then"), send(pair.fd[0], "x", 1, MSG_NOSIGNAL));
        VALUE(named("own"), ready(pair.fd[0]));
        VALUE(named("other"), ready(pair.fd[1]));
        VALUE(named("what was sent"), receive(pair.fd[1]));
        VALUE(named("at the end"), receive(pair.fd[1]));
        CALL(named("the other way"), send(pair.fd[1], "back", 4, MSG_NOSIGNAL));
        VALUE(named("arrives"), receive(pair.fd[0]));
        CALL(named("reading"), shutdown(pair.fd[0], SHUT_RD));
        VALUE(named("own, both"), ready(pair.fd[0]));
        VALUE(named("read then"), receive(pair.fd[0]));
        CALL(named("to one that does not read"), send(pair.fd[1], "x", 1, MSG_NOSIGNAL));
    }
    Pair unread(SOCK_STREAM);
    send(unread.fd[0], "unread", 6, 0);
    unread.close_end(1);
    VALUE("closed with unread data", receive(unread.fd[0]));
    VALUE("afterwards", receive(unread.fd[0]));
    const Descriptor fresh(socket(AF_UNIX, SOCK_STREAM, 0));
    VALUE("a fresh one", ready(fresh));
    CALL("shutdown of a fresh one", shutdown(fresh, SHUT_RDWR));
}

CONFORMANCE(local_names) {
    const Name name("/tmp/socket");
    unlink("/tmp/socket");
    {
        const Descriptor server(socket(AF_UNIX, SOCK_STREAM, 0));
        VALUE("before bind", name_of(server, false));
        CALL("listen before bind", listen(server, 1));
        CALL("bind", bind(server, name.get(), name.size));
        VALUE("after bind", name_of(server, false));
        CALL("bind twice", bind(server, Name("/tmp/other").get(), Name("/tmp/other").size));
        struct stat status = {};
        CALL("stat", stat("/tmp/socket", &status));
        VALUE("is a socket", S_ISSOCK(status.st_mode) != 0);
        CALL("open", open("/tmp/socket", O_RDWR));
        const Descriptor second(socket(AF_UNIX, SOCK_STREAM, 0));
        CALL("the same name", bind(second, name.get(), name.size));
        CALL("connect before listen", connect(second, name.get(), name.size));
        CALL("accept before listen", accept(server, nullptr, nullptr));
        const Descriptor datagram(socket(AF_UNIX, SOCK_DGRAM, 0));
        CALL("connect of another type", connect(datagram, name.get(), name.size));
    }
    const Descriptor late(socket(AF_UNIX, SOCK_STREAM, 0));
    CALL("connect to one that has gone", connect(late, name.get(), name.size));
    CALL("a name that is taken by a file", bind(late, name.get(), name.size));
    CALL("unlink", unlink("/tmp/socket"));
    CALL("connect to nothing", connect(late, name.get(), name.size));
    CALL("connect to a file", connect(late, Name("/text.txt").get(), Name("/text.txt").size));
    CALL("bind in no directory", bind(late, Name("/tmp/none/x").get(), Name("/tmp/none/x").size));
    CALL("bind where nothing can be made", bind(late, Name("/none/x").get(), Name("/none/x").size));
    sockaddr_un other = {};
    other.sun_family = AF_INET;
    CALL("a wrong family", bind(late, reinterpret_cast<sockaddr*>(&other), sizeof(other)));
    CALL("a size that is too small", bind(late, name.get(), 1));
    CALL("a size that is too large", bind(late, name.get(), sizeof(sockaddr_un) + 1));
    CALL("getpeername", getpeername(late, nullptr, nullptr));

    const Name abstract = Name::abstract("conformance");
    const Descriptor one(socket(AF_UNIX, SOCK_DGRAM, 0));
    CALL("bind to an abstract name", bind(one, abstract.get(), abstract.size));
    VALUE("is", name_of(one, false));
    const Descriptor two(socket(AF_UNIX, SOCK_DGRAM, 0));
    CALL("the same abstract name", bind(two, abstract.get(), abstract.size));
    CALL("bind to none", bind(two, name.get(), offsetof(sockaddr_un, sun_path)));
    VALUE("a chosen name has", name_of(two, false).size());
}

CONFORMANCE(local_connections) {
    signal(SIGPIPE, SIG_IGN);
    unlink("/tmp/server");
    const Name name("/tmp/server");
    Descriptor server(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    bind(server, name.get(), name.size);
    CALL("listen", listen(server, 1));
    int number = -1;
    socklen_t size = sizeof(number);
    CALL("SO_ACCEPTCONN", getsockopt(server, SOL_SOCKET, SO_ACCEPTCONN, &number, &size));
    VALUE("listens", number);
    VALUE("nobody there", ready(server));
    CALL("accept of none", accept(server, nullptr, nullptr));
    const Descriptor client(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    CALL("connect", connect(client, name.get(), name.size));
    CALL("connect twice", connect(client, name.get(), name.size));
    VALUE("one there", ready(server));
    CALL("send before accept", send(client, "early", 5, 0));
    const Descriptor second(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    const Descriptor third(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    CALL("a second one", connect(second, name.get(), name.size));
    CALL("a third one", connect(third, name.get(), name.size));
    sockaddr_un peer = {};
    size = sizeof(peer);
    const Descriptor accepted(accept4(server, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC));
    VALUE("accepted", int{accepted} >= 0);
    VALUE("size of the peer's name", size);
    VALUE("FD_CLOEXEC", fcntl(accepted, F_GETFD));
    VALUE("O_NONBLOCK", (fcntl(accepted, F_GETFL) & O_NONBLOCK) != 0);
    VALUE("its name", name_of(accepted, false));
    VALUE("its peer", name_of(accepted, true));
    VALUE("the client's peer", name_of(client, true));
    VALUE("early", receive(accepted));
    CALL("a third one then", connect(third, name.get(), name.size));
    CALL("answer", send(accepted, "answer", 6, 0));
    VALUE("answered", receive(client));
    CALL("sendto with a name", sendto(client, "x", 1, MSG_NOSIGNAL, name.get(), name.size));
    ucred who = {};
    size = sizeof(who);
    CALL("SO_PEERCRED", getsockopt(client, SOL_SOCKET, SO_PEERCRED, &who, &size));
    VALUE("this process", who.pid == getpid() && who.uid == getuid() && who.gid == getgid());
    const Descriptor alone(socket(AF_UNIX, SOCK_STREAM, 0));
    size = sizeof(who);
    CALL("SO_PEERCRED of one alone", getsockopt(alone, SOL_SOCKET, SO_PEERCRED, &who, &size));
    VALUE("nobody", static_cast<int>(who.pid));
    CALL("send alone", send(alone, "x", 1, MSG_NOSIGNAL));
    char byte;
    CALL("recv alone", recv(alone, &byte, 1, MSG_DONTWAIT));
    for (const int option : {SO_TYPE, SO_DOMAIN, SO_PROTOCOL, SO_ERROR, SO_PASSCRED, SO_KEEPALIVE}) {
        number = -1;
        size = sizeof(number);
        CALL("getsockopt " + std::to_string(option), getsockopt(client, SOL_SOCKET, option, &number, &size));
        VALUE("value", number);
    }
    CALL("an unknown option", getsockopt(client, SOL_SOCKET, 9999, &number, &size));
    CALL("another level", getsockopt(client, 6, 1, &number, &size));
    number = 1;
    CALL("set an unknown option", setsockopt(client, SOL_SOCKET, 9999, &number, sizeof(number)));
    CALL("set with a short value", setsockopt(client, SOL_SOCKET, SO_PASSCRED, &number, 1));
    CALL("set SO_REUSEADDR", setsockopt(client, SOL_SOCKET, SO_REUSEADDR, &number, sizeof(number)));
    timeval wait = {0, 20'000};
    CALL("SO_RCVTIMEO", setsockopt(accepted, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)));
    CALL("recv with a time", recv(accepted, &byte, 1, 0));
    // The listener goes, with two connections that nobody has accepted.
    server.~Descriptor();
    new (&server) Descriptor(-1);
    VALUE("not accepted", receive(second));
    VALUE("afterwards", receive(second));
    CALL("the accepted one lives", send(accepted, "on", 2, 0));
    VALUE("goes on", receive(client));
    unlink("/tmp/server");
}

CONFORMANCE(local_datagrams) {
    signal(SIGPIPE, SIG_IGN);
    const Name name = Name::abstract("receiver"), sender_name = Name::abstract("sender");
    int receiver = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    bind(receiver, name.get(), name.size);
    const Descriptor sender(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0));
    CALL("send to nobody", send(sender, "x", 1, 0));
    CALL("sendto", sendto(sender, "first", 5, 0, name.get(), name.size));
    char text[16] = {};
    sockaddr_un from = {};
    socklen_t size = sizeof(from);
    CALL("recvfrom", recvfrom(receiver, text, sizeof(text), 0, reinterpret_cast<sockaddr*>(&from), &size));
    VALUE("from nobody", size);
    bind(sender, sender_name.get(), sender_name.size);
    CALL("sendto with a name of its own", sendto(sender, "second", 6, 0, name.get(), name.size));
    size = sizeof(from);
    CALL("recvfrom again", recvfrom(receiver, text, sizeof(text), 0, reinterpret_cast<sockaddr*>(&from), &size));
    VALUE("from the sender", std::string(from.sun_path + 1) + std::to_string(size));
    CALL("connect", connect(sender, name.get(), name.size));
    CALL("send", send(sender, "long enough", 11, 0));
    CALL("a short buffer", recv(receiver, text, 4, 0));
    CALL("send again", send(sender, "long enough", 11, 0));
    CALL("its whole size", recv(receiver, text, 4, MSG_TRUNC));
    int sent = 0;
    while (sent != 100 && send(sender, "x", 1, 0) == 1) ++sent;
    VALUE("a full queue", sent);
    VALUE("is not ready for more", ready(sender));
    VALUE("takes one", receive(receiver));
    VALUE("is ready then", ready(sender));
    std::vector<char> much(400'000);
    CALL("too much at once", send(sender, much.data(), much.size(), 0));
    const Descriptor other(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0));
    CALL("the receiver connects", connect(receiver, sender_name.get(), sender_name.size));
    CALL("another sender", sendto(other, "x", 1, 0, name.get(), name.size));
    CALL("another connection", connect(other, name.get(), name.size));
    close(receiver);
    CALL("the receiver has gone", send(sender, "x", 1, 0));
    CALL("and is forgotten", send(sender, "x", 1, 0));
    CALL("sendto nobody", sendto(sender, "x", 1, 0, name.get(), name.size));
    receiver = socket(AF_UNIX, SOCK_DGRAM, 0);
    CALL("the name is free", bind(receiver, name.get(), name.size));
    CALL("connect anew", connect(sender, name.get(), name.size));
    sockaddr none = {};
    CALL("connect to none", connect(sender, &none, sizeof(sa_family_t)));
    CALL("send then", send(sender, "x", 1, 0));
    close(receiver);
}

CONFORMANCE(local_files) {
    signal(SIGPIPE, SIG_IGN);
    std::vector<int> files;
    for (const int type : {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET}) {
        const std::string kind = type == SOCK_STREAM ? "stream " : type == SOCK_DGRAM ? "datagram " : "packet ";
        const auto named = [&](const char* what) { return kind + what; };
        const Pair pair(type);
        int ends[2];
        if (pipe(ends) != 0) return;
        CALL(named("send an end of a pipe"), send_files(pair.fd[0], "pipe", {ends[1]}));
        close(ends[1]);
        VALUE(named("receive it"), receive_files(pair.fd[1], files, CMSG_SPACE(sizeof(int))));
        CALL(named("write to it"), files.empty() ? -1 : write(files[0], "through", 7));
        VALUE(named("is not closed on exec"), files.empty() ? -1 : fcntl(files[0], F_GETFD));
        char text[16] = {};
        CALL(named("read"), read(ends[0], text, sizeof(text)));
        close_all(files);
        CALL(named("read at the end"), read(ends[0], text, sizeof(text)));
        CALL(named("send three"), send_files(pair.fd[0], "three", {ends[0], ends[0], ends[0]}));
        VALUE(named("room for two"), receive_files(pair.fd[1], files, CMSG_LEN(2 * sizeof(int))));
        close_all(files);
        send_files(pair.fd[0], "none", {ends[0]});
        VALUE(named("room for none"), receive_files(pair.fd[1], files, 0));
        send_files(pair.fd[0], "exec", {ends[0]});
        VALUE(named("MSG_CMSG_CLOEXEC"), receive_files(pair.fd[1], files, CMSG_SPACE(sizeof(int)), MSG_CMSG_CLOEXEC));
        VALUE(named("is closed on exec"), files.empty() ? -1 : fcntl(files[0], F_GETFD));
        close_all(files);
        send_files(pair.fd[0], "peek", {ends[0]});
        VALUE(named("peek"), receive_files(pair.fd[1], files, CMSG_SPACE(sizeof(int)), MSG_PEEK));
        close_all(files);
        VALUE(named("take"), receive_files(pair.fd[1], files, CMSG_SPACE(sizeof(int))));
        close_all(files);
        CALL(named("a wrong descriptor"), send_files(pair.fd[0], "x", {-1}));
        CALL(named("too many"), send_files(pair.fd[0], "x", std::vector<int>(254, ends[0])));
        CALL(named("of another level"), send_files(pair.fd[0], "x", {ends[0]}, SOL_SOCKET + 1));
        VALUE(named("comes without"), receive_files(pair.fd[1], files, CMSG_SPACE(sizeof(int))));
        close(ends[0]);
    }
    // Of a stream, bytes with files end a read; what is behind them stays.
    const Pair stream(SOCK_STREAM);
    send(stream.fd[0], "plain ", 6, 0);
    send_files(stream.fd[0], "files ", {stream.fd[0]});
    send(stream.fd[0], "more", 4, 0);
    VALUE("up to the files", receive_files(stream.fd[1], files, CMSG_SPACE(sizeof(int))));
    close_all(files);
    VALUE("behind them", receive_files(stream.fd[1], files, CMSG_SPACE(sizeof(int))));
    // Files that nobody takes are closed with their socket.
    int ends[2];
    if (pipe(ends) != 0) return;
    {
        const Pair lost(SOCK_STREAM);
        send_files(lost.fd[0], "x", {ends[1]});
        close(ends[1]);
        pollfd one{ends[0], POLLIN, 0};
        VALUE("on its way it is open", poll(&one, 1, 0));
    }
    pollfd one{ends[0], POLLIN, 0};
    VALUE("lost, it is closed", poll(&one, 1, 10'000));
    VALUE("with", one.revents);
    close(ends[0]);
}

CONFORMANCE(local_threads) {
    signal(SIGPIPE, SIG_IGN);
    // Much through a stream whose buffer is smaller.
    const Pair pair(SOCK_STREAM);
    constexpr std::size_t total = 4'000'000;
    std::thread writer([&] {
        std::vector<unsigned char> piece(70'000);
        unsigned char next = 0;
        for (std::size_t sent = 0; sent < total;) {
            const std::size_t size = std::min(piece.size(), total - sent);
            for (std::size_t i = 0; i != size; ++i) piece[i] = next++;
            if (send(pair.fd[0], piece.data(), size, 0) != static_cast<ssize_t>(size)) return;
            sent += size;
        }
        shutdown(pair.fd[0], SHUT_WR);
    });
    std::size_t received = 0;
    bool in_order = true;
    unsigned char next = 0;
    for (;;) {
        unsigned char piece[12'345];
        const ssize_t size = recv(pair.fd[1], piece, sizeof(piece), 0);
        if (size <= 0) break;
        for (ssize_t i = 0; i != size; ++i) in_order &= piece[i] == next++;
        received += static_cast<std::size_t>(size);
    }
    writer.join();
    VALUE("received", received);
    VALUE("in order", in_order);

    // Clients and a server, with connections that wait for room.
    const Name name = Name::abstract("crowd");
    const Descriptor server(socket(AF_UNIX, SOCK_SEQPACKET, 0));
    bind(server, name.get(), name.size);
    listen(server, 2);
    constexpr int clients = 16;
    std::vector<std::thread> threads;
    for (int i = 0; i != clients; ++i)
        threads.emplace_back([&name, i] {
            const Descriptor client(socket(AF_UNIX, SOCK_SEQPACKET, 0));
            if (connect(client, name.get(), name.size) != 0) return;
            const std::string text = "client " + std::to_string(i);
            send(client, text.data(), text.size(), 0);
            char answer[64];
            recv(client, answer, sizeof(answer), 0);
        });
    std::size_t bytes = 0;
    for (int i = 0; i != clients; ++i) {
        const Descriptor connection(accept(server, nullptr, nullptr));
        char text[64];
        const ssize_t size = recv(connection, text, sizeof(text), 0);
        bytes += size > 0 ? static_cast<std::size_t>(size) : 0;
        send(connection, "ok", 2, 0);
    }
    for (std::thread& thread : threads) thread.join();
    VALUE("bytes of all clients", bytes);

    // A reader that waits meets the end, a writer that waits the missing reader.
    Pair ending(SOCK_STREAM);
    std::thread closer([&] { ending.close_end(0); });
    char byte;
    CALL("read until the peer goes", read(ending.fd[1], &byte, 1));
    closer.join();
}
