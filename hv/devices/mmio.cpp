// SPDX-License-Identifier: Apache-2.0
// The registers of virtio-mmio and the states behind them. Section numbers are those of virtio 1.2.
#include "hv/devices/mmio.h"

#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "hv/core/counters.h"

namespace hv {

namespace {

Counter refused_accesses("mmio.refused_accesses");

constexpr std::uint32_t magic = 0x7472'6976;   // "virt"
constexpr std::uint32_t version = 2;           // 1 is the legacy interface
constexpr std::uint32_t vendor = 0x4E4E'4554;  // "TENN"
constexpr std::uint64_t version_1 = 1ULL << VIRTIO_F_VERSION_1;
constexpr std::uint32_t interrupt_bits = VIRTIO_MMIO_INT_VRING | VIRTIO_MMIO_INT_CONFIG;
/// The status after each of a driver's steps, which includes the bits of the steps before (3.1.1).
constexpr std::uint32_t steps[] = {VIRTIO_CONFIG_S_ACKNOWLEDGE, VIRTIO_CONFIG_S_DRIVER, VIRTIO_CONFIG_S_FEATURES_OK,
                                   VIRTIO_CONFIG_S_DRIVER_OK};

void set_low(std::uint64_t& value, std::uint32_t part) { value = (value & ~0xFFFF'FFFFULL) | part; }
void set_high(std::uint64_t& value, std::uint32_t part) {
    value = (value & 0xFFFF'FFFFULL) | static_cast<std::uint64_t>(part) << 32;
}
std::uint32_t half(std::uint64_t value, std::uint32_t select) {
    // Only the first 64 feature bits exist (2.2).
    return select == 0 ? static_cast<std::uint32_t>(value) : select == 1 ? static_cast<std::uint32_t>(value >> 32) : 0;
}

}  // namespace

MmioTransport::MmioTransport(Device& device, const GuestMemory& memory, MmioHost& host)
    : device_(device), memory_(memory), host_(host), offered_(device.features()) {
    const auto config = device.config();
    config_.assign(config.begin(), config.end());
}

MmioTransport::~MmioTransport() { device_.reset(); }

std::uint64_t MmioTransport::read(std::uint64_t offset, std::uint32_t width) {
    if (offset >= VIRTIO_MMIO_CONFIG) return read_config(offset - VIRTIO_MMIO_CONFIG, width);
    if (width != 4 || offset % 4 != 0) {  // 4.2.2.2: registers are accessed as a whole
        refused_accesses.add();
        return 0;
    }
    const std::lock_guard guard(registers_lock_);
    return read_register(offset);
}

void MmioTransport::write(std::uint64_t offset, std::uint32_t width, std::uint64_t value) {
    const std::lock_guard guard(registers_lock_);
    if (offset >= VIRTIO_MMIO_CONFIG) return write_config(offset - VIRTIO_MMIO_CONFIG, width, value);
    if (width != 4 || offset % 4 != 0) return refused_accesses.add();
    write_register(offset, static_cast<std::uint32_t>(value));
}

std::uint32_t MmioTransport::read_register(std::uint64_t offset) {
    const Queue* queue = selected_queue();
    switch (offset) {
        case VIRTIO_MMIO_MAGIC_VALUE: return magic;
        case VIRTIO_MMIO_VERSION: return version;
        case VIRTIO_MMIO_DEVICE_ID: return device_.device_id();
        case VIRTIO_MMIO_VENDOR_ID: return vendor;
        case VIRTIO_MMIO_DEVICE_FEATURES: return half(offered_, device_features_select_);
        case VIRTIO_MMIO_QUEUE_NUM_MAX: return queue != nullptr ? device_.queue_size(queue_select_) : 0;
        case VIRTIO_MMIO_QUEUE_READY: return queue != nullptr && queue->ready ? 1 : 0;
        case VIRTIO_MMIO_INTERRUPT_STATUS: return interrupt_status_.load();
        case VIRTIO_MMIO_STATUS: return status();
        case VIRTIO_MMIO_CONFIG_GENERATION: {
            const std::lock_guard guard(config_lock_);
            return config_generation_;
        }
        // 4.2.2: a shared memory region that does not exist has length and base -1.
        case VIRTIO_MMIO_SHM_LEN_LOW:
        case VIRTIO_MMIO_SHM_LEN_HIGH:
        case VIRTIO_MMIO_SHM_BASE_LOW:
        case VIRTIO_MMIO_SHM_BASE_HIGH: return 0xFFFF'FFFF;
        default: refused_accesses.add(); return 0;
    }
}

void MmioTransport::write_register(std::uint64_t offset, std::uint32_t value) {
    switch (offset) {
        case VIRTIO_MMIO_DEVICE_FEATURES_SEL: device_features_select_ = value; return;
        case VIRTIO_MMIO_DRIVER_FEATURES_SEL: driver_features_select_ = value; return;
        case VIRTIO_MMIO_DRIVER_FEATURES: return write_features(value);
        case VIRTIO_MMIO_QUEUE_SEL: queue_select_ = value; return;
        case VIRTIO_MMIO_QUEUE_NUM:
        case VIRTIO_MMIO_QUEUE_READY:
        case VIRTIO_MMIO_QUEUE_DESC_LOW:
        case VIRTIO_MMIO_QUEUE_DESC_HIGH:
        case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
        case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
        case VIRTIO_MMIO_QUEUE_USED_LOW:
        case VIRTIO_MMIO_QUEUE_USED_HIGH: return write_queue(offset, value);
        case VIRTIO_MMIO_QUEUE_NOTIFY: return host_.run_on_loop([this, value] { ring(value); });
        case VIRTIO_MMIO_INTERRUPT_ACK: interrupt_status_.fetch_and(~(value & interrupt_bits)); return;
        case VIRTIO_MMIO_STATUS: return write_status(value);
        case VIRTIO_MMIO_SHM_SEL: return;
        default: return refused_accesses.add();
    }
}

std::uint64_t MmioTransport::read_config(std::uint64_t offset, std::uint32_t width) {
    const std::lock_guard guard(config_lock_);
    std::uint64_t value = 0;
    if (offset >= config_.size() || width > sizeof value) {
        refused_accesses.add();
        return 0;
    }
    // Bytes behind the end of the configuration read as zeros.
    std::memcpy(&value, config_.data() + offset, std::min<std::uint64_t>(width, config_.size() - offset));
    return value;
}

void MmioTransport::write_config(std::uint64_t offset, std::uint32_t width, std::uint64_t value) {
    const bool fits = (width == 1 || width == 2 || width == 4 || width == 8) && offset < size;
    bool taken = false;
    if (fits)
        host_.run_on_loop([&] {
            // Checked here, because only the loop's thread may ask the device for the size of its configuration.
            const std::uint64_t space = device_.config().size();
            if (width > space || offset > space - width) return;
            taken = device_.write_config(offset, std::as_bytes(std::span(&value, 1)).first(width));
            // The copy shows the driver's own writes; they do not change the generation, which counts changes by the
            // device (2.5.1).
            if (taken) copy_config();
        });
    if (!taken) return refused_accesses.add();
    configured_ = true;
}

std::uint32_t MmioTransport::status() const {
    return status_ | (needs_reset_.load() ? VIRTIO_CONFIG_S_NEEDS_RESET : 0U);
}

/// 2.1.1: a driver sets status bits in order, and clears bits only by a reset. DEVICE_NEEDS_RESET is the device's bit;
/// a driver writes it back unchanged when it adds a bit to the status that it has read.
bool MmioTransport::status_step_allowed(std::uint32_t value) const {
    if ((value & status_) != status_) return false;
    const std::uint32_t added = value & ~status_;
    if ((added & VIRTIO_CONFIG_S_FAILED) != 0) return (added & ~VIRTIO_CONFIG_S_FAILED) == 0;
    if (added == 0) return true;
    if ((status_ & VIRTIO_CONFIG_S_FAILED) != 0) return false;
    std::uint32_t before = 0;
    for (const std::uint32_t step : steps) {
        if (added == step) return status_ == before;
        before |= step;
    }
    return false;
}

bool MmioTransport::features_acceptable() const { return (accepted_ & ~offered_) == 0 && (accepted_ & version_1) != 0; }

void MmioTransport::write_status(std::uint32_t value) {
    if (value == 0) return reset();
    value &= ~static_cast<std::uint32_t>(VIRTIO_CONFIG_S_NEEDS_RESET);
    if (!status_step_allowed(value)) return refused_accesses.add();
    const std::uint32_t added = value & ~status_;
    // 3.1.1, step 6: the bit stays clear where the driver's choice is not acceptable, and the driver reads it back.
    if (added == VIRTIO_CONFIG_S_FEATURES_OK && !features_acceptable()) return;
    status_ = value;
    if (added == VIRTIO_CONFIG_S_DRIVER_OK) activate();
}

void MmioTransport::write_features(std::uint32_t value) {
    // Only between DRIVER and FEATURES_OK (2.2.1, 3.1.1).
    if ((status_ & VIRTIO_CONFIG_S_DRIVER) == 0 || (status_ & VIRTIO_CONFIG_S_FEATURES_OK) != 0)
        return refused_accesses.add();
    if (driver_features_select_ == 0) return set_low(accepted_, value);
    if (driver_features_select_ == 1) return set_high(accepted_, value);
    if (value != 0) refused_accesses.add();
}

MmioTransport::Queue* MmioTransport::selected_queue() {
    const std::uint32_t count = std::min(device_.queue_count(), tenon::abi::max_queues);
    return queue_select_ < count ? &queues_[queue_select_] : nullptr;
}

void MmioTransport::write_queue(std::uint64_t offset, std::uint32_t value) {
    Queue* queue = selected_queue();
    // 3.1.1, step 7: queues are set up after FEATURES_OK and before DRIVER_OK. 4.2.3.2: not while the queue is ready.
    const bool setting_up = (status_ & VIRTIO_CONFIG_S_FEATURES_OK) != 0 &&
                            (status_ & (VIRTIO_CONFIG_S_DRIVER_OK | VIRTIO_CONFIG_S_FAILED)) == 0;
    if (queue == nullptr || !setting_up || (queue->ready && offset != VIRTIO_MMIO_QUEUE_READY))
        return refused_accesses.add();
    switch (offset) {
        case VIRTIO_MMIO_QUEUE_NUM:
            if (!std::has_single_bit(value) || value > device_.queue_size(queue_select_)) return refused_accesses.add();
            queue->size = value;
            return;
        case VIRTIO_MMIO_QUEUE_READY:
            if (value > 1 || (value == 1 && queue->size == 0)) return refused_accesses.add();
            queue->ready = value == 1;
            return;
        case VIRTIO_MMIO_QUEUE_DESC_LOW: return set_low(queue->descriptors, value);
        case VIRTIO_MMIO_QUEUE_DESC_HIGH: return set_high(queue->descriptors, value);
        case VIRTIO_MMIO_QUEUE_AVAIL_LOW: return set_low(queue->driver, value);
        case VIRTIO_MMIO_QUEUE_AVAIL_HIGH: return set_high(queue->driver, value);
        case VIRTIO_MMIO_QUEUE_USED_LOW: return set_low(queue->device, value);
        default: return set_high(queue->device, value);
    }
}

void MmioTransport::activate() {
    std::array<tenon::abi::QueueSetup, tenon::abi::max_queues> setups{};
    const std::uint32_t count = std::min(device_.queue_count(), tenon::abi::max_queues);
    for (std::uint32_t i = 0; i < count; ++i) {
        const Queue& queue = queues_[i];
        if (queue.ready) setups[i] = {queue.size, 0, queue.descriptors, queue.driver, queue.device};
    }
    host_.run_on_loop([&] {
        active_ = true;  // before activate(), in which the device may signal already
        if (!device_.activate(accepted_, std::span(setups).first(count), memory_, *this)) return needs_reset();
        // An inactive device does not report changes of its configuration: look for them now.
        if (refresh_config()) interrupt(VIRTIO_MMIO_INT_CONFIG);
    });
}

void MmioTransport::reset() {
    if (active_.load() || configured_) {
        host_.run_on_loop([this] {
            device_.reset();
            active_ = false;
            refresh_config();
        });
    }
    status_ = 0;
    device_features_select_ = driver_features_select_ = queue_select_ = 0;
    accepted_ = 0;
    queues_ = {};
    configured_ = false;
    needs_reset_ = false;
    interrupt_status_ = 0;
}

void MmioTransport::ring(std::uint32_t queue) {
    if (active_.load() && !needs_reset_.load() && queue < device_.queue_count()) device_.queue_notified(queue);
}

void MmioTransport::used_buffers() { interrupt(VIRTIO_MMIO_INT_VRING); }

void MmioTransport::configuration_changed() {
    refresh_config();
    interrupt(VIRTIO_MMIO_INT_CONFIG);
}

/// Copies the device's configuration for the guest. True: it has changed.
bool MmioTransport::copy_config() {
    const std::lock_guard guard(config_lock_);
    const auto config = device_.config();
    if (std::ranges::equal(config, config_)) return false;
    config_.assign(config.begin(), config.end());
    return true;
}

/// Does the same for a change of which the driver must learn.
bool MmioTransport::refresh_config() {
    if (!copy_config()) return false;
    const std::lock_guard guard(config_lock_);
    ++config_generation_;
    return true;
}

void MmioTransport::needs_reset() {
    needs_reset_ = true;
    interrupt(VIRTIO_MMIO_INT_CONFIG);  // 2.1.2
}

/// Raises the interrupt line unless the driver has not acknowledged an earlier interrupt of the same reason: it looks
/// for work after it has acknowledged.
void MmioTransport::interrupt(std::uint32_t reason) {
    if (active_.load() && (interrupt_status_.fetch_or(reason) & reason) == 0) host_.raise_interrupt();
}

}  // namespace hv
