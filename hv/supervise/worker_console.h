// SPDX-License-Identifier: Apache-2.0
// Passes a detached hv's output from its pipes to the log and to attached clients.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "hv/core/event_loop.h"
#include "hv/supervise/console_hub.h"
#include "hv/supervise/worker_process.h"

namespace hv {

/// The console lives as long as its supervisor, over all lives of the worker.
class WorkerConsole {
public:
    /// In a machine's directory. `loop` outlives it. Errors: usage (the path is too long), no_permission.
    static Result<std::unique_ptr<WorkerConsole>> create(EventLoop& loop, const std::string& directory);
    ~WorkerConsole();
    WorkerConsole(const WorkerConsole&) = delete;
    WorkerConsole& operator=(const WorkerConsole&) = delete;

    /// From now on it is this worker's, which lives until detach().
    Result<> attach(const WorkerProcess& worker);
    /// Takes what is still in the pipes. Without a worker: nothing.
    void detach();

    /// Whether what hv says goes to this process's standard error, too: somebody waits for the machine's start.
    void echo_messages(bool wanted) { echo_ = wanted; }
    void relay_messages();
    /// At most as much as the log holds: a guest that writes without end does not keep the loop from its other work.
    void relay_output();
    /// The end of the log, from the beginning of a line.
    [[nodiscard]] std::string tail(std::uint64_t limit) const { return log_.tail(limit); }

private:
    WorkerConsole(EventLoop& loop, ConsoleLog log) : loop_(loop), log_(std::move(log)) {}
    Result<> relay_when_readable(int pipe, void (WorkerConsole::*relay)());
    void relay_output_up_to(std::uint64_t most);

    EventLoop& loop_;
    ConsoleLog log_;
    std::unique_ptr<ConsoleHub> hub_;
    const WorkerProcess* worker_ = nullptr;
    bool echo_ = false;
};

}  // namespace hv
