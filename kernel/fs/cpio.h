// SPDX-License-Identifier: Apache-2.0
// Reads a cpio archive in the "newc" format (cpio(5)), entry by entry. The archive may be damaged or hostile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "kernel/base/result.h"

namespace tenon {

struct CpioEntry {
    std::string_view name;  ///< as in the archive, without the terminating zero
    std::span<const std::byte> data;
    std::uint32_t mode;
    std::uint32_t modified;  ///< seconds since 1970
};

/// Entries point into the archive, whose memory must stay.
class CpioReader {
public:
    explicit CpioReader(std::span<const std::byte> archive) : archive_(archive) {}

    /// The next entry; nothing at the end. Error: invalid_argument where the archive is damaged, and at each call after
    /// that.
    [[nodiscard]] Result<std::optional<CpioEntry>> next();

private:
    std::span<const std::byte> archive_;
    std::size_t offset_ = 0;
};

}  // namespace tenon
