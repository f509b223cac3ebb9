// SPDX-License-Identifier: Apache-2.0
// Mapping a guest's RAM.
#include "hv/accel/kvm/guest_ram.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace hv::kvm {

namespace {

using tenon::abi::round_up_to_page;

std::unexpected<Error> no_memory(const char* what) {
    return fail(ErrorKind::no_memory, std::string(what) + ": " + std::strerror(errno));
}

}  // namespace

Result<GuestRam> GuestRam::create(const MemoryLayout& layout, const Image& image, const RamSharing& sharing) {
    const std::uint64_t size = layout.end();
    // The hole is part of the mapping and costs nothing: it has no memory slot, so no guest reaches it.
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return no_memory("guest memory");
    GuestRam ram(static_cast<std::byte*>(memory), size);
    // With huge pages a guest's first write to 4 KiB would cost 2 MiB, and khugepaged would refill dropped pages. The
    // call fails on kernels without huge pages.
    madvise(memory, size, MADV_NOHUGEPAGE);
    madvise(memory, size, MADV_DONTDUMP);
    CHECK(ram.apply(layout, sharing));
    for (const ImageSegment& segment : image.layout().segments)
        CHECK(sharing.own ? ram.copy_segment(image, segment) : ram.map_segment(image, segment));
    return ram;
}

Result<> GuestRam::apply(const MemoryLayout& layout, const RamSharing& sharing) {
    for (const auto& range : layout.ram()) {
        const std::span<std::byte> bytes = at(range);
        if (sharing.mergeable && madvise(bytes.data(), bytes.size(), MADV_MERGEABLE) != 0)
            return fail(ErrorKind::host_lacks, "--ksm: this kernel does not merge pages (CONFIG_KSM)");
        // Written, not only read: pages that were only read would all be the host's one zero page.
        if (sharing.own && madvise(bytes.data(), bytes.size(), MADV_POPULATE_WRITE) != 0)
            return no_memory("--private-memory: populating the guest's memory");
    }
    return {};
}

Result<> GuestRam::copy_segment(const Image& image, const ImageSegment& segment) {
    std::byte* place = memory_ + segment.physical;
    for (std::uint64_t done = 0; done < segment.file_size;) {
        const ssize_t size =
            pread(image.file(), place + done, segment.file_size - done, static_cast<off_t>(segment.file_offset + done));
        if (size <= 0) return no_memory("copy of an image segment");
        done += static_cast<std::uint64_t>(size);
    }
    const std::uint64_t whole = round_up_to_page(segment.file_size);
    if (!segment.writable && whole != 0 && mprotect(place, whole, PROT_READ) != 0) return no_memory("image segment");
    return {};
}

Result<> GuestRam::map_segment(const Image& image, const ImageSegment& segment) {
    const std::uint64_t from_file = round_up_to_page(segment.file_size);
    if (from_file == 0) return {};
    // hv never executes guest memory; KVM runs what the guest's own page tables say.
    const int access = PROT_READ | (segment.writable ? PROT_WRITE : 0);
    std::byte* place = memory_ + segment.physical;
    if (mmap(place, from_file, access, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, image.file(),
             static_cast<off_t>(segment.file_offset)) == MAP_FAILED)
        return no_memory("image segment");
    // The file's last page may contain bytes behind the segment's end.
    const std::uint64_t used = std::min(segment.memory_size, from_file);
    if (segment.writable && used > segment.file_size)
        std::memset(place + segment.file_size, 0, used - segment.file_size);
    return {};
}

void GuestRam::discard(const tenon::abi::MemoryRange& range) const {
    // Fails only for locked memory, which then keeps its content: no harm to the guest.
    madvise(memory_ + range.base, range.size, MADV_DONTNEED);
}

GuestRam::GuestRam(GuestRam&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)), size_(std::exchange(other.size_, 0)) {}

GuestRam::~GuestRam() {
    if (memory_ != nullptr) munmap(memory_, size_);
}

}  // namespace hv::kvm
