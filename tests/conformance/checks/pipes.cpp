// SPDX-License-Identifier: Apache-2.0
// Pipes: ends, limits, readiness.
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "../check.h"

namespace {

struct Pipe {
    explicit Pipe(int flags = 0) { CALL("pipe2", pipe2(fd, flags)); }
    ~Pipe() {
        close_end(0);
        close_end(1);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    void close_end(int end) {
        if (fd[end] >= 0) close(fd[end]);
        fd[end] = -1;
    }
    [[nodiscard]] int ready(int end) const {
        pollfd one{fd[end], POLLIN | POLLOUT, 0};
        poll(&one, 1, 0);
        return one.revents;
    }
    int fd[2] = {-1, -1};
};

volatile int signals_taken = 0;
void count_signal(int) { signals_taken = signals_taken + 1; }

}  // namespace

CONFORMANCE(pipes) {
    int ends[2];
    CALL("pipe", pipe(ends));
    struct stat status = {};
    CALL("fstat", fstat(ends[0], &status));
    VALUE("is a fifo", S_ISFIFO(status.st_mode) != 0);
    VALUE("flags of the reading end", fcntl(ends[0], F_GETFL) & O_ACCMODE);
    VALUE("flags of the writing end", (fcntl(ends[1], F_GETFL) & O_ACCMODE) == O_WRONLY);
    CALL("write", write(ends[1], "hello", 5));
    CALL("write more", write(ends[1], " world", 6));
    int count = -1;
    CALL("FIONREAD", ioctl(ends[0], FIONREAD, &count));
    VALUE("bytes", count);
    CALL("FIONREAD of the other end", ioctl(ends[1], FIONREAD, &count));
    VALUE("the same bytes", count);
    char text[64] = {};
    CALL("read", read(ends[0], text, sizeof(text)));
    VALUE("both in one", text);
    CALL("read from the writing end", read(ends[1], text, 1));
    CALL("write to the reading end", write(ends[0], text, 1));
    CALL("lseek", lseek(ends[0], 0, SEEK_SET));
    CALL("pread", pread(ends[0], text, 1, 0));
    CALL("pwrite", pwrite(ends[1], text, 1, 0));
    CALL("fsync", fsync(ends[1]));
    CALL("ftruncate", ftruncate(ends[1], 0));
    VALUE("is no terminal", isatty(ends[0]) == 0);
    CALL("read of nothing", read(ends[0], text, 0));
    CALL("write of nothing", write(ends[1], text, 0));
    CALL("F_GETPIPE_SZ", fcntl(ends[0], F_GETPIPE_SZ));
    CALL("F_SETPIPE_SZ, rounded up", fcntl(ends[1], F_SETPIPE_SZ, 100'000));
    CALL("F_SETPIPE_SZ, a page", fcntl(ends[1], F_SETPIPE_SZ, 1));
    CALL("F_SETPIPE_SZ of no pipe", fcntl(0, F_SETPIPE_SZ, 1));
    CALL("fpathconf", fpathconf(ends[0], _PC_PIPE_BUF));
    VALUE("PIPE_BUF", PIPE_BUF);
    close(ends[0]);
    close(ends[1]);
    CALL("pipe2 with a wrong flag", pipe2(ends, O_APPEND));
    CALL("pipe to nowhere", pipe(nullptr));
    Pipe closing(O_CLOEXEC | O_NONBLOCK);
    VALUE("FD_CLOEXEC", fcntl(closing.fd[0], F_GETFD));
    VALUE("O_NONBLOCK", (fcntl(closing.fd[1], F_GETFL) & O_NONBLOCK) != 0);
}

CONFORMANCE(pipe_ends) {
    signal(SIGPIPE, SIG_IGN);
    char byte = 0;
    Pipe no_writer;
    VALUE("ready to read, with a writer", no_writer.ready(0));
    CALL("write", write(no_writer.fd[1], "x", 1));
    no_writer.close_end(1);
    VALUE("with a byte, and without a writer", no_writer.ready(0));
    CALL("read the last byte", read(no_writer.fd[0], &byte, 1));
    VALUE("without a writer", no_writer.ready(0));
    CALL("read at the end", read(no_writer.fd[0], &byte, 1));

    Pipe no_reader;
    VALUE("ready to write, with a reader", no_reader.ready(1));
    no_reader.close_end(0);
    VALUE("without a reader", no_reader.ready(1));
    CALL("write without a reader", write(no_reader.fd[1], "x", 1));
    CALL("write of nothing without a reader", write(no_reader.fd[1], "x", 0));

    signals_taken = 0;
    signal(SIGPIPE, count_signal);
    CALL("write with a handler", write(no_reader.fd[1], "x", 1));
    VALUE("SIGPIPE", signals_taken);
    signal(SIGPIPE, SIG_IGN);

    // A second descriptor keeps the end open.
    Pipe kept;
    const int other = dup(kept.fd[1]);
    kept.close_end(1);
    VALUE("a duplicate keeps it open", kept.ready(0));
    CALL("write to the duplicate", write(other, "y", 1));
    close(other);
    CALL("read what it wrote", read(kept.fd[0], &byte, 1));
    CALL("then the end", read(kept.fd[0], &byte, 1));
}

CONFORMANCE(pipe_limits) {
    signal(SIGPIPE, SIG_IGN);
    Pipe full(O_NONBLOCK);
    std::vector<char> much(200'000, 'm');
    char byte = 0;
    CALL("read of an empty one", read(full.fd[0], &byte, 1));
    CALL("write of more than fits", write(full.fd[1], much.data(), much.size()));
    CALL("write to a full one", write(full.fd[1], "x", 1));
    VALUE("a full one", full.ready(1));
    VALUE("has bytes", full.ready(0));
    std::vector<char> page(PIPE_BUF);
    CALL("read a page but a byte", read(full.fd[0], page.data(), page.size() - 1));
    CALL("write a page, which is written whole or not at all", write(full.fd[1], page.data(), page.size()));
    CALL("read the byte", read(full.fd[0], &byte, 1));
    VALUE("with room for a page", full.ready(1));
    CALL("write a page then", write(full.fd[1], page.data(), page.size()));
    CALL("F_SETPIPE_SZ below what is in it", fcntl(full.fd[1], F_SETPIPE_SZ, 4096));

    Pipe parts(O_NONBLOCK);
    iovec out[3] = {{much.data(), 2}, {much.data(), 0}, {much.data(), 3}};
    CALL("writev", writev(parts.fd[1], out, 3));
    char one[2], other[8];
    iovec in[2] = {{one, sizeof(one)}, {other, sizeof(other)}};
    CALL("readv of what there is", readv(parts.fd[0], in, 2));
    CALL("readv of nothing", readv(parts.fd[0], in, 2));

    // A blocking write of much meets a reader that takes little at a time.
    Pipe slow;
    std::thread writer([&] { CALL("write all", write(slow.fd[1], much.data(), much.size())); });
    std::size_t total = 0;
    while (total < much.size()) {
        char piece[777];
        const ssize_t size = read(slow.fd[0], piece, sizeof(piece));
        if (size <= 0) break;
        total += static_cast<std::size_t>(size);
    }
    writer.join();
    VALUE("read all", total);
}

CONFORMANCE(pipe_threads) {
    signal(SIGPIPE, SIG_IGN);
    // Messages of several writers are never mixed.
    Pipe shared;
    constexpr int writers = 4, messages = 500;
    constexpr std::size_t size = 300;
    std::vector<std::thread> threads;
    for (int i = 0; i != writers; ++i)
        threads.emplace_back([&shared, i] {
            const std::string message(size, static_cast<char>('a' + i));
            for (int n = 0; n != messages; ++n)
                if (write(shared.fd[1], message.data(), size) != static_cast<ssize_t>(size)) return;
        });
    std::string all;
    while (all.size() < writers * messages * size) {
        char piece[4096];
        const ssize_t got = read(shared.fd[0], piece, sizeof(piece));
        if (got <= 0) break;
        all.append(piece, static_cast<std::size_t>(got));
    }
    for (std::thread& thread : threads) thread.join();
    bool mixed = false;
    for (std::size_t at = 0; at + size <= all.size(); at += size)
        mixed |= all.find_first_not_of(all[at], at) < at + size;
    VALUE("bytes", all.size());
    VALUE("mixed", mixed);

    // A reader that waits meets the end when the writer goes.
    Pipe ending;
    std::thread closer([&] { ending.close_end(1); });
    char byte = 0;
    CALL("read until the writer goes", read(ending.fd[0], &byte, 1));
    closer.join();
    // A writer that waits meets the missing reader.
    Pipe broken;
    std::vector<char> much(200'000, 'm');
    std::thread leaver([&] {
        char some[100];
        if (read(broken.fd[0], some, sizeof(some)) > 0) broken.close_end(0);
    });
    const ssize_t written = write(broken.fd[1], much.data(), much.size());
    const int code = errno;
    leaver.join();
    VALUE("write until the reader goes", written == -1 && code == EPIPE);
}
