// SPDX-License-Identifier: Apache-2.0
// Relaying a worker's pipes.
#include "hv/supervise/worker_console.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>

#include "hv/core/log.h"
#include "hv/machine/machine_files.h"

namespace hv {

Result<std::unique_ptr<WorkerConsole>> WorkerConsole::create(EventLoop& loop, const std::string& directory) {
    TRY(ConsoleLog log, ConsoleLog::open(directory + "/" + console_log));
    std::unique_ptr<WorkerConsole> console(new WorkerConsole(loop, std::move(log)));
    const std::string socket = directory + "/" + console_socket;
    // Of a machine that died under this name.
    unlink(socket.c_str());
    TRY(console->hub_, ConsoleHub::create(loop, console->log_, socket));
    return console;
}

WorkerConsole::~WorkerConsole() { detach(); }

Result<> WorkerConsole::attach(const WorkerProcess& worker) {
    worker_ = &worker;
    hub_->set_guest_input(worker.console_input());
    CHECK(relay_when_readable(worker.console_output(), &WorkerConsole::relay_output));
    return relay_when_readable(worker.messages(), &WorkerConsole::relay_messages);
}

Result<> WorkerConsole::relay_when_readable(int pipe, void (WorkerConsole::*relay)()) {
    return loop_.watch(pipe, EPOLLIN, [this, pipe, relay](std::uint32_t events) {
        if ((events & EPOLLIN) != 0) return (this->*relay)();
        // A pipe that is closed is always readable.
        loop_.unwatch(pipe);
    });
}

void WorkerConsole::detach() {
    if (worker_ == nullptr) return;
    relay_output_up_to(~0ULL);
    relay_messages();
    hub_->set_guest_input(-1);
    for (const int pipe : {worker_->console_output(), worker_->messages()}) loop_.unwatch(pipe);
    worker_ = nullptr;
}

void WorkerConsole::relay_output() { relay_output_up_to(BoundedLog::default_file_limit); }

void WorkerConsole::relay_output_up_to(std::uint64_t most) {
    std::array<char, 16384> buffer;
    for (std::uint64_t taken = 0; worker_ != nullptr && taken < most;) {
        const ssize_t size = read(worker_->console_output(), buffer.data(), buffer.size());
        if (size <= 0) return;
        taken += static_cast<std::uint64_t>(size);
        hub_->write({buffer.data(), static_cast<std::size_t>(size)});
    }
}

void WorkerConsole::relay_messages() {
    std::array<char, 4096> buffer;
    while (worker_ != nullptr) {
        const ssize_t size = read(worker_->messages(), buffer.data(), buffer.size());
        if (size <= 0) return;
        const std::string_view text(buffer.data(), static_cast<std::size_t>(size));
        if (echo_) log_text(text);
        hub_->write(text);
    }
}

}  // namespace hv
