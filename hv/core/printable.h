// SPDX-License-Identifier: Apache-2.0
// Untrusted text (of a guest, its agent, an image), for a person's terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hv {

/// `text` with a '?' for everything that is not seen as itself: control characters (C0, DEL, C1), line and paragraph
/// separators, characters of format (Unicode's Cf: bidirectional controls, zero-width characters, tags), and each byte
/// that is not part of well-formed UTF-8 (RFC 3629). A terminal obeys such characters, and a reader is deceived by
/// them. The rest, in any script, stays.
[[nodiscard]] std::string printable(std::string_view text);
/// The same for the first `most` bytes at most.
[[nodiscard]] std::string printable(std::string_view text, std::size_t most);

/// The same for text of several lines: line feeds and tabs stay.
[[nodiscard]] std::string printable_lines(std::string_view text);

/// The first `most` bytes at most, not cut within a character.
[[nodiscard]] std::string_view cut_text(std::string_view text, std::size_t most);

}  // namespace hv
