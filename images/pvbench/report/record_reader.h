// SPDX-License-Identifier: Apache-2.0
// Reading what pvbench has written on some machine. The file may be damaged, or made by someone else.
#pragma once

#include <string>
#include <string_view>

#include "hv/core/error.h"
#include "images/pvbench/report/record.h"

namespace pvbench {

/// The record in `text`: JSON alone, or a console's log with the JSON between pvbench's two marker lines (the last such
/// pair). `file` is how errors call the text. Errors: usage, naming the file and the key at fault.
[[nodiscard]] hv::Result<Record> parse_record(std::string_view text, const std::string& file);

/// The same for a file. Errors: also those of reading it.
[[nodiscard]] hv::Result<Record> read_record(const std::string& path);

}  // namespace pvbench
