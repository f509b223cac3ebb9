// SPDX-License-Identifier: Apache-2.0
// Domain names as messages of the network have them: DHCP's options 15 and 119 (RFC 2132, RFC 3397), and the DNS search
// list of router advertisements (RFC 8106, section 5.2).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tenon::net {

/// As text, without the dot at its end; at most 253 characters (RFC 1035, section 2.3.4).
class DomainName {
public:
    static constexpr std::size_t longest = 253, longest_label = 63;

    [[nodiscard]] std::string_view text() const { return {text_.data(), size_}; }
    [[nodiscard]] const char* c_str() const { return text_.data(); }
    bool operator==(const DomainName& other) const { return text() == other.text(); }

    /// Adds a label at the end. Only letters, digits, hyphens and underscores: the text goes into queries, and programs
    /// print it. False: the label is none, or there is no room for it.
    [[nodiscard]] bool append(std::span<const std::uint8_t> label);

private:
    std::array<char, longest + 1> text_{};
    std::size_t size_ = 0;
};

/// The names in `bytes` (RFC 1035, section 3.1, compressed as in section 4.1.4 with offsets into `bytes`), as many as
/// `names` has room for; returns how many. Reading ends at the first name that is malformed; empty ones, which are
/// padding, are left out.
[[nodiscard]] std::size_t read_domain_names(std::span<const std::uint8_t> bytes, std::span<DomainName> names);

/// The name in `text`, which may end with a dot or with zeros. False: it is none.
[[nodiscard]] bool read_domain_text(std::span<const std::uint8_t> text, DomainName& name);

}  // namespace tenon::net
