// SPDX-License-Identifier: Apache-2.0
// Text in HTML.
#pragma once

#include <string>
#include <string_view>

namespace pvbench {

/// `text` as the content of an element, or as an attribute's value between double or single quotes: none of its
/// characters is markup.
[[nodiscard]] std::string html(std::string_view text);

}  // namespace pvbench
