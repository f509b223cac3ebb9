// SPDX-License-Identifier: Apache-2.0
// What a program has to do itself if it is all that runs on its machine.
#pragma once

namespace pvbench {

/// As process 1 of a Linux machine: loads the kernel modules in /modules, mounts file systems, brings the network up.
/// Otherwise nothing.
void prepare_machine();
/// As process 1 of a Linux machine: switches it off. Otherwise nothing.
void leave_machine();

}  // namespace pvbench
