// SPDX-License-Identifier: Apache-2.0
// Names of functions in an image, for the backtrace of a crash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "hv/image/image.h"

namespace hv {

struct ImageSymbol {
    std::string name;      ///< demangled
    std::uint64_t offset;  ///< of the address in the function
};

/// The function at guest-virtual `address`, from the symbol table of the untrusted ELF file in `file`. Nothing where
/// the file is stripped or has no symbol for the address.
[[nodiscard]] std::optional<ImageSymbol> find_symbol(std::span<const std::byte> file, std::uint64_t address);

/// Maps an image's file as long as it lives. Used only to explain a crash.
class ImageSymbols {
public:
    explicit ImageSymbols(const Image& image);
    ~ImageSymbols();
    ImageSymbols(const ImageSymbols&) = delete;
    ImageSymbols& operator=(const ImageSymbols&) = delete;

    [[nodiscard]] std::optional<ImageSymbol> find(std::uint64_t address) const { return find_symbol(file_, address); }

private:
    std::span<const std::byte> file_;
};

}  // namespace hv
