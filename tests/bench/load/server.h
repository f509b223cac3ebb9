// SPDX-License-Identifier: Apache-2.0
// A small HTTP server: enough for a client that asks for one number at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace load {

/// Serves `GET /NUMBER` on port 80, one connection after the other, each for one request; never returns. An empty
/// answer becomes a 404.
[[noreturn]] void serve(const std::function<std::string(std::uint64_t number)>& answer);

}  // namespace load
