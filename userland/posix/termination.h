// SPDX-License-Identifier: Apache-2.0
// The hypervisor's request to stop, as SIGTERM.
#pragma once

namespace tenon::posix {

/// From now on a request to stop or to restart sends SIGTERM to the process, if that has a handler for it or blocks it,
/// in place of ending the machine. A handler of tenon/power.h that was set earlier is replaced.
void take_termination_as_signal();

}  // namespace tenon::posix
