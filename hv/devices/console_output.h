// SPDX-License-Identifier: Apache-2.0
// Writing the text of a guest's console to a descriptor whose reader may be slow.
#pragma once

#include <functional>
#include <string_view>

#include "hv/core/stream_output.h"
#include "hv/devices/port_sink.h"

namespace hv {

class ConsoleOutput final : public PortSink {
public:
    /// `fd` is not owned. `loop` outlives this.
    ConsoleOutput(int fd, EventLoop& loop);

    /// Text that cannot wait elsewhere. What exceeds the backlog is dropped and counted. hv tells once that there is no
    /// place for it (a full disk); a reader that is gone wants no more of it.
    void write(std::string_view text) override;
    [[nodiscard]] bool congested() const override { return stream_.congested(); }
    void when_drained(std::function<void()> handler) { stream_.when_drained(std::move(handler)); }
    /// For the end of a machine (stream_output.h).
    void flush() { stream_.flush(); }

private:
    StreamOutput stream_;
    bool told_ = false;
};

}  // namespace hv
