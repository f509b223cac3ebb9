// SPDX-License-Identifier: Apache-2.0
// The driver of virtio consoles (virtio 1.2, section 5.3): port 0 of one device, and the named ports of all devices
// that the image wants.
#pragma once

#include <array>
#include <atomic>
#include <mutex>

#include "kernel/console/console_device.h"
#include "kernel/device/console_port.h"
#include "kernel/sched/sync.h"
#include "kernel/sched/wait.h"
#include "pv-drivers/console/control_queues.h"
#include "pv-drivers/console/port_queues.h"
#include "pv-drivers/virtio/device.h"

namespace tenon::virtio {

class NamedPort;

/// Text is copied into buffers in the DMA zone. One mutex for all devices serialises everything but waiting, because
/// any device may have a named port.
class Console final : public Device, public ConsoleDevice, public ConsolePorts {
public:
    /// Makes a console of the device and registers it. Errors: those of Device::start.
    static Result<> probe(Transport& transport);
    /// No other thread is inside a call.
    ~Console() override;

    // On any device, these use the first one that works and has port 0.
    void write(std::string_view text) override;
    void drain() override;
    std::size_t read(std::span<char> buffer) override;
    [[nodiscard]] bool readable() override;
    void notify_readable(void (*callback)(void* context), void* context) override;

    ConsolePort* open(std::size_t index) override;

private:
    friend class NamedPort;
    explicit Console(Transport& transport);

    // Section 5.3.2. Port n > 0 has the queues 2n + 2 and 2n + 3.
    enum Queue : std::uint32_t { receive = 0, transmit = 1, control_receive = 2, control_transmit = 3 };
    static constexpr std::uint32_t most_ports = abi::max_queues / 2 - 2;  ///< besides port 0

    Result<> initialize();
    void queues_used() override { wake(); }
    void status_changed() override { wake(); }
    void wake();

    // With mutex_ held.
    [[nodiscard]] bool recover();
    void lose_ports();
    void serve_control();
    void on_control(const ControlQueues::Message& message);
    void found(std::uint32_t id, std::string_view name);
    void send_control(std::uint32_t port, std::uint16_t event, std::uint16_t value) {
        control_.send(port, event, value);
    }
    [[nodiscard]] NamedPort* port_with(std::uint32_t id);
    /// The port of the image's record `index`, made at the first call. Null: no memory.
    [[nodiscard]] static NamedPort* port_named(std::size_t index);
    /// Reads the control messages of all working devices with ports. False: there is no such device.
    [[nodiscard]] static bool serve_devices();
    /// Arms the interrupts of their control queues. True: there is a message already, or a device broke since.
    [[nodiscard]] static bool listen_to_devices();
    /// Blocks until changes_ differs from `seen`. mutex_ is not held.
    static WaitResult wait_for_change(std::uint32_t seen, Nanoseconds deadline = no_deadline);

    static inline constinit Mutex mutex_;
    static inline constinit WaitQueue waiting_{"console"};
    static inline constinit std::atomic<std::uint32_t> changes_ = 0;  // interrupts so far
    static inline constinit std::atomic<void (*)(void*)> notify_ = nullptr;
    static inline constinit void* notify_context_ = nullptr;
    static inline constinit Console* first_ = nullptr;  // list of devices, in the order in which they were found
    static inline constinit std::array<NamedPort*, most_ports> ports_{};

    Console* next_ = nullptr;
    bool works_ = false;  // the last attempt to bring it up succeeded
    PortQueues console_;

    /// A device with ports need not have port 0, and then drops text for it. It names its ports after the driver's
    /// message that it is ready.
    enum class Port0 : std::uint8_t { unknown, there, missing };
    /// For a device with ports: waits a while until the device has named port 0. With mutex_ held by `lock`.
    [[nodiscard]] bool has_port0(std::unique_lock<Mutex>& lock);
    /// The device whose port 0 is the console. Null: there is none.
    [[nodiscard]] static Console* with_port0(std::unique_lock<Mutex>& lock);
    void drain_text();
    /// True: there is input or a control message already, for which no interrupt will come.
    [[nodiscard]] bool listen();

    /// The end of port 0's input: the host closes the port. If it opens the port again at once, the port is a terminal,
    /// whose input ends once and continues; if the port stays closed, input has ended for good.
    struct InputEnd {
        bool closed = false;
        bool told = true;  ///< a reader has seen the last end

        void host_changed(bool open) {
            if (!open) told = false;
            closed = !open;
        }
        [[nodiscard]] bool has_end() const { return closed || !told; }
        /// True: the calling reader has reached the end.
        [[nodiscard]] bool take_end() {
            const bool end = has_end();
            told = true;
            return end;
        }
    };
    InputEnd input_;
    Port0 port0_ = Port0::unknown;
    Nanoseconds ready_at_ = 0;  // when the driver sent that it is ready

    ControlQueues control_;
    std::uint32_t port_limit_ = 0;  // ports, besides port 0, for which there are queues
};

}  // namespace tenon::virtio
