// SPDX-License-Identifier: Apache-2.0
// What the system tests do with disks inside a guest.
#pragma once

/// "disk ACTION [DEVICE [OFFSET [TEXT]]]": argv[2] on. Returns the program's exit code.
int use_disk(int argc, char** argv);
