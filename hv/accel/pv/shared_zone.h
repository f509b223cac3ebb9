// SPDX-License-Identifier: Apache-2.0
// The memory of the I/O zone on `pv`: one memfd, mapped by hv and by the guest process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv::pv {

/// Zero-filled. Its size is sealed, so that no access can end in SIGBUS.
class SharedZone {
public:
    /// Errors: no_memory, host_lacks (/proc is not there).
    static Result<SharedZone> create(std::uint64_t size);
    SharedZone(SharedZone&& other) noexcept;
    SharedZone& operator=(SharedZone&&) = delete;
    ~SharedZone();

    [[nodiscard]] std::span<std::byte> bytes() const { return bytes_; }
    [[nodiscard]] int writable_file() const { return writable_.get(); }
    /// A second, read-only open file of the same memory: its mappings cannot be made writable.
    [[nodiscard]] int read_only_file() const { return read_only_.get(); }
    /// To be called once the guest process has its own descriptors.
    void close_files();

private:
    SharedZone() = default;

    FileDescriptor writable_;
    FileDescriptor read_only_;
    std::span<std::byte> bytes_;
};

}  // namespace hv::pv
