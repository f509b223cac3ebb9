// SPDX-License-Identifier: Apache-2.0
// Cuts a stream of bytes into requests: JSON objects one after the other, with or without line ends between them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tenon::tools {

/// The QEMU Guest Agent protocol has no other framing than JSON itself, and one sentinel: the byte 0xFF, which no JSON
/// text contains, forgets a request that was begun. What is no request is passed over up to the next line end or
/// sentinel, and told of once. Only brackets and strings are looked at here; what stands between them is the parser's
/// matter.
class Framer {
public:
    static constexpr std::size_t longest_request = 64 * 1024;
    static constexpr std::size_t deepest_nesting = 32;

    enum class Event {
        nothing,    ///< `bytes` is used up
        request,    ///< request() is whole, until the next call
        malformed,  ///< what came is no request, and why() says why not
    };
    /// Takes bytes off the front of `bytes`, up to the next event.
    [[nodiscard]] Event next(std::string_view& bytes);
    [[nodiscard]] const std::string& request() const { return text_; }
    [[nodiscard]] const char* why() const { return why_; }

    /// A request was begun and has not ended.
    [[nodiscard]] bool incomplete() const { return state_ == State::inside; }
    /// Forgets everything: another client is there.
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
