// SPDX-License-Identifier: Apache-2.0
// The fields of the state page that leave.S reads.
#pragma once

#include <asm/signal.h>

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
    std::uint64_t go_stride;
    std::uint32_t unparked;  ///< threads that have been made, and do not wait for their go word yet
    std::uint32_t reserved;
    LeaveCall calls[capacity];
    sock_fprog program;
    FilterProgram filter;
    stack_t stacks[tenon::abi::max_vcpus];  ///< alternate stacks of the vCPUs' threads
};
static_assert(offsetof(LeaveRecord, unparked) == 40 && offsetof(LeaveRecord, calls) == 48 && sizeof(LeaveCall) == 40);
static_assert(sizeof(LeaveRecord) <= 4096);

extern "C" [[noreturn]] void leave_stub(const LeaveRecord* record);

/// Makes the thread of another vCPU, as clone(2) with `flags`. The thread sets its alternate stack, counts itself down
/// in `record.unparked` and waits for its go word; it uses no other memory. Returns its id, or -errno.
extern "C" std::int64_t make_vcpu_thread(std::uint64_t flags, LeaveRecord* record, std::uint64_t vcpu,
                                         const stack_t* stack);

}  // namespace hv::pv
