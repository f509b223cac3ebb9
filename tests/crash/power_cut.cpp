// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/power_cut.h"

#include <cstring>

namespace tenon::crash {

std::vector<Epoch> epochs_of(std::span<const Record> log) {
    std::vector<Epoch> epochs;
    std::size_t begin = 0;
    for (std::size_t index = 0; index < log.size(); ++index) {
        if (!log[index].flush) continue;
        epochs.push_back({begin, index});
        begin = index + 1;
    }
    if (begin < log.size()) epochs.push_back({begin, log.size()});
    return epochs;
}

namespace {

/// The super block, with its checksum at its end, is written over in place when a file system is mounted and unmounted.
/// ext4 has no way to survive that it is torn, and neither has Linux: its two sectors are taken for one.
std::uint64_t super_block_whole(const Record& record, std::uint64_t sectors) {
    constexpr std::uint64_t place = 1024;
    if (record.offset > place || record.offset + record.data.size() <= place) return sectors;
    const std::uint64_t first = std::uint64_t{1} << (place - record.offset) / sector;
    return (sectors & first) != 0 ? sectors | first << 1 : sectors & ~(first << 1);
}

}  // namespace

PowerCut cut(std::span<const Record> log, Epoch epoch, unsigned kind, std::mt19937& random) {
    const std::size_t count = epoch.end - epoch.begin;
    PowerCut result{epoch.end, {}};
    const auto below = [&](std::size_t limit) { return limit == 0 ? 0 : random() % limit; };
    const auto land = [&](std::size_t record) { result.landed.push_back({record, ~std::uint64_t{0}}); };
    const auto some = [&](unsigned tenths) {
        for (std::size_t record = epoch.begin; record < epoch.end; ++record)
            if (below(10) < tenths) land(record);
    };
    switch (kind % 8) {
        case 0: result.position = epoch.begin; break;
        case 1: some(10); break;
        case 2:
            result.position = epoch.begin + below(count + 1);
            for (std::size_t record = epoch.begin; record < result.position; ++record) land(record);
            break;
        case 3: {
            const std::size_t lost = epoch.begin + below(count);
            for (std::size_t record = epoch.begin; record < epoch.end; ++record)
                if (record != lost) land(record);
            break;
        }
        case 4:
            if (count != 0) land(epoch.end - 1);
            break;
        case 5: some(2); break;
        case 6: some(5); break;
        default: some(8); break;
    }
    if (kind % 2 != 0 || kind >= 8) {
        for (Landed& landed : result.landed)
            if (below(3) != 0 && log[landed.record].data.size() > sector)
                landed.sectors = super_block_whole(log[landed.record], random());
    }
    return result;
}

void apply(std::span<const Record> log, const PowerCut& cut, std::span<std::byte> disk) {
    for (const Landed& landed : cut.landed) {
        const Record& record = log[landed.record];
        for (std::size_t index = 0; index * sector < record.data.size(); ++index)
            if ((landed.sectors >> index & 1) != 0)
                std::memcpy(&disk[record.offset + index * sector], &record.data[index * sector], sector);
    }
}

void apply(std::span<const Record> log, std::size_t begin, std::size_t end, std::span<std::byte> disk) {
    for (const Record& record : log.subspan(begin, end - begin))
        if (!record.flush) std::memcpy(&disk[record.offset], record.data.data(), record.data.size());
}

}  // namespace tenon::crash
