// SPDX-License-Identifier: Apache-2.0
// Cutting a stream of bytes into requests.
#include "tools-agent/framer.h"

namespace tenon::tools {

void Framer::reset() {
    state_ = State::between;
    in_string_ = escaped_ = false;
    depth_ = 0;
    text_.clear();
    // Frees the memory of a large request.
    if (text_.capacity() > 4096) text_.shrink_to_fit();
}

Framer::Event Framer::next(std::string_view& bytes) {
    if (ended_) reset();
    ended_ = false;
    while (!bytes.empty()) {
        const char byte = bytes.front();
        bytes.remove_prefix(1);
        if (const Event event = take(byte); event != Event::nothing) return event;
    }
    return Event::nothing;
}

Framer::Event Framer::take(char byte) {
    if (byte == sentinel) {
        reset();
        return Event::nothing;
    }
    switch (state_) {
        case State::passing_over:
            if (byte == '\n') reset();
            return Event::nothing;
        case State::between:
            if (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n') return Event::nothing;
            if (byte != '{' && byte != '[') return refuse("a request is a JSON object");
            state_ = State::inside;
            [[fallthrough]];
        case State::inside: return take_inside(byte);
    }
    return Event::nothing;
}

Framer::Event Framer::take_inside(char byte) {
    if (text_.size() == longest_request) return refuse("the request is longer than 65536 bytes");
    // A JSON string contains no control characters: a line end in one ends the broken request.
    if (in_string_ && static_cast<unsigned char>(byte) < 0x20) return refuse("a string is not closed", byte == '\n');
    text_.push_back(byte);
    if (in_string_) {
        if (escaped_)
            escaped_ = false;
        else if (byte == '\\')
            escaped_ = true;
        else if (byte == '"')
            in_string_ = false;
        return Event::nothing;
    }
    if (byte == '"') {
        in_string_ = true;
    } else if (byte == '{' || byte == '[') {
        if (++depth_ > deepest_nesting) return refuse("the request is nested deeper than 32 levels");
    } else if ((byte == '}' || byte == ']') && --depth_ == 0) {
        state_ = State::between;
        ended_ = true;
        return Event::request;
    }
    return Event::nothing;
}

Framer::Event Framer::refuse(const char* why, bool line_has_ended) {
    reset();
    if (!line_has_ended) state_ = State::passing_over;
    why_ = why;
    return Event::malformed;
}

}  // namespace tenon::tools
