// SPDX-License-Identifier: Apache-2.0
// virtio without registers.
#include "hv/accel/pv/hypercall_transport.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "hv/core/counters.h"
#include "hypercall/calls.h"
#include "hypercall/events.h"

namespace hv {

namespace {

using tenon::abi::CallError;
using tenon::abi::DeviceRecord;
using tenon::abi::QueueSetup;

Counter doorbells_rung("doorbells");
Counter needs_reset_count("devices.needs_reset");
Counter refused_configurations("devices.refused_configurations");

constexpr std::uint64_t virtio_version_1 = 1ULL << 32;  // virtio 1.2, section 6
constexpr std::uint32_t status_needs_reset = 0x40;      // virtio 1.2, section 2.1
constexpr std::int64_t error(CallError code) { return static_cast<std::int64_t>(code); }

}  // namespace

/// One device as the guest sees it.
class HypercallTransport::Port final : public DeviceSignals {
public:
    Port(Device& device, std::uint32_t index, DeviceRecord& record, const GuestMemory& memory, EventLoop& loop,
         const std::function<void(std::uint32_t)>& send_event)
        : device_(device), index_(index), record_(record), memory_(memory), loop_(loop), send_event_(send_event) {}
    ~Port() override { reset(); }
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;

    Result<> publish(std::uint32_t first_doorbell) {
        record_.device_id = device_.device_id();
        record_.queue_count = device_.queue_count();
        record_.features = device_.features();
        for (std::uint32_t queue = 0; queue < device_.queue_count(); ++queue) {
            FileDescriptor doorbell(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
            if (!doorbell) return fail(ErrorKind::internal, std::string("eventfd: ") + std::strerror(errno));
            doorbells_.push_back(std::move(doorbell));
            record_.queue_size[queue] = device_.queue_size(queue);
            record_.doorbell[queue] = first_doorbell + queue;
        }
        copy_config();
        return {};
    }
    [[nodiscard]] std::span<const FileDescriptor> doorbells() const { return doorbells_; }

    std::int64_t configure(std::uint64_t offset, std::span<const std::byte> bytes) {
        const std::uint64_t space = device_.config().size();
        if (bytes.size() > space || offset > space - bytes.size() || !device_.write_config(offset, bytes)) {
            refused_configurations.add();
            return error(CallError::invalid_argument);
        }
        configured_ = true;
        copy_config();
        return 0;
    }

    std::int64_t setup(std::uint64_t features, std::span<const QueueSetup> queues) {
        if (active_) return error(CallError::bad_state);
        if ((features & ~device_.features()) != 0 || (features & virtio_version_1) == 0 ||
            queues.size() != device_.queue_count())
            return error(CallError::invalid_argument);
        for (std::uint32_t queue = 0; queue < queues.size(); ++queue) {
            const std::uint32_t size = queues[queue].size;
            if (size != 0 && (!std::has_single_bit(size) || size > device_.queue_size(queue)))
                return error(CallError::invalid_argument);
        }
        if (!watch_doorbells()) return error(CallError::bad_state);
        active_ = true;
        if (device_.activate(features, queues, memory_, *this)) {
            // An inactive device does not report changes of its configuration: look for them now.
            if (config_differs()) configuration_changed();
            return 0;
        }
        reset();
        return error(CallError::invalid_argument);
    }

    void reset() {
        if (active_)
            for (const FileDescriptor& doorbell : doorbells_) loop_.unwatch(doorbell.get());
        if (active_ || configured_) device_.reset();
        active_ = configured_ = false;
        if (config_differs()) replace_config();
        record_.status.store(0);
    }

    void used_buffers() override { send_event_(tenon::abi::event::device_queue(index_)); }
    void configuration_changed() override {
        replace_config();
        send_event_(tenon::abi::event::device_config(index_));
    }
    void needs_reset() override {
        needs_reset_count.add();
        record_.status.store(status_needs_reset);
        send_event_(tenon::abi::event::device_config(index_));
    }

private:
    /// The device's configuration, cut to the size of the record.
    [[nodiscard]] std::span<const std::byte> config() const {
        const auto all = device_.config();
        return all.first(std::min(all.size(), sizeof record_.config));
    }
    [[nodiscard]] bool config_differs() const {
        const auto shown = std::as_bytes(std::span(record_.config)).first(record_.config_size);
        return !std::ranges::equal(config(), shown);
    }
    void copy_config() {
        const auto bytes = config();
        std::ranges::copy(bytes, std::as_writable_bytes(std::span(record_.config)).begin());
        record_.config_size = static_cast<std::uint32_t>(bytes.size());
    }
    /// Writes under a sequence lock: a guest that reads retries while the generation is odd.
    void replace_config() {
        record_.config_generation.fetch_add(1);
        copy_config();
        record_.config_generation.fetch_add(1);
    }

    bool watch_doorbells() {
        for (std::uint32_t queue = 0; queue < doorbells_.size(); ++queue) {
            // Edge-triggered: each write is reported, and the counter need not be read. A guest that fills the counter
            // gets EAGAIN, and harms only its own queue.
            const auto watching = loop_.watch(doorbells_[queue].get(), EPOLLIN | EPOLLET, [this, queue](std::uint32_t) {
                doorbells_rung.add();
                device_.queue_notified(queue);
            });
            if (watching) continue;
            for (std::uint32_t done = 0; done < queue; ++done) loop_.unwatch(doorbells_[done].get());
            return false;
        }
        return true;
    }

    Device& device_;
    std::uint32_t index_;
    DeviceRecord& record_;
    const GuestMemory& memory_;
    EventLoop& loop_;
    std::function<void(std::uint32_t)> send_event_;
    std::vector<FileDescriptor> doorbells_;
    bool active_ = false;
    bool configured_ = false;  ///< the driver wrote to the configuration since the reset
};

Result<std::unique_ptr<HypercallTransport>> HypercallTransport::create(
    std::span<Device* const> devices, tenon::abi::DevicePage& page, const GuestMemory& memory, EventLoop& loop,
    std::uint32_t first_doorbell, const std::function<void(std::uint32_t event)>& send_event) {
    if (devices.size() > tenon::abi::max_devices)
        return fail(ErrorKind::usage, "a machine has at most " + std::to_string(tenon::abi::max_devices) + " devices");
    std::unique_ptr<HypercallTransport> transport(new HypercallTransport);
    std::uint32_t doorbell = first_doorbell;
    for (std::uint32_t index = 0; index < devices.size(); ++index) {
        Device& device = *devices[index];
        if (device.queue_count() > tenon::abi::max_queues)
            return fail(ErrorKind::usage, std::string(device.name()) + " has more queues than the transport carries");
        auto port = std::make_unique<Port>(device, index, page.devices[index], memory, loop, send_event);
        CHECK(port->publish(doorbell));
        doorbell += device.queue_count();
        transport->ports_.push_back(std::move(port));
    }
    return transport;
}

HypercallTransport::~HypercallTransport() = default;

std::vector<int> HypercallTransport::doorbells() const {
    std::vector<int> all;
    for (const auto& port : ports_)
        for (const FileDescriptor& doorbell : port->doorbells()) all.push_back(doorbell.get());
    return all;
}

std::int64_t HypercallTransport::setup(std::uint64_t device, std::uint64_t features,
                                       std::span<const QueueSetup> queues) {
    if (device >= ports_.size()) return error(CallError::invalid_argument);
    return ports_[device]->setup(features, queues);
}

std::int64_t HypercallTransport::configure(std::uint64_t device, std::uint64_t offset,
                                           std::span<const std::byte> bytes) {
    if (device >= ports_.size()) return error(CallError::invalid_argument);
    return ports_[device]->configure(offset, bytes);
}

std::int64_t HypercallTransport::reset(std::uint64_t device) {
    if (device >= ports_.size()) return error(CallError::invalid_argument);
    ports_[device]->reset();
    return 0;
}

}  // namespace hv
