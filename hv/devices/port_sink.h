// SPDX-License-Identifier: Apache-2.0
// Where the bytes go that a guest writes to a port of its console device.
#pragma once

#include <string_view>

namespace hv {

class PortSink {
public:
    /// Takes all of `text`; never blocks. What cannot go out at once waits in a bounded backlog.
    virtual void write(std::string_view text) = 0;
    /// Whether there is a backlog: who can wait, does.
    [[nodiscard]] virtual bool congested() const = 0;

protected:
    ~PortSink() = default;
};

}  // namespace hv
