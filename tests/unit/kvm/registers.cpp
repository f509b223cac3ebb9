// SPDX-License-Identifier: Apache-2.0
// Segments and registers by name, against their values in the manual.
#include "hv/accel/kvm/registers.h"

#include <catch2/catch.hpp>

using namespace hv::kvm;

TEST_CASE("segments: PVH enters a guest with flat ones of 32 bits") {
    const kvm_segment code = flat_code_segment(selector(1));
    CHECK(code.base == 0);
    CHECK(code.limit == 0xFFFF'FFFF);
    CHECK(code.selector == 8);
    CHECK(code.type == 0xB);
    CHECK((code.s == 1 && code.present == 1 && code.g == 1 && code.dpl == 0));
    CHECK((code.db == 1 && code.l == 0));
    const kvm_segment data = flat_data_segment(selector(2));
    CHECK(data.selector == 16);
    CHECK(data.type == 0x3);
    CHECK((data.s == 1 && data.present == 1 && data.db == 1));
}

TEST_CASE("segments: code of 64-bit mode has L, and no D") {
    const kvm_segment code = long_code_segment(selector(1));
    CHECK((code.l == 1 && code.db == 0));
    CHECK(code.type == 0xB);
}

TEST_CASE("registers: bits are where the manual has them") {
    CHECK((cr0::pg | cr0::et | cr0::pe) == 0x8000'0011);
    CHECK(cr4::pae == 0x20);
    CHECK((ia32_efer::lme | ia32_efer::lma) == 0x500);
    CHECK((xcr0::x87 | xcr0::sse | xcr0::avx) == 7);
    CHECK(rflags_reserved_one == 2);
    CHECK((page_entry::present | page_entry::writable | page_entry::page_size) == 0x83);
}
