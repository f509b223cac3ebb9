// SPDX-License-Identifier: Apache-2.0
// Every register survives preemption: one thread keeps patterns in all of them, another wakes every few microseconds,
// fills them with patterns of its own, and sleeps again.
#include <atomic>
#include <cstdint>
#include <cstdlib>

#include "kernel/sched/scheduler.h"
#include "kernel/sched/thread.h"
#include "tests/guest/test.h"

namespace {

using tenon::Thread;

std::atomic<std::uint32_t> preemptions = 0;
std::atomic<std::uint32_t> wanted = 0;
bool have_avx = false;

/// The values that a thread loads into its registers, and those that it reads back. No two threads share a value.
struct alignas(64) RegisterFile {
    std::uint64_t general[13];  // rbx rcx rdx rsi rbp r8 .. r15
    std::uint64_t padding[3];
    std::uint64_t vector[16][4];
    double x87[8];
};

void fill(RegisterFile& file, std::uint64_t seed) {
    std::uint64_t value = seed;
    const auto next = [&value] {
        value = value * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
        return value;
    };
    for (auto& general : file.general) general = next();
    for (auto& vector : file.vector)
        for (auto& part : vector) part = next();
    for (auto& number : file.x87) number = static_cast<double>(next() >> 20);
}

#define LOAD_VECTOR(n) "vmovdqa 128+32*" #n "(%%rdi), %%ymm" #n "\n\t"
#define SAVE_VECTOR(n) "vmovdqa %%ymm" #n ", 128+32*" #n "(%%rsi)\n\t"
#define LOAD_SSE(n) "movdqa 128+32*" #n "(%%rdi), %%xmm" #n "\n\t"
#define SAVE_SSE(n) "movdqa %%xmm" #n ", 128+32*" #n "(%%rsi)\n\t"
#define ALL_VECTORS(x) x(0) x(1) x(2) x(3) x(4) x(5) x(6) x(7) x(8) x(9) x(10) x(11) x(12) x(13) x(14) x(15)
#define LOAD_X87                                                                               \
    "fldl 640+56(%%rdi)\n\tfldl 640+48(%%rdi)\n\tfldl 640+40(%%rdi)\n\tfldl 640+32(%%rdi)\n\t" \
    "fldl 640+24(%%rdi)\n\tfldl 640+16(%%rdi)\n\tfldl 640+8(%%rdi)\n\tfldl 640(%%rdi)\n\t"
#define SAVE_X87                                                                               \
    "fstpl 640(%%rsi)\n\tfstpl 640+8(%%rsi)\n\tfstpl 640+16(%%rsi)\n\tfstpl 640+24(%%rsi)\n\t" \
    "fstpl 640+32(%%rsi)\n\tfstpl 640+40(%%rsi)\n\tfstpl 640+48(%%rsi)\n\tfstpl 640+56(%%rsi)\n\t"
#define LOAD_GENERAL                                                                                  \
    "mov (%%rdi), %%rbx\n\tmov 8(%%rdi), %%rcx\n\tmov 16(%%rdi), %%rdx\n\tmov 40(%%rdi), %%r8\n\t"    \
    "mov 48(%%rdi), %%r9\n\tmov 56(%%rdi), %%r10\n\tmov 64(%%rdi), %%r11\n\tmov 72(%%rdi), %%r12\n\t" \
    "mov 80(%%rdi), %%r13\n\tmov 88(%%rdi), %%r14\n\tmov 96(%%rdi), %%r15\n\t"                        \
    "push %%rbp\n\tmov 32(%%rdi), %%rbp\n\tpush %%rsi\n\tmov 24(%%rdi), %%rsi\n\t"
// RAX counts, RDI stays the address of what was loaded: both would show a fault at once.
#define SPIN "1: pause\n\tdec %%rax\n\tjnz 1b\n\t"
#define SAVE_GENERAL                                                                                  \
    "mov %%rsi, %%rax\n\tpop %%rsi\n\tmov %%rax, 24(%%rsi)\n\tmov %%rbp, 32(%%rsi)\n\tpop %%rbp\n\t"  \
    "mov %%rbx, (%%rsi)\n\tmov %%rcx, 8(%%rsi)\n\tmov %%rdx, 16(%%rsi)\n\tmov %%r8, 40(%%rsi)\n\t"    \
    "mov %%r9, 48(%%rsi)\n\tmov %%r10, 56(%%rsi)\n\tmov %%r11, 64(%%rsi)\n\tmov %%r12, 72(%%rsi)\n\t" \
    "mov %%r13, 80(%%rsi)\n\tmov %%r14, 88(%%rsi)\n\tmov %%r15, 96(%%rsi)\n\t"
#define CLOBBERS                                                                                                       \
    "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "memory", "cc", "xmm0", "xmm1", "xmm2", \
        "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",  \
        "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)"

/// Holds `in` in the registers for a while, then writes what they hold to `out`. The pushes of LOAD_GENERAL must not
/// hit the red zone, so the stack pointer moves down first.
void hold_registers(const RegisterFile& in, RegisterFile& out, std::uint64_t rounds) {
    if (have_avx)
        asm volatile("sub $128, %%rsp\n\t" ALL_VECTORS(LOAD_VECTOR)
                         LOAD_X87 LOAD_GENERAL SPIN SAVE_GENERAL ALL_VECTORS(SAVE_VECTOR) SAVE_X87 "add $128, %%rsp"
                     : "+a"(rounds)
                     : "D"(&in), "S"(&out)
                     : CLOBBERS);
    else
        asm volatile("sub $128, %%rsp\n\t" ALL_VECTORS(LOAD_SSE)
                         LOAD_X87 LOAD_GENERAL SPIN SAVE_GENERAL ALL_VECTORS(SAVE_SSE) SAVE_X87 "add $128, %%rsp"
                     : "+a"(rounds)
                     : "D"(&in), "S"(&out)
                     : CLOBBERS);
}

bool equal(const RegisterFile& in, const RegisterFile& out) {
    for (std::size_t i = 0; i < std::size(in.general); ++i)
        if (in.general[i] != out.general[i]) return false;
    for (std::size_t i = 0; i < 16; ++i)
        for (std::size_t part = 0; part < (have_avx ? 4U : 2U); ++part)
            if (in.vector[i][part] != out.vector[i][part]) return false;
    for (std::size_t i = 0; i < 8; ++i)
        if (in.x87[i] != out.x87[i]) return false;
    return true;
}

void disturb(void*) {
    RegisterFile mine{}, found{};
    std::uint64_t seed = 1;
    // Short enough that the other thread is in the midst of holding its registers, and long enough that it gets to run:
    // a deadline that has passed before this thread blocks would preempt no thread.
    tenon::Nanoseconds nap = 1000;
    while (preemptions.load() < wanted.load()) {
        fill(mine, seed += 2);
        hold_registers(mine, found, 1);
        const std::uint64_t switches = tenon::Scheduler::switches();
        Thread::sleep_until(tenon::monotonic_now() + nap);
        if (tenon::Scheduler::switches() != switches)
            preemptions.fetch_add(1);
        else
            nap += nap / 4;
    }
}

}  // namespace

GUEST_TEST(registers_survive_preemption) {
    have_avx = __builtin_cpu_supports("avx") != 0;
    // 10^6 unless the environment says otherwise: under emulation that would take hours.
    const char* given = std::getenv("PREEMPTIONS");
    const auto count = given != nullptr ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10)) : 1'000'000U;
    wanted = count;
    preemptions = 0;
    auto disturber = Thread::create({.name = "disturber", .priority = tenon::Priority::tools}, disturb, nullptr);
    EXPECT(disturber.has_value());
    // On one vCPU: on another one it would preempt nothing.
    EXPECT((*disturber)->set_affinity(1) && Thread::current().set_affinity(1));
    RegisterFile mine{}, found{};
    std::uint64_t seed = 2, wrong = 0;
    while (preemptions.load() < count) {
        fill(mine, seed += 2);
        hold_registers(mine, found, 500);
        if (!equal(mine, found)) ++wrong;
    }
    Thread::join(**disturber);
    EXPECT(Thread::current().set_affinity(tenon::every_vcpu));
    EXPECT(wrong == 0);
    EXPECT(preemptions.load() >= count);
}
