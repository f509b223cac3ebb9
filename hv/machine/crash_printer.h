// SPDX-License-Identifier: Apache-2.0
// A guest's crash, for a person.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "hv/guest/guest_end.h"
#include "hv/image/symbols.h"

namespace hv {

/// The function at a guest-virtual address.
using SymbolLookup = std::function<std::optional<ImageSymbol>(std::uint64_t address)>;

/// Several lines, each ended: reason, registers, backtrace. Everything in the report comes from the guest: it is
/// bounded, and what is not printable is replaced, so that a guest cannot write control sequences to the terminal
/// through it.
[[nodiscard]] std::string crash_text(const std::string& machine, const GuestEnd& end, const SymbolLookup& symbol);

}  // namespace hv
