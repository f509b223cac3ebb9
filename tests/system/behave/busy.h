// SPDX-License-Identifier: Apache-2.0
// A disk and a network in full use at the same time.
#pragma once

/// Echoes what comes over `connections` connections to port 80, and writes and verifies /dev/vda again and again
/// meanwhile. Ends when all of them are closed, and says how much there was of both. Returns the program's exit code.
int be_busy(int connections);
