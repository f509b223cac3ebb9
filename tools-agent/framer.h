// SPDX-License-Identifier: Apache-2.0
// Cuts a stream of bytes into requests: JSON objects one after the other, with or without line ends between them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tenon::tools {

/// The QEMU Guest Agent protocol has no framing but JSON itself and a sentinel: the byte 0xFF, which no JSON text
/// contains, discards an unfinished request. After text that is no request, bytes are skipped up to the next line end
/// or sentinel, and one `malformed` is reported. The framer looks at brackets and strings only; the parser does the
/// rest.
class Framer {
public:
    static constexpr std::size_t longest_request = 64 * 1024;
    static constexpr std::size_t deepest_nesting = 32;

    enum class Event {
        nothing,    ///< `bytes` is used up
        request,    ///< request() is a whole request, valid until the next call
        malformed,  ///< the bytes are no request; why() says why
    };
    /// Takes bytes off the front of `bytes`, up to the next event.
    [[nodiscard]] Event next(std::string_view& bytes);
    [[nodiscard]] const std::string& request() const { return text_; }
    [[nodiscard]] const char* why() const { return why_; }

    /// A request has begun and not ended yet.
    [[nodiscard]] bool incomplete() const { return state_ == State::inside; }
    /// Discards an unfinished request: the client has changed.
    void reset();

private:
    enum class State { between, inside, passing_over };
    static constexpr char sentinel = '\xFF';

    [[nodiscard]] Event take(char byte);
    [[nodiscard]] Event take_inside(char byte);
    [[nodiscard]] Event refuse(const char* why, bool line_has_ended = false);

    State state_ = State::between;
    bool ended_ = false;  // text_ was handed out
    bool in_string_ = false;
    bool escaped_ = false;
    std::size_t depth_ = 0;
    const char* why_ = "";
    std::string text_;
};

}  // namespace tenon::tools
