// SPDX-License-Identifier: Apache-2.0
// Readers that do not read: a full pipe, a terminal that was stopped, and outputs that others have too.
#include "hv/core/stream_output.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "hv/core/file_descriptor.h"
#include "hv/core/log.h"
#include "hv/core/log_output.h"
#include "tests/unit/hv/temporary_directory.h"
// After hv's headers: CHECK is the tests' here.
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>

using hv::EventLoop;
using hv::FileDescriptor;
using hv::LogOutput;
using hv::NonblockingOutput;
using hv::StreamOutput;

namespace {

hv::Counter written("test_stream.written");
hv::Counter dropped("test_stream.dropped");

struct Ends {
    FileDescriptor reader, writer;
};

Ends make_pipe() {
    int fds[2];
    REQUIRE(pipe2(fds, O_CLOEXEC) == 0);
    return {FileDescriptor(fds[0]), FileDescriptor(fds[1])};
}

/// `reader` is the terminal emulator's side.
Ends make_terminal() {
    int master = -1, slave = -1;
    REQUIRE(openpty(&master, &slave, nullptr, nullptr, nullptr) == 0);
    return {FileDescriptor(master), FileDescriptor(slave)};
}

/// The text that can be read now.
std::string drain(const FileDescriptor& reader) {
    std::string text;
    char buffer[4096];
    for (;;) {
        pollfd poller{.fd = reader.get(), .events = POLLIN, .revents = 0};
        if (poll(&poller, 1, 20) <= 0 || (poller.revents & POLLIN) == 0) return text;
        const ssize_t size = read(reader.get(), buffer, sizeof buffer);
        if (size <= 0) return text;
        text.append(buffer, static_cast<std::size_t>(size));
    }
}

void serve(EventLoop& loop, std::uint64_t for_ns = 5'000'000) {
    loop.after(for_ns, [&loop] { loop.stop(); });
    loop.run();
}

bool is_nonblocking(int fd) { return (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0; }

std::unique_ptr<EventLoop> make_loop() { return std::move(*EventLoop::create()); }

/// As `text`, with the line ends of a terminal.
std::string on_terminal(std::string_view text) {
    std::string shown;
    for (const char c : text) shown += c == '\n' ? std::string("\r\n") : std::string(1, c);
    return shown;
}

}  // namespace

TEST_CASE("an output never waits for its reader, and leaves the others' open file as it is", "[stream]") {
    for (const auto how : {NonblockingOutput::How::any, NonblockingOutput::How::by_process})
        for (const bool terminal : {false, true}) {
            const Ends ends = terminal ? make_terminal() : make_pipe();
            const NonblockingOutput output(ends.writer.get(), how);
            // Until nothing more is taken. A write that waited would never come back.
            std::size_t sent = 0;
            for (int i = 0; i < 10'000; ++i) {
                const ssize_t size = output.write(std::string(1000, 'x'));
                if (size < 0 && errno == EAGAIN && how == NonblockingOutput::How::any) break;
                if (size < 0) {
                    // The process takes some time to take what it can.
                    pollfd poller{.fd = output.fd(), .events = POLLOUT, .revents = 0};
                    if (poll(&poller, 1, 200) == 0) break;
                    continue;
                }
                sent += static_cast<std::size_t>(size);
            }
            CHECK(sent > 1000);
            CHECK(sent < 1'000'000);
            CHECK_FALSE(is_nonblocking(ends.writer.get()));
            std::size_t received = 0;
            for (int turn = 0; turn < 100 && received < sent; ++turn) received += drain(ends.reader).size();
            CHECK(received == sent);
        }
}

TEST_CASE("what a process still has at the end reaches a reader that reads", "[stream]") {
    const Ends ends = make_pipe();
    {
        const NonblockingOutput output(ends.writer.get(), NonblockingOutput::How::by_process);
        CHECK(output.write("last words") == 10);
    }
    CHECK(drain(ends.reader) == "last words");
}

TEST_CASE("a terminal that is stopped with Ctrl-S does not stop the loop, and loses nothing that there is room for",
          "[stream]") {
    const Ends ends = make_terminal();
    const auto loop = make_loop();
    StreamOutput output(ends.writer.get(), *loop, written, dropped);
    output.write("before\n");
    CHECK(drain(ends.reader) == "before\r\n");
    // As the terminal's driver does when Ctrl-S comes.
    REQUIRE(tcflow(ends.writer.get(), TCOOFF) == 0);
    std::string expected;
    for (int i = 0; i < 2000; ++i) {
        const std::string line = "line " + std::to_string(i) + " of some length, so that buffers fill\n";
        expected += line;
        output.write(line);
    }
    CHECK(output.congested());
    int turns = 0;
    loop->after(1'000'000, [&turns] { ++turns; });
    serve(*loop);
    CHECK(turns == 1);
    const std::uint64_t lost = dropped.value();
    REQUIRE(tcflow(ends.writer.get(), TCOON) == 0);
    std::string shown;
    for (int turn = 0; turn < 500 && output.congested(); ++turn) {
        shown += drain(ends.reader);
        serve(*loop);
    }
    shown += drain(ends.reader);
    CHECK(shown == on_terminal(expected));
    CHECK(dropped.value() == lost);
}

TEST_CASE("a backlog is bounded, and what is beyond it is counted", "[stream]") {
    const Ends ends = make_pipe();
    const auto loop = make_loop();
    StreamOutput output(ends.writer.get(), *loop, written, dropped);
    const std::uint64_t before = dropped.value(), out_before = written.value();
    const std::string text(100'000, 't');
    for (int i = 0; i < 20; ++i) output.write(text);
    CHECK(output.room() == 0);
    CHECK(dropped.value() - before == 20 * text.size() - StreamOutput::backlog_limit - (written.value() - out_before));
}

TEST_CASE("a file, a socket and a full device are written without a backlog", "[stream]") {
    const test::TemporaryDirectory directory;
    const auto loop = make_loop();
    const std::string path = directory.path() + "/file";
    {
        const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        // The offset is the one that others have too.
        REQUIRE(write(file.get(), "one ", 4) == 4);
        StreamOutput output(file.get(), *loop, written, dropped);
        output.write("two");
        CHECK_FALSE(output.congested());
    }
    std::string text;
    std::getline(std::ifstream(path), text);
    CHECK(text == "one two");

    int pair[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    const FileDescriptor near(pair[0]), far(pair[1]);
    StreamOutput socket(near.get(), *loop, written, dropped);
    for (int i = 0; i < 100; ++i) socket.write(std::string(10'000, 's'));
    CHECK(socket.congested());
    CHECK_FALSE(is_nonblocking(near.get()));

    const FileDescriptor full(open("/dev/full", O_WRONLY | O_CLOEXEC));
    StreamOutput nowhere(full.get(), *loop, written, dropped);
    const std::uint64_t before = dropped.value();
    nowhere.write("text");
    CHECK(dropped.value() == before + 4);
    CHECK_FALSE(nowhere.congested());
}

TEST_CASE("a reader that takes nothing at the end keeps nobody for long", "[stream]") {
    const Ends ends = make_pipe();
    const auto loop = make_loop();
    StreamOutput output(ends.writer.get(), *loop, written, dropped);
    output.write(std::string(200'000, 'x'));
    const std::uint64_t before = dropped.value();
    output.flush();
    CHECK_FALSE(output.congested());
    CHECK(dropped.value() > before);
}

TEST_CASE("messages to a standard error that nobody reads are counted, and the reader is told", "[log]") {
    const Ends ends = make_pipe();
    const auto loop = make_loop();
    {
        LogOutput log(ends.writer.get(), *loop);
        for (int i = 0; i < 10'000; ++i) hv::log_line("message " + std::to_string(i) + std::string(100, '.'));
        std::string text;
        for (int turn = 0; turn < 500 && text.find("are missing") == std::string::npos; ++turn) {
            text += drain(ends.reader);
            serve(*loop);
        }
        CHECK(text.starts_with("hv: message 0."));
        const std::size_t told = text.find("lines of hv are missing");
        REQUIRE(told != std::string::npos);
        // Whole lines, and none of them twice.
        const std::size_t begin = text.rfind("hv: ", told);
        const auto lost = std::stoul(text.substr(begin + 4));
        CHECK(lost + static_cast<std::size_t>(std::ranges::count(text.substr(0, begin), '\n')) == 10'000);
        hv::log_line("and on it goes\x1B[2J");
        CHECK(drain(ends.reader) == "hv: and on it goes?[2J\n");
    }
}
