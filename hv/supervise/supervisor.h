// SPDX-License-Identifier: Apache-2.0
// The process that stays with a machine: keeps its console, starts it again, and records its end.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "hv/api/http_server.h"
#include "hv/core/error.h"
#include "hv/core/event_loop.h"
#include "hv/core/file_descriptor.h"
#include "hv/core/log_output.h"
#include "hv/machine/config.h"
#include "hv/machine/interrupts.h"
#include "hv/machine/machine.h"
#include "hv/machine/notice.h"
#include "hv/machine/run_directory.h"
#include "hv/supervise/event_log.h"
#include "hv/supervise/machine_record.h"
#include "hv/supervise/outcome.h"
#include "hv/supervise/restart_policy.h"
#include "hv/supervise/supervisor_requests.h"
#include "hv/supervise/worker_console.h"
#include "hv/supervise/worker_process.h"

namespace hv {

struct SuperviseOptions {
    MachineServices services = {};  ///< for each of its lives
    bool again = false;             ///< the machine has ended before and was kept; it is kept in any case
    bool detached = false;  ///< its console is a log, and a socket to attach to; otherwise it is this process's own
};

/// One machine, several lives of its hv, which is this process's child.
///
/// The supervisor looks at what the guest does only as bytes of its console. It is killed: its hv and the guest end
/// with it. Its hv is killed: the supervisor records that, or starts it anew.
class Supervisor {
public:
    /// `config` has the directory's name; `options` outlive the supervisor. `starter`: a socket, to the process
    /// that waits for the start; empty: none does.
    Supervisor(MachineConfig config, const SuperviseOptions& options, RunDirectory directory, std::string base,
               FileDescriptor starter);

    /// Until the machine is over; its exit code. What cannot be started has told why on standard error, and leaves
    /// nothing, unless it was kept before.
    Result<int> run();
    /// An exit code, to the process that waits for the start; the first call counts.
    void tell_starter(int exit_code);

private:
    /// The requested end or reboot, and its present step.
    struct Asked {
        std::string stop;    ///< empty: no request to end it
        std::string reboot;  ///< empty: no request to start it anew
        std::uint64_t reboot_until_ns = 0;
    };

    Result<> begin();
    Result<> prepare();
    Result<> start_worker();
    void take_notices();
    void on_notice(const Notice& notice);
    void on_started(const char* accelerator);
    void worker_died();
    void forget_worker();
    void start_again(std::uint64_t delay_ns);
    void start_now();
    void finish(int exit_code, std::string reason);
    void finish_soon(std::string reason);
    /// It was to start again and does not: its directory says what it said before.
    void end_as_before();
    void release_sockets();
    void add_console_to_crash_report();
    void keep_config();
    void record_end(int exit_code, std::string reason);
    void record(const char* state);
    void write_record(const MachineRecord& record) const;
    void interrupted();
    [[nodiscard]] bool reboot_is_wanted() const;
    /// An action of the worker's control socket. False: it does not answer.
    [[nodiscard]] bool ask_worker(const char* action) const;
    HttpResponse answer(const HttpRequest& request);
    HttpResponse answer_end(const SupervisorRequest& request);
    HttpResponse answer_reboot(const SupervisorRequest& request);
    HttpResponse answer_limits(const HttpRequest& request);
    HttpResponse answer_drive(const HttpRequest& request);
    HttpResponse answer_cpu(const HttpRequest& request);

    MachineConfig config_;  ///< for its next life, too
    const SuperviseOptions& options_;
    std::string base_;
    RunDirectory directory_;
    RestartPolicy policy_;
    FileDescriptor starter_;
    MachineRecord record_;
    std::optional<MachineRecord> former_;  ///< of a machine that is started again
    GuestEvents events_;
    Asked asked_;

    std::unique_ptr<EventLoop> loop_;
    std::optional<LogOutput> log_;  ///< while a command waits for the start
    std::unique_ptr<Interrupts> interrupts_;
    std::unique_ptr<WorkerConsole> console_;  ///< null: not detached
    std::unique_ptr<HttpServer> server_;
    std::unique_ptr<WorkerProcess> worker_;  ///< null: between two lives
    std::optional<Notice> last_words_;       ///< of the worker's machine
    bool started_once_ = false;
    bool interrupted_ = false;
    int exit_code_ = 0;
    std::uint64_t started_ns_ = 0;
    std::uint64_t start_timer_ = 0;  ///< until the starter is told in any case; 0 = none
};

}  // namespace hv
