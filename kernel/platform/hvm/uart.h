// SPDX-License-Identifier: Apache-2.0
// The first serial port, for text before there is a console driver and for crash reports.
#pragma once

#include <string_view>

namespace tenon::hvm {

/// Sets 115200 baud, 8N1, no interrupts. Without it the port works as firmware has set it up.
void prepare_uart();
/// Polls. Drops text if there is no port, or if the port does not accept it. Sends "\n" as "\r\n".
void uart_write(std::string_view text);

}  // namespace tenon::hvm
