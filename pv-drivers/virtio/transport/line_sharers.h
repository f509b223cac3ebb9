// SPDX-License-Identifier: Apache-2.0
// Devices that interrupt by lines, which several may share (PCI Local Bus 3.0, 2.2.6).
#pragma once

#include "kernel/base/intrusive_list.h"

namespace tenon::virtio {

/// A device on a line.
class LineSharer : public ListLink<> {
public:
    /// Serves the device, which then releases its line. False: it did not hold the line. In interrupt context.
    virtual bool serve_line() = 0;

protected:
    ~LineSharer() = default;
};

/// With interrupts masked.
class LineSharers {
public:
    void add(LineSharer& device) { devices_.push_back(device); }
    static void remove(LineSharer& device) { IntrusiveList<LineSharer>::remove(device); }

    /// Serves all devices again and again, until none of them held the line in a whole round. A device holds the line
    /// until it is served, so the line was inactive when that round began, and anything later causes a new edge. If it
    /// stopped earlier, the devices might have held the line in turn without a gap, and it would never interrupt again.
    /// Bounded, because a broken device may never release the line.
    void serve() {
        for (unsigned attempt = 0; attempt < 16; ++attempt) {
            bool any = false;
            devices_.for_each([&](LineSharer& device) { any = device.serve_line() || any; });
            if (!any) return;
        }
    }

private:
    IntrusiveList<LineSharer> devices_;
};

}  // namespace tenon::virtio
