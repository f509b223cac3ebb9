// SPDX-License-Identifier: Apache-2.0
// The hostile guest: makes the attempt that its command line names.
#include <asm/unistd_64.h>

#include "tests/escape/guest/guest.h"

extern "C" void* memcpy(void* target, const void* source, std::size_t size) {
    void* cursor = target;
    asm volatile("rep movsb" : "+D"(cursor), "+S"(source), "+c"(size) : : "memory");
    return target;
}
extern "C" void* memset(void* target, int value, std::size_t size) {
    void* cursor = target;
    asm volatile("rep stosb" : "+D"(cursor), "+c"(size) : "a"(value) : "memory");
    return target;
}

namespace escape {

namespace {

const tenon::abi::StartInfo* start = nullptr;

constexpr const char* expect_names[] = {"forbidden", "trap", "harmless", "either",
                                        "blocked",   "dies", "leaves",   "endless"};

bool same(const char* a, const char* b) {
    for (; *a != '\0' && *a == *b; ++a, ++b) {
    }
    return *a == *b;
}

/// The last word of the command line.
const char* wanted() {
    static char word[64];
    std::size_t begin = start->command_line_size;
    while (begin > 0 && start->command_line[begin - 1] != ' ') --begin;
    std::size_t length = 0;
    while (begin + length < start->command_line_size && length + 1 < sizeof word) {
        word[length] = start->command_line[begin + length];
        ++length;
    }
    word[length] = '\0';
    return word;
}

template <typename Visit>
void for_each_case(Visit&& visit) {
    for (const Case* table : {call_cases, fault_cases, state_cases, balloon_cases, ring_cases, vcpu_cases})
        for (const Case* entry = table; entry->name != nullptr; ++entry) visit(*entry);
}

void list() {
    for_each_case([](const Case& entry) {
        print(entry.name);
        print(" ");
        print(expect_names[static_cast<int>(entry.expect)]);
        print("\n");
    });
    shut_down(0);
}

/// "number:N": one system call by its number, with nothing but zeros.
void try_number(const char* digits) {
    int number = 0;
    for (; *digits != '\0'; ++digits) number = number * 10 + (*digits - '0');
    system_call(number, 0, 0, 0, 0, 0, 0);
    shut_down(0);
}

}  // namespace

const tenon::abi::StartInfo& start_info() { return *start; }
tenon::abi::EventPage& events() { return zone_at<tenon::abi::EventPage>(tenon::abi::io_zone::events); }
tenon::abi::HypercallSlot& slot() { return zone_at<tenon::abi::HypercallSlot>(tenon::abi::io_zone::hypercall_slots); }

std::uint64_t random_word() {
    static std::uint64_t state = 0x9E37'79B9'7F4A'7C15;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

std::int64_t ring(std::uint32_t doorbell, std::uint64_t value) {
    return system_call(__NR_write, doorbell, &value, sizeof value);
}

std::int64_t hypercall() {
    tenon::abi::HypercallSlot& call = slot();
    call.state.store(tenon::abi::SlotState::submitted);
    ring(start->hypercall_doorbell);
    while (call.state.load() == tenon::abi::SlotState::submitted) system_call(__NR_futex, &call.state, 0, 1, 0, 0, 0);
    return call.result;
}

void print(const char* text) {
    std::size_t size = 0;
    while (text[size] != '\0') ++size;
    slot().number = tenon::abi::Call::console_write;
    slot().arguments[0] = size;
    memcpy(slot().data, text, size);
    hypercall();
}

void print_number(std::uint64_t value) {
    char digits[24];
    char* cursor = digits + sizeof digits;
    *--cursor = '\0';
    do {
        *--cursor = static_cast<char>('0' + value % 10);
        value /= 10;
    } while (value != 0);
    print(cursor);
}

void shut_down(int code) {
    slot().number = tenon::abi::Call::shutdown;
    slot().arguments[0] = 0;
    slot().arguments[1] = static_cast<std::uint64_t>(code);
    hypercall();
    for (;;) asm volatile("pause");
}

void escaped(const char* how) {
    print("escaped: ");
    print(how);
    print("\n");
    shut_down(exit_escaped);
}

bool trap_in_handler = false;

extern "C" [[noreturn]] void escape_unexpected_trap(int) {
    // Each trap takes a piece of the alternate stack, until there is none.
    if (trap_in_handler) asm volatile("hlt");
    shut_down(exit_trap);
}

extern "C" [[noreturn]] void escape_main(const tenon::abi::StartInfo* info, std::uint64_t) {
    start = info;
    const char* name = wanted();
    if (same(name, "list")) list();
    constexpr char number_prefix[] = "number:";
    bool is_number = true;
    for (std::size_t i = 0; i + 1 < sizeof number_prefix; ++i) is_number = is_number && name[i] == number_prefix[i];
    if (is_number) try_number(name + sizeof number_prefix - 1);
    for_each_case([name](const Case& entry) {
        if (!same(name, entry.name)) return;
        entry.run();
        shut_down(0);
    });
    shut_down(exit_unknown);
}

}  // namespace escape
