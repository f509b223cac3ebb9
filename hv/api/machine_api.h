// SPDX-License-Identifier: Apache-2.0
// The control socket's paths: Firecracker's where they fit, and /stats.
#pragma once

#include <memory>
#include <string>

#include "hv/api/http_server.h"
#include "hv/core/error.h"
#include "hv/core/event_loop.h"
#include "hv/machine/machine.h"
#include "hv/machine/machine_control.h"

namespace hv {

/// Answers a request about `machine`.
[[nodiscard]] HttpResponse answer_request(const HttpRequest& request, MachineControl& machine);

/// Serves the control socket of `machine` at `socket_path`; `loop` and `machine` outlive the server.
/// Errors: those of HttpServer::create().
Result<std::unique_ptr<ControlServer>> serve_machine(EventLoop& loop, const std::string& socket_path,
                                                     MachineControl& machine);

}  // namespace hv
