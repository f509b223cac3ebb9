// SPDX-License-Identifier: Apache-2.0
// What the control socket answers: Firecracker's paths where they fit, and /stats.
#pragma once

#include <cstdint>
#include <string>

#include "hv/accel/accelerator.h"
#include "hv/api/http_server.h"
#include "hv/machine/config.h"

namespace hv {

/// A machine, as the control socket sees it.
class ApiMachine {
public:
    virtual ~ApiMachine() = default;
    [[nodiscard]] virtual const MachineConfig& config() const = 0;
    [[nodiscard]] virtual bool running() const = 0;
    [[nodiscard]] virtual std::string accelerator() const = 0;
    [[nodiscard]] virtual std::string accelerator_reason() const = 0;
    [[nodiscard]] virtual std::uint64_t uptime_ns() const = 0;
    [[nodiscard]] virtual std::uint64_t guest_cpu_ns() const = 0;
    virtual void request_shutdown() = 0;
};

/// Answers a request about `machine`.
[[nodiscard]] HttpResponse answer_request(const HttpRequest& request, ApiMachine& machine);

}  // namespace hv
