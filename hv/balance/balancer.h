// SPDX-License-Identifier: Apache-2.0
// hv balance: looks at the host and at all machines of a run directory, decides, and acts.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hv/api/conversation.h"
#include "hv/api/http_server.h"
#include "hv/balance/host.h"
#include "hv/balance/ksm_switch.h"
#include "hv/balance/machine_memory.h"
#include "hv/balance/policy.h"
#include "hv/core/event_loop.h"
#include "hv/core/log_output.h"
#include "hv/core/stream_output.h"
#include "hv/machine/run_base.h"

namespace hv::balance {

struct BalanceOptions {
    std::string run_base;
    std::optional<std::uint64_t> budget;
    std::string cgroup;
    std::uint64_t interval_ms = 1000;
    std::uint64_t give_back_after_ms = PolicySettings{}.give_back_after_ms;
    bool dry_run = false;
    bool once = false;
    bool json = false;
    bool restore = false;  ///< at the end, balloons are as they were found
};

/// Served by one thread. All machines together may take a few hundred ms of each look to answer, no more.
class Balancer {
public:
    /// Errors: in_use (another one serves this run directory), and those of Host::open().
    static Result<std::unique_ptr<Balancer>> create(BalanceOptions options);
    ~Balancer();
    Balancer(const Balancer&) = delete;
    Balancer& operator=(const Balancer&) = delete;

    /// Until SIGINT or SIGTERM; with `once`, one look.
    Result<int> run();

private:
    /// A machine, as far as it is remembered from look to look.
    struct Known {
        std::uint64_t found_balloon = 0;
        std::uint64_t reservation = 0;
        std::uint64_t page_out_cursor = 0;
        pid_t hv = 0;
        std::vector<pid_t> processes;
        std::uint32_t failures = 0;
        std::uint64_t skip_until_ms = 0;
        bool answered = false;
        std::string last_line;  ///< of a dry run, which would say the same again and again
    };
    /// Memory promised to `hv run` for a machine that does not answer yet.
    struct Promise {
        std::uint64_t bytes;
        std::uint64_t until_ms;
    };

    Balancer(BalanceOptions options, Host host);
    Result<> look();
    [[nodiscard]] std::vector<MachineSample> ask_machines(const RunBase& base);
    void failed(const std::string& name, Known& machine, const std::string& why);
    void act(const std::vector<Action>& actions);
    void page_out_machine(const Action& action, std::vector<Question>& questions);
    void restore_balloons();
    void say(const Action& action);
    void say_line(const std::string& machine, const std::string& kind, const std::string& text);
    [[nodiscard]] std::string socket_of(const std::string& machine) const;

    [[nodiscard]] HttpResponse answer(const HttpRequest& request);
    [[nodiscard]] HttpResponse describe() const;
    [[nodiscard]] HttpResponse reserve(const HttpRequest& request);
    [[nodiscard]] std::uint64_t reserved_except(const std::string& machine) const;
    [[nodiscard]] std::uint64_t budget() const;

    BalanceOptions options_;
    Host host_;
    Policy policy_;
    KsmSwitch ksm_;
    HostSample last_host_;
    std::uint64_t resident_ = 0;  ///< of all machines at the last look
    std::map<std::string, Known> machines_;
    std::map<std::string, Promise> promises_;
    std::deque<std::string> last_lines_;
    FileDescriptor lock_;
    std::unique_ptr<EventLoop> loop_;
    std::optional<StreamOutput> output_;
    std::optional<LogOutput> log_;
    std::unique_ptr<HttpServer> server_;
};

/// Where the control socket of the balancer of `run_base` is.
[[nodiscard]] std::string balance_socket(const std::string& run_base);

/// Asks a balancer of `run_base`, if one runs, to count `bytes` as reserved for `machine`; without one, whether the
/// host has them at all. Errors: no_memory, naming the numbers.
Result<> ask_for_reservation(const std::string& run_base, const std::string& machine, std::uint64_t bytes);

}  // namespace hv::balance
