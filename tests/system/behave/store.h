// SPDX-License-Identifier: Apache-2.0
// A server of the system tests that uses network and disk at the same time.
#pragma once

/// Listens on port 80. Writes the data of each connection on the first disk until the peer ends its side, then reads it
/// from there and sends it back. Returns the program's exit code if a call fails.
int serve_store();
