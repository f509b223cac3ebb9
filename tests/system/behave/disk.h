// SPDX-License-Identifier: Apache-2.0
// Actions of the system tests on disks inside a guest.
#pragma once

/// "disk ACTION [DEVICE [OFFSET [TEXT]]]": argv[2] on. Returns the program's exit code.
int use_disk(int argc, char** argv);
