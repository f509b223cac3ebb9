// SPDX-License-Identifier: Apache-2.0
// Disks that drivers have found, and checks of requests to them.
#include "kernel/device/block_device.h"

#include <string_view>

#include "kernel/console/console.h"
#include "kernel/mm/heap.h"

namespace tenon {

namespace {
// Written on the boot thread only, read afterwards.
constinit IntrusiveList<BlockDevice> devices;
constinit unsigned disk_count = 0;
constexpr unsigned most_disks = 26;
}  // namespace

IntrusiveList<BlockDevice>& detail::block_devices() { return devices; }

void register_disk(BlockDevice& disk, char (&name)[16]) {
    if (disk_count == most_disks) {
        warn("disks: 26 are supported; another one is ignored");
        return;
    }
    name[0] = 'v';
    name[1] = 'd';
    name[2] = static_cast<char>('a' + disk_count++);
    name[3] = '\0';
    register_block_device(disk);
}

void register_block_device(BlockDevice& device) { devices.push_back(device); }

BlockDevice* find_block_device(const char* name, std::size_t name_size) {
    BlockDevice* found = nullptr;
    devices.for_each([&](BlockDevice& device) {
        if (std::string_view(device.name()) == std::string_view(name, name_size)) found = &device;
    });
    return found;
}

Result<> BlockDevice::check_parts(BlockRequest& request) const {
    if (request.parts.empty() || request.parts.size() > part_limit_) return fail(Error::invalid_argument);
    for (const BlockPart& part : request.parts) {
        // Checked before it is added, so that the sum does not wrap.
        if (part.size == 0 || part.size > part_size_limit_ || !in_dma_zone(part.data, part.size))
            return fail(Error::invalid_argument);
        request.size += part.size;
    }
    return {};
}

Result<> BlockDevice::check_range(BlockRequest& request) const {
    const std::uint64_t limit =
        request.operation == BlockOperation::discard ? range_limits_.discard : range_limits_.write_zeroes;
    if (limit == 0) return fail(Error::not_supported);
    if (!request.parts.empty() || request.range == 0 || request.range > limit) return fail(Error::invalid_argument);
    request.size = request.range;
    return {};
}

Result<> BlockDevice::check(BlockRequest& request) const {
    request.size = 0;
    if (request.operation == BlockOperation::flush)
        return request.parts.empty() ? Result<>() : fail(Error::invalid_argument);
    if (changes_data(request.operation) && read_only_) return fail(Error::not_supported);
    CHECK(names_range(request.operation) ? check_range(request) : check_parts(request));
    const std::uint64_t mask = block_size_ - 1;
    if ((request.size & mask) != 0 || (request.offset & mask) != 0) return fail(Error::invalid_argument);
    const std::uint64_t end = size();
    if (request.offset > end || request.size > end - request.offset) return fail(Error::invalid_argument);
    return {};
}

void BlockDevice::admit(BlockRequest& request, Nanoseconds now, IntrusiveList<BlockRequest>& good) {
    request.result = check(request);
    if (!request.result) return request.completed(request);
    request.disk_offset = disk_offset_ + request.offset;
    request.started = now;
    good.push_back(request);
}

void BlockDevice::submit(std::span<BlockRequest* const> requests) {
    IntrusiveList<BlockRequest> list;
    for (BlockRequest* request : requests) list.push_back(*request);
    submit(list);
}

void BlockDevice::submit(IntrusiveList<BlockRequest>& requests) {
    IntrusiveList<BlockRequest> good;
    const Nanoseconds now = monotonic_now();
    while (BlockRequest* request = requests.pop_front()) admit(*request, now, good);
    if (!good.empty()) start(good);
}

}  // namespace tenon
