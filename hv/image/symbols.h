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

/// The function at guest-virtual `address` by the symbol table of the ELF file in `file`, which is not trusted. Nothing
/// where the file is stripped, or says nothing about that address.
[[nodiscard]] std::optional<ImageSymbol> find_symbol(std::span<const std::byte> file, std::uint64_t address);

/// An image's file, mapped while this lives: looked at only when there is a crash to explain.
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
