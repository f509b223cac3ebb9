// SPDX-License-Identifier: Apache-2.0
// What the console's device says of its ports (virtio 1.2, section 5.3.6.2).
#include <algorithm>
#include <mutex>
#include <new>

#include "pv-drivers/console/named_port.h"

namespace tenon::virtio {

ConsolePort* Console::open(std::size_t index) {
    if (index >= ports_.size()) return nullptr;
    const std::lock_guard lock(mutex_);
    std::unique_ptr<NamedPort>& port = ports_[index];
    if (port == nullptr) {
        port.reset(new (std::nothrow) NamedPort(*this, console_port_names()[index].name));
        if (port == nullptr || !port->queues_.allocate()) {
            port.reset();
            return nullptr;
        }
    }
    // What the device has said of its ports waits in the control queue until somebody reads this one.
    return port.get();
}

NamedPort* Console::port_with(std::uint32_t id) {
    for (const auto& port : ports_)
        if (port != nullptr && port->id_ == id) return port.get();
    return nullptr;
}

void Console::serve_control() {
    bool posted = false;
    while (const auto message = control_.next(posted)) on_control(*message);
    if (posted) publish_and_notify(control_receive);
    publish_and_notify(control_transmit);
}

void Console::on_control(const ControlQueues::Message& message) {
    const std::uint32_t id = message.header.id;
    switch (message.header.event) {
        case VIRTIO_CONSOLE_PORT_ADD:
            if (id == 0) port0_ = Port0::there;
            return send_control(id, VIRTIO_CONSOLE_PORT_READY, id <= port_limit_ ? 1 : 0);
        case VIRTIO_CONSOLE_CONSOLE_PORT:
            // Port 0 is the console in any case; a host that does not hear so may drop what is written to it.
            if (id == 0) send_control(0, VIRTIO_CONSOLE_PORT_OPEN, 1);
            return;
        case VIRTIO_CONSOLE_PORT_NAME: return found(id, message.name);
        case VIRTIO_CONSOLE_PORT_OPEN:
        case VIRTIO_CONSOLE_PORT_REMOVE:
            if (id == 0 && message.header.event == VIRTIO_CONSOLE_PORT_REMOVE) port0_ = Port0::missing;
            if (id == 0) return;
            if (NamedPort* port = port_with(id); port != nullptr)
                port->host_changed(message.header.event == VIRTIO_CONSOLE_PORT_OPEN && message.header.value != 0);
            return;
        default: return;  // sizes of terminals
    }
}

void Console::found(std::uint32_t id, std::string_view name) {
    if (id == 0 || id > port_limit_) return;
    for (const auto& port : ports_) {
        if (port == nullptr || port->name_ != name) continue;
        // A device that names its port once more has been told already, and one that gives a name away twice is
        // ignored.
        if (port->id_ == 0 && port_with(id) == nullptr) {
            port->id_ = id;
            port->queues_.start(queue(port->receive_queue()), queue(port->transmit_queue()));
            publish_and_notify(port->receive_queue());
            send_control(id, VIRTIO_CONSOLE_PORT_OPEN, 1);
        }
        return;
    }
}

}  // namespace tenon::virtio
