// SPDX-License-Identifier: Apache-2.0
// The agent's side of a connection: bytes in, answers out. Knows nothing of what carries them.
#pragma once

#include <string_view>

#include "tools-agent/command.h"
#include "tools-agent/framer.h"

namespace tenon::tools {

/// One thread. Throws nothing: memory that is not there is an answer too.
class Session {
public:
    class Output {
    public:
        virtual void send(std::string_view bytes) = 0;

    protected:
        ~Output() = default;
    };

    Session(Guest& guest, Output& output) : context_{guest, {}, {}, {}}, output_(output) {}

    void receive(std::string_view bytes);
    /// Another client is at the host's end, or none.
    void reset();
    /// When work() is to be called without that anything was received.
    [[nodiscard]] Nanoseconds due() const;
    /// Thaws what was frozen for too long, takes samples, gives up on half a request.
    void work();

private:
    /// For half a request to become whole.
    static constexpr Nanoseconds patience = 10'000'000'000;

    void serve(std::string_view text);
    void answer(const Request& request);
    void refuse(const CommandError& error, const Json& id);
    void send(const Json& message, bool delimited = false);
    void sample();

    Context context_;
    Output& output_;
    Framer framer_;
    Nanoseconds request_begun_ = 0;
};

}  // namespace tenon::tools
