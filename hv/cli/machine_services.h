// SPDX-License-Identifier: Apache-2.0
// What the rooms above hv/machine do for the machines that commands start.
#pragma once

#include "hv/api/machine_api.h"
#include "hv/balance/balancer.h"
#include "hv/machine/machine.h"
#include "hv/supervise/event_log.h"

namespace hv {

[[nodiscard]] inline MachineServices machine_services() {
    return {.serve = serve_machine, .admit = balance::ask_for_reservation, .listen = notice_log};
}

}  // namespace hv
