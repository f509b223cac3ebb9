// SPDX-License-Identifier: Apache-2.0
// The fields of the state page that leave.S reads.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hv/accel/pv/stub/filter.h"

namespace hv::pv {

struct LeaveCall {
    std::uint64_t number;
    std::uint64_t arguments[3];
    std::uint64_t reserved;
};

/// The stub makes the calls in order; each must return 0.
struct LeaveRecord {
    static constexpr std::uint32_t capacity = 8;
    std::uint64_t count;
    std::uint64_t go_word;
    std::uint64_t entry;
    std::uint64_t start_info;
    LeaveCall calls[capacity];
    sock_fprog program;
    FilterProgram filter;
};
static_assert(offsetof(LeaveRecord, calls) == 32 && sizeof(LeaveCall) == 40);
static_assert(sizeof(LeaveRecord) <= 4096);

extern "C" [[noreturn]] void leave_stub(const LeaveRecord* record);

}  // namespace hv::pv
