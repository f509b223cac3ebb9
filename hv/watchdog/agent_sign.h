// SPDX-License-Identifier: Apache-2.0
// The sign of life that the guest's agent gives: it answers a request.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "hv/core/error.h"
#include "hv/core/event_loop.h"
#include "hv/core/file_descriptor.h"
#include "hv/devices/port_socket.h"
#include "hv/watchdog/life_sign.h"

namespace hv {

/// hv as one more client of the agent's port: it comes when there is no other, and leaves as soon as it has its answer,
/// so that the next one waits for a moment at most. While another client is there, the agent is that client's to judge.
class AgentSign final : public LifeSign {
public:
    /// To be made before hv confines itself. `agent_is_open`: whether the guest has somebody at its end of the port.
    /// What is referred to outlives it. Errors: internal.
    static Result<std::unique_ptr<AgentSign>> create(EventLoop& loop, PortSocket& port,
                                                     std::function<bool()> agent_is_open);
    ~AgentSign() override;

    [[nodiscard]] const char* missing() const override { return "its agent has not answered"; }
    [[nodiscard]] bool needs_no_question() const override { return !agent_is_open_() || port_.has_client(); }
    void ask() override;
    [[nodiscard]] bool answered() override;
    void forget() override;

private:
    AgentSign(EventLoop& loop, PortSocket& port, std::function<bool()> agent_is_open)
        : loop_(loop), port_(port), agent_is_open_(std::move(agent_is_open)) {}
    /// What the agent has sent, bounded at each call.
    void take();

    EventLoop& loop_;
    PortSocket& port_;
    std::function<bool()> agent_is_open_;
    FileDescriptor own_end_, far_end_;  ///< of a pair of sockets; the port is given copies of the far one
    std::uint64_t number_ = 0;          ///< of the question: an answer to an earlier one is none
    bool waiting_ = false;
    std::string received_;
};

}  // namespace hv
