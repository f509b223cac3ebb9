// SPDX-License-Identifier: Apache-2.0
// One machine: image, accelerator, devices, control socket, and the loop that serves them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "hv/core/error.h"
#include "hv/core/event_loop.h"
#include "hv/machine/config.h"
#include "hv/machine/notice.h"
#include "hv/machine/run_directory.h"

namespace hv {

class MachineControl;

/// Serves a machine's control socket for as long as it lives.
class ControlServer {
public:
    ControlServer() = default;
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;
    virtual ~ControlServer() = default;
};

/// Services of rooms above this one for a machine. `serve` is required.
struct MachineServices {
    /// The control socket at `socket_path` (hv/api). `loop` and `machine` outlive the server.
    std::function<Result<std::unique_ptr<ControlServer>>(EventLoop& loop, const std::string& socket_path,
                                                         MachineControl& machine)>
        serve;
    /// Admits a reservation of `bytes` by the machine `name` of `run_base`, or refuses it with no_memory (hv/balance).
    /// Empty: every reservation is admitted.
    std::function<Result<>(const std::string& run_base, const std::string& name, std::uint64_t bytes)> admit = {};
    /// Opens the log of events in `run_base` for a machine without a supervisor (hv/supervise), before hv confines
    /// itself. Empty: there is no log.
    std::function<NoticeListener(const std::string& run_base)> listen = {};
};

/// What the starting process passes to a machine's hv (hv/supervise).
struct Supervised {
    const RunDirectory* directory = nullptr;  ///< null: there is no supervisor
    NoticeListener listener = {};
    bool preserve_crashed = false;  ///< a guest that crashed stays as it is, for a debugger, until it is killed
};

/// Runs a machine from its start to its end. Returns the exit code of hv: the guest's own, or one of ErrorKind.
/// Nothing is left behind, whatever the outcome. `hv_start_tsc` is the TSC when hv's main() began.
Result<int> run_machine(MachineConfig config, std::uint64_t hv_start_tsc, MachineServices services,
                        Supervised supervised = {});

}  // namespace hv
