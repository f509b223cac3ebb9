// SPDX-License-Identifier: Apache-2.0
// Devices that interrupt by lines, which they may share (PCI Local Bus 3.0, 2.2.6).
#pragma once

#include "kernel/base/intrusive_list.h"

namespace tenon::virtio {

/// A device on a line.
class LineSharer : public ListLink<> {
public:
    /// Serves the device, so that it lets go of its line. False: it did not hold it. Interrupt context.
    virtual bool serve_line() = 0;

protected:
    ~LineSharer() = default;
};

/// With interrupts masked, or on the thread that finds devices before any of them interrupts.
class LineSharers {
public:
    void add(LineSharer& device) { devices_.push_back(device); }
    static void remove(LineSharer& device) { IntrusiveList<LineSharer>::remove(device); }

    /// Asks everybody until nobody had anything to say: then the line was inactive when the last round began, because a
    /// device that holds it does so until it is asked, and whatever comes later is an edge. After any other round it
    /// may have been held all the time, by one or the other, and would never interrupt again. Bounded, for devices that
    /// never let go.
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
