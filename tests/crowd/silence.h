// SPDX-License-Identifier: Apache-2.0
// Connections whose peer falls silent.
#pragma once

/// Connects to port 85 of `address` and prints "connected". Behind a line of input the peer's machine answers nothing.
/// Prints how each connection ended: by TCP_USER_TIMEOUT, by keep-alive, and two that could not be made. Returns the
/// exit code.
int await_silence(const char* address);
