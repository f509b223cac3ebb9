// SPDX-License-Identifier: Apache-2.0
// The first serial port, for text before there is a driver and for last words.
#pragma once

#include <string_view>

namespace tenon::hvm {

/// 115200 baud, 8N1, no interrupts. Without it, writing goes to whatever the firmware has set up.
void prepare_uart();
/// Polls; text is dropped where there is no port, or one that does not take it. "\n" goes out as "\r\n".
void uart_write(std::string_view text);

}  // namespace tenon::hvm
