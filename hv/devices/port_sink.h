// SPDX-License-Identifier: Apache-2.0
// The destination of the bytes that a guest writes to a port of its console device.
#pragma once

#include <string_view>

namespace hv {

class PortSink {
public:
    /// Takes all of `text` without blocking. What cannot be written at once waits in a bounded backlog.
    virtual void write(std::string_view text) = 0;
    /// Whether there is a backlog. Callers that can wait then do so.
    [[nodiscard]] virtual bool congested() const = 0;

protected:
    ~PortSink() = default;
};

}  // namespace hv
