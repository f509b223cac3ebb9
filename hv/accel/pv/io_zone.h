// SPDX-License-Identifier: Apache-2.0
// The I/O zone on `pv`: one memfd, mapped by hv and by the guest process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"
#include "hypercall/calls.h"
#include "hypercall/clock.h"
#include "hypercall/devices.h"
#include "hypercall/events.h"
#include "hypercall/start_info.h"

namespace hv::pv {

/// Zero-filled, and of a size that nobody can change: no access to it ever ends in SIGBUS.
class IoZone {
public:
    static Result<IoZone> create(std::uint64_t size);
    IoZone(IoZone&& other) noexcept;
    IoZone& operator=(IoZone&&) = delete;
    ~IoZone();

    [[nodiscard]] std::span<std::byte> bytes() const { return bytes_; }
    [[nodiscard]] int writable_file() const { return writable_.get(); }
    /// Another opening of the same memory; what is mapped from it can never be made writable.
    [[nodiscard]] int read_only_file() const { return read_only_.get(); }
    /// The guest process has its own by now.
    void close_files();

    [[nodiscard]] tenon::abi::StartInfo& start_info() const {
        return at<tenon::abi::StartInfo>(tenon::abi::io_zone::start_info);
    }
    [[nodiscard]] tenon::abi::ClockPage& clock() const { return at<tenon::abi::ClockPage>(tenon::abi::io_zone::clock); }
    [[nodiscard]] tenon::abi::DevicePage& devices() const {
        return at<tenon::abi::DevicePage>(tenon::abi::io_zone::devices);
    }
    [[nodiscard]] tenon::abi::EventPage& events() const {
        return at<tenon::abi::EventPage>(tenon::abi::io_zone::events);
    }
    [[nodiscard]] tenon::abi::HypercallSlot& slot(std::uint32_t vcpu) const {
        return at<tenon::abi::HypercallSlot>(tenon::abi::io_zone::hypercall_slots +
                                             vcpu * sizeof(tenon::abi::HypercallSlot));
    }

private:
    IoZone() = default;
    template <typename T>
    T& at(std::uint64_t offset) const {
        return *reinterpret_cast<T*>(bytes_.data() + offset);
    }

    FileDescriptor writable_;
    FileDescriptor read_only_;
    std::span<std::byte> bytes_;
};

}  // namespace hv::pv
