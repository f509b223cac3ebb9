// SPDX-License-Identifier: Apache-2.0
// Following frame pointers.
#include "hv/postmortem/backtrace.h"

#include <algorithm>
#include <iterator>

namespace hv {

namespace {

using tenon::abi::guest_base;

bool is_code(const ImageLayout& image, std::uint64_t address) {
    return std::ranges::any_of(image.segments, [address](const ImageSegment& segment) {
        const std::uint64_t begin = guest_base + segment.physical;
        return segment.executable && address >= begin && address - begin < segment.memory_size;
    });
}

/// A stack frame of x86-64, at the address in the frame pointer.
struct Frame {
    std::uint64_t next;
    std::uint64_t return_address;
};

}  // namespace

void add_backtrace(tenon::abi::CrashReport& report, const ImageLayout& image, const ReadRam& read) {
    constexpr std::size_t rbp = 6;
    std::uint64_t pointer = report.general[rbp];
    report.frame_count = 0;
    while (report.frame_count < std::size(report.frames)) {
        Frame frame{};
        if (pointer < guest_base || pointer % alignof(Frame) != 0) return;
        if (read(pointer - guest_base, std::as_writable_bytes(std::span(&frame, 1))) != sizeof frame) return;
        if (!is_code(image, frame.return_address)) return;
        report.frames[report.frame_count++] = frame.return_address;
        if (frame.next <= pointer) return;
        pointer = frame.next;
    }
}

}  // namespace hv
