// SPDX-License-Identifier: Apache-2.0
// Control messages about ports (virtio 1.2, section 5.3.6.2).
#include <algorithm>
#include <memory>
#include <mutex>
#include <new>

#include "pv-drivers/console/named_port.h"

namespace tenon::virtio {

ConsolePort* Console::open(std::size_t index) {
    if (index >= ports_.size()) return nullptr;
    const std::lock_guard lock(mutex_);
    return port_named(index);
}

NamedPort* Console::port_named(std::size_t index) {
    NamedPort*& port = ports_[index];
    if (port == nullptr) {
        std::unique_ptr<NamedPort> made(new (std::nothrow) NamedPort(console_port_names()[index].name));
        if (made != nullptr && made->queues_.allocate()) port = made.release();
    }
    return port;
}

NamedPort* Console::port_with(std::uint32_t id) {
    for (NamedPort* port : ports_)
        if (port != nullptr && port->device_ == this && port->id_ == id) return port;
    return nullptr;
}

void Console::lose_ports() {
    for (NamedPort* port : ports_)
        if (port != nullptr && port->device_ == this) port->lost();
}

bool Console::serve_devices() {
    bool served = false;
    for (Console* device = first_; device != nullptr; device = device->next_) {
        if (!device->control_.allocated() || !device->recover()) continue;
        device->serve_control();
        served = true;
    }
    return served;
}

bool Console::listen_to_devices() {
    bool news = false;
    for (Console* device = first_; device != nullptr; device = device->next_) {
        if (!device->control_.allocated() || !device->works_) continue;
        if (!device->running() || device->queue(control_receive).enable_interrupts()) news = true;
    }
    return news;
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
            // The driver uses port 0 as the console in any case; a host may drop its text unless the port is open.
            if (id == 0) send_control(0, VIRTIO_CONSOLE_PORT_OPEN, 1);
            return;
        case VIRTIO_CONSOLE_PORT_NAME: return found(id, message.name);
        case VIRTIO_CONSOLE_PORT_OPEN:
            if (id == 0) return input_.host_changed(message.header.value != 0);
            if (NamedPort* port = port_with(id); port != nullptr && port->there())
                port->host_changed(message.header.value != 0);
            return;
        case VIRTIO_CONSOLE_PORT_REMOVE:
            if (id == 0) port0_ = Port0::missing;
            if (NamedPort* port = port_with(id); port != nullptr) {
                port->host_changed(false);
                port->removed_ = true;
            }
            return;
        default: return;  // sizes of terminals are not used
    }
}

void Console::found(std::uint32_t id, std::string_view name) {
    if (id == 0 || id > port_limit_) return;
    if (NamedPort* port = port_with(id); port != nullptr) {
        // A device may name a port again: OPEN is sent only if the port was removed in between.
        if (port->there() || port->name_ != name) return;
        port->removed_ = false;
        return send_control(id, VIRTIO_CONSOLE_PORT_OPEN, 1);
    }
    const auto names = console_port_names();
    for (std::size_t index = 0; index < std::min(names.size(), ports_.size()); ++index) {
        if (name != names[index].name) continue;
        // Makes the port if it does not exist: the device names it once, maybe before the feature opens it.
        NamedPort* port = port_named(index);
        // If several devices have a port of this name, the first one counts.
        if (port == nullptr || port->device_ != nullptr) return;
        port->found(*this, id);
        return send_control(id, VIRTIO_CONSOLE_PORT_OPEN, 1);
    }
}

}  // namespace tenon::virtio
