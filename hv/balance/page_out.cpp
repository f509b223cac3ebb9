// SPDX-License-Identifier: Apache-2.0
// process_madvise(MADV_PAGEOUT) over a guest's RAM.
#include "hv/balance/page_out.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>

#include "hv/core/errno_kind.h"
#include "hv/core/file_descriptor.h"
#include "hv/core/text.h"
#include "hv/core/text_file.h"
#include "hypercall/layout.h"

namespace hv::balance {

namespace {

/// The guest's addresses on `pv` end where its stub begins.
constexpr std::uint64_t guest_end = 2 * tenon::abi::guest_base;
/// One call holds the process's lock of its mappings for as long as it takes.
constexpr std::uint64_t most_at_once = 8 << 20;

/// The number after the name in /proc/PID/stat, which itself may hold spaces and brackets: its parent.
pid_t parent_of(pid_t process) {
    const auto text = read_text_file(fmt::format("/proc/{}/stat", process));
    if (!text) return 0;
    const std::size_t name_end = text->rfind(')');
    if (name_end == std::string::npos) return 0;
    const auto fields = split(std::string_view(*text).substr(name_end), ' ');
    return fields.size() < 3 ? 0 : static_cast<pid_t>(parse_number(fields[2]).value_or(0));
}

Error cannot(pid_t process) {
    const ErrorKind kind = errno == ESRCH ? ErrorKind::not_found : errno_kind(errno, ErrorKind::host_lacks);
    return {kind, fmt::format("process {} cannot be paged out: {}", process, std::strerror(errno))};
}

}  // namespace

std::vector<AddressRange> guest_ram_ranges(std::string_view maps) {
    std::vector<AddressRange> ranges;
    for (const std::string_view line : split(maps, '\n')) {
        // "BEGIN-END rw-p OFFSET DEVICE INODE    NAME"; anonymous memory has inode 0 and no name.
        AddressRange range{};
        const char* const end = line.data() + line.size();
        const auto begin_text = std::from_chars(line.data(), end, range.begin, 16);
        if (begin_text.ec != std::errc() || begin_text.ptr == end || *begin_text.ptr != '-') continue;
        const auto end_text = std::from_chars(begin_text.ptr + 1, end, range.end, 16);
        if (end_text.ec != std::errc()) continue;
        const auto fields = split(std::string_view(end_text.ptr, static_cast<std::size_t>(end - end_text.ptr)), ' ');
        if (fields.size() < 5 || fields[1] != "rw-p" || fields[4] != "0") continue;
        if (range.begin < tenon::abi::guest_base || range.end > guest_end || range.begin >= range.end) continue;
        ranges.push_back(range);
    }
    return ranges;
}

Result<std::uint64_t> page_out(pid_t hv, pid_t process, std::uint64_t bytes, std::uint64_t& cursor) {
    const FileDescriptor handle(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
    if (!handle) return std::unexpected(cannot(process));
    // After the handle is taken: the number cannot become another process's any more.
    if (hv <= 0 || parent_of(process) != hv)
        return fail(ErrorKind::not_found, fmt::format("process {} is not a guest of process {}", process, hv));
    TRY(const std::string maps, read_text_file(fmt::format("/proc/{}/maps", process)));
    const std::vector<AddressRange> ranges = guest_ram_ranges(maps);
    std::uint64_t all = 0;
    for (const AddressRange& range : ranges) all += range.end - range.begin;
    if (all == 0) return fail(ErrorKind::not_found, fmt::format("process {} has no RAM of a guest", process));

    std::uint64_t skip = cursor % all, done = 0;
    const std::uint64_t wanted = std::min(bytes, all);
    // Twice over the ranges: from the cursor to the end, then from the start.
    for (std::size_t i = 0; i < 2 * ranges.size() && done < wanted; ++i) {
        AddressRange range = ranges[i % ranges.size()];
        const std::uint64_t skipped = std::min(skip, range.end - range.begin);
        skip -= skipped;
        range.begin += skipped;
        while (range.begin < range.end && done < wanted) {
            const iovec part{reinterpret_cast<void*>(range.begin),
                             std::min({range.end - range.begin, wanted - done, most_at_once})};
            if (syscall(SYS_process_madvise, handle.get(), &part, 1, MADV_PAGEOUT, 0) < 0)
                return std::unexpected(cannot(process));
            range.begin += part.iov_len;
            done += part.iov_len;
        }
    }
    cursor += done;
    return done;
}

}  // namespace hv::balance
