// SPDX-License-Identifier: Apache-2.0
// Accesses that must fault do: page 0, writing text and constants, executing data, the guard page below a stack.
#include <cstdint>
#include <cstring>

#include "hypercall/layout.h"
#include "kernel/arch/x86_64/trap_frame.h"
#include "kernel/sched/thread.h"
#include "kernel/trap/recover.h"
#include "tests/guest/test.h"

namespace {

using tenon::attempt;
using tenon::AttemptResult;

AttemptResult try_read(std::uintptr_t address) {
    return attempt([](void* at) { (void)*static_cast<volatile char*>(at); }, reinterpret_cast<void*>(address));
}

AttemptResult try_write(std::uintptr_t address) {
    return attempt(
        [](void* at) {
            auto* byte = static_cast<volatile char*>(at);
            *byte = 0;
        },
        reinterpret_cast<void*>(address));
}

AttemptResult try_execute(void* address) {
    return attempt([](void* at) { reinterpret_cast<void (*)()>(at)(); }, address);
}

const char constant[] = "a constant in the image";
char writable[64];
constexpr unsigned char return_instruction = 0xC3;

volatile bool go_on = true;

int recurse(int depth) {
    volatile char frame[512];
    frame[0] = static_cast<char>(depth);
    return (go_on ? recurse(depth + 1) : 0) + frame[0];
}

}  // namespace

GUEST_TEST(reading_null_faults) {
    const AttemptResult result = try_read(8);
    EXPECT(result.faulted);
    EXPECT(result.vector == tenon::vector::page_fault);
    EXPECT(result.fault_address == 8);
}

GUEST_TEST(physical_page_zero_is_not_mapped) { EXPECT(try_read(tenon::abi::guest_base).faulted); }

GUEST_TEST(writing_text_faults) { EXPECT(try_write(reinterpret_cast<std::uintptr_t>(&recurse)).faulted); }

GUEST_TEST(writing_a_constant_faults) { EXPECT(try_write(reinterpret_cast<std::uintptr_t>(constant)).faulted); }

GUEST_TEST(data_can_be_written_and_not_executed) {
    writable[0] = static_cast<char>(return_instruction);
    EXPECT(!try_write(reinterpret_cast<std::uintptr_t>(writable + 1)).faulted);
    EXPECT(try_execute(writable).faulted);
}

GUEST_TEST(heap_and_stack_cannot_be_executed) {
    auto* heap = new unsigned char[16]{return_instruction};
    EXPECT(try_execute(heap).faulted);
    delete[] heap;
    unsigned char stack[16] = {return_instruction};
    EXPECT(try_execute(stack).faulted);
}

GUEST_TEST(the_page_below_a_stack_is_a_guard) {
    const std::uintptr_t stack = tenon::Thread::current().stack_begin();
    EXPECT(!try_read(stack).faulted);
    const AttemptResult result = try_write(stack - 1);
    EXPECT(result.faulted);
    EXPECT(result.fault_address == stack - 1);
}

GUEST_TEST(endless_recursion_hits_the_guard_page) {
    const AttemptResult result = attempt([](void*) { recurse(0); }, nullptr);
    EXPECT(result.faulted);
    const std::uintptr_t stack = tenon::Thread::current().stack_begin();
    EXPECT(result.fault_address < stack);
    EXPECT(result.fault_address >= stack - tenon::abi::page_size);
}

GUEST_TEST(other_exceptions_are_told_apart) {
    EXPECT(attempt([](void*) { asm volatile("ud2"); }, nullptr).vector == tenon::vector::invalid_opcode);
    volatile int zero = 0;
    const AttemptResult division = attempt(
        [](void* divisor) {
            asm volatile("idivl %0" : : "m"(*static_cast<volatile int*>(divisor)), "a"(1), "d"(0));
        },
        const_cast<int*>(&zero));
    EXPECT(division.vector == tenon::vector::divide_error);
}

GUEST_TEST(a_body_that_does_not_fault_says_so) {
    int calls = 0;
    const AttemptResult result = attempt([](void* count) { ++*static_cast<int*>(count); }, &calls);
    EXPECT(!result.faulted);
    EXPECT(calls == 1);
}
