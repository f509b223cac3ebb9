// SPDX-License-Identifier: Apache-2.0
// The guest agent's sign of life: it answers a request.
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

/// hv connects to the agent's port as a client of its own when no other client is connected, and leaves as soon as it
/// has its answer: another client that comes meanwhile waits only for that. While another client is connected, hv asks
/// nothing, and takes the agent for alive.
class AgentSign final : public LifeSign {
public:
    /// To be created before hv confines itself. `agent_is_open`: whether a program of the guest has the port open.
    /// `loop` and `port` outlive this object. Errors: internal.
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
    /// Reads what the agent has sent, a bounded amount in each call.
    void take();

    EventLoop& loop_;
    PortSocket& port_;
    std::function<bool()> agent_is_open_;
    FileDescriptor own_end_, far_end_;  ///< a pair of connected sockets; the port gets copies of the far one
    std::uint64_t number_ = 0;          ///< of the latest request; answers with other numbers do not count
    bool waiting_ = false;
    std::string received_;
};

}  // namespace hv
