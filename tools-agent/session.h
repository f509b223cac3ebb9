// SPDX-License-Identifier: Apache-2.0
// The agent's side of a connection: bytes in, answers out, independent of the transport.
#pragma once

#include <string_view>

#include "tools-agent/command.h"
#include "tools-agent/framer.h"

namespace tenon::tools {

/// For one thread. Throws nothing: lack of memory yields an error answer.
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
    /// The client has changed, or is gone.
    void reset();
    /// When to call work(), if nothing is received before.
    [[nodiscard]] Nanoseconds due() const;
    /// Thaws a machine that is frozen for too long, takes samples, discards a request that is never completed.
    void work();

private:
    /// Time for a request to be completed.
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
