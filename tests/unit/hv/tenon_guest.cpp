// SPDX-License-Identifier: Apache-2.0
// hv's side of the ABI over the I/O zone: start record, requests, calls, counters.
#include "hv/guest/tenon_guest.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "hv/guest/start_info.h"
#include "tests/unit/hv/elf_builder.h"

using namespace tenon::abi;
using hv::GuestRequest;

namespace {

constexpr std::uint64_t zone_address = 48ULL << 20;

struct Zone {
    static constexpr std::size_t size = io_zone::buffers + 8 * page_size;
    struct Page {
        alignas(page_size) std::byte bytes[page_size];
    };
    std::unique_ptr<Page[]> pages = std::make_unique<Page[]>(size / page_size);
    hv::IoZone view{{pages[0].bytes, size}, zone_address};
};

struct Fixture {
    Zone memory;
    hv::Result<std::unique_ptr<hv::EventLoop>> loop = hv::EventLoop::create();  // outlives the guest
    int raised = 0;
    std::uint32_t last_vcpu = 77, last_event = 77;
    int readies = 0;
    std::string console;
    std::vector<hv::GuestEnd> ends;
    hv::TenonGuest guest{memory.view,
                         hv::process_start_pair(),
                         {.raise =
                              [this](std::uint32_t vcpu, std::uint32_t event) {
                                  ++raised;
                                  last_vcpu = vcpu;
                                  last_event = event;
                              },
                          .console = [this](std::string_view text) { console += text; },
                          .ready = [this] { ++readies; },
                          .ended = [this](hv::GuestEnd end) { ends.push_back(std::move(end)); }}};
    EventPage& events = memory.view.events();

    hv::SlotOutcome call(std::uint32_t vcpu, Call number, std::initializer_list<std::uint64_t> arguments = {}) {
        HypercallSlot& slot = memory.view.slot(vcpu);
        slot.number = number;
        std::copy(arguments.begin(), arguments.end(), slot.arguments);
        slot.state.store(SlotState::submitted);
        return guest.serve_call(vcpu, nullptr);
    }
};

struct StartFixture {
    hv::test::ElfBuilder elf;
    hv::ImageLayout image = *hv::parse_image(elf.build(), "x", hv::supported_features);
    hv::MemoryLayout memory = *hv::plan_memory(64 << 20, image, "x");
    std::unique_ptr<StartInfo> start = std::make_unique<StartInfo>();

    hv::Result<> fill(std::string_view name, std::string_view command_line) {
        return hv::fill_start_info(*start, {.accelerator = Accelerator::pv,
                                            .vcpu_count = 3,
                                            .device_count = 5,
                                            .memory = memory,
                                            .image = image,
                                            .machine_name = name,
                                            .command_line = command_line,
                                            .hv_start_tsc = 77});
    }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "guest: a request sets its bit and raises the control event") {
    guest.request(GuestRequest::reboot);
    CHECK(events.control.load() == control_request::reboot);
    guest.request(GuestRequest::shutdown);
    CHECK(events.control.load() == (control_request::reboot | control_request::shutdown));
    CHECK(raised == 2);
    CHECK(last_vcpu == 0);
    CHECK(last_event == tenon::abi::event::control);
}

TEST_CASE_METHOD(Fixture, "guest: a request is taken once the guest has cleared its bit, whatever the other bits") {
    guest.request(GuestRequest::sign_of_life);
    guest.request(GuestRequest::reclaim);
    CHECK_FALSE(guest.has_taken(GuestRequest::sign_of_life));
    events.control.fetch_and(~control_request::sign_of_life);
    CHECK(guest.has_taken(GuestRequest::sign_of_life));
    CHECK_FALSE(guest.has_taken(GuestRequest::reclaim));
}

TEST_CASE_METHOD(Fixture, "guest: the size of a page-out stands there before its bit") {
    guest.request_page_out(1 << 20);
    CHECK(events.page_out_bytes.load() == 1 << 20);
    CHECK(events.control.load() == control_request::page_out);
    CHECK(raised == 1);
}

TEST_CASE_METHOD(Fixture, "guest: a vCPU is idle when it is blocked and has nothing pending, or was not started") {
    CHECK(guest.is_idle(1));
    events.vcpu[0].state.store(VcpuState::running);
    events.vcpu[1].state.store(VcpuState::blocked);
    CHECK_FALSE(guest.is_idle(0));
    CHECK(guest.is_idle(1));
    events.vcpu[1].upcall_pending.store(1);
    CHECK_FALSE(guest.is_idle(1));
    events.vcpu[1].upcall_pending.store(0);
    events.vcpu[1].state.store(VcpuState::polling);
    CHECK_FALSE(guest.is_idle(1));
}

TEST_CASE_METHOD(Fixture, "guest: another vCPU has answered when it has taken its events") {
    guest.ask_vcpu(1);
    CHECK(last_vcpu == 1);
    CHECK(last_event == tenon::abi::event::reschedule);
    CHECK(guest.vcpu_answered(1));
    events.vcpu[1].pending.store(1ULL << tenon::abi::event::reschedule);
    CHECK_FALSE(guest.vcpu_answered(1));
    CHECK(guest.vcpu_answered(0));
}

TEST_CASE_METHOD(Fixture, "guest: the end tells on which vCPU it came") {
    CHECK(call(1, Call::crash) == hv::SlotOutcome::not_back);
    REQUIRE(ends.size() == 1);
    CHECK(ends[0].vcpu == 1);
}

TEST_CASE_METHOD(Fixture, "guest: each vCPU has a slot of its own") {
    memory.view.slot(0).number = Call::shutdown;
    memory.view.slot(0).state.store(SlotState::idle);
    CHECK(call(1, Call::ready) == hv::SlotOutcome::done);
    CHECK(readies == 1);
    CHECK(guest.serve_call(0, nullptr) == hv::SlotOutcome::idle);
    CHECK(ends.empty());
    std::memcpy(memory.view.slot(1).data, "text", 4);
    CHECK(call(1, Call::console_write, {4}) == hv::SlotOutcome::done);
    CHECK(console == "text");
    CHECK(call(0, Call::shutdown, {0, 3}) == hv::SlotOutcome::not_back);
    REQUIRE(ends.size() == 1);
    CHECK(ends[0].exit_code == 3);
}

TEST_CASE_METHOD(Fixture, "guest: the entry is noted where the guest and the boot report read it") {
    CHECK(guest.boot_times().guest_entry_tsc == 0);
    REQUIRE(loop);
    guest.start(**loop);
    CHECK(guest.boot_times().guest_entry_tsc != 0);
    CHECK(memory.view.start_info().guest_entry_tsc == guest.boot_times().guest_entry_tsc);
    // hv does not read the record back: on `kvm` the guest can write it.
    memory.view.start_info().guest_entry_tsc = 1;
    CHECK(guest.boot_times().guest_entry_tsc != 1);
}

TEST_CASE_METHOD(Fixture, "guest: a resumed guest is told by the control event, and a started one is not") {
    REQUIRE(loop);
    guest.start(**loop);
    CHECK(guest.has_taken(GuestRequest::clock_jumped));
    guest.pause();
    CHECK(guest.has_taken(GuestRequest::clock_jumped));
    guest.resume();
    CHECK_FALSE(guest.has_taken(GuestRequest::clock_jumped));
    CHECK(raised == 1);
}

TEST_CASE_METHOD(Fixture, "guest: marks and counters are the guest's") {
    events.boot_marks[static_cast<std::size_t>(BootMark::ready)].store(5);
    events.memory_counters[static_cast<std::size_t>(MemoryCounter::pages_zero)].store(9);
    CHECK(guest.boot_times().marks[static_cast<std::size_t>(BootMark::ready)] == 5);
    CHECK(guest.boot_times().marks[static_cast<std::size_t>(BootMark::main)] == 0);
    CHECK(guest.memory_counters()[static_cast<std::size_t>(MemoryCounter::pages_zero)] == 9);
}

TEST_CASE("I/O zone: devices reach rings and buffers, and no page through which hv and the guest talk") {
    const Zone zone;
    const hv::GuestMemory memory = zone.view.device_memory();
    CHECK(memory.slice(hv::GuestAddress{zone_address + io_zone::buffers}, 8 * page_size));
    CHECK_FALSE(memory.slice(hv::GuestAddress{zone_address + io_zone::buffers}, 8 * page_size + 1));
    CHECK_FALSE(memory.slice(hv::GuestAddress{zone_address + io_zone::buffers - 1}, 1));
    CHECK_FALSE(memory.slice(hv::GuestAddress{zone_address}, 1));
}

TEST_CASE_METHOD(StartFixture, "start record: what it says of a machine") {
    REQUIRE(fill("web", "-- one"));
    CHECK(start->magic == start_info_magic);
    CHECK(start->size == sizeof(StartInfo));
    CHECK(start->accelerator == Accelerator::pv);
    CHECK(start->vcpu_count == 3);
    CHECK(start->device_count == 5);
    CHECK(start->range_count == 1);
    CHECK(start->io_zone.base == memory.io_zone.base);
    CHECK(start->image.base == image.extent.base);
    CHECK(start->hv_start_tsc == 77);
    CHECK(std::string_view(start->machine_name) == "web");
    CHECK(std::string_view(start->command_line, start->command_line_size) == "-- one");
    const std::vector<std::uint8_t> zeros(sizeof start->entropy);
    CHECK(std::memcmp(start->entropy, zeros.data(), zeros.size()) != 0);
}

TEST_CASE_METHOD(StartFixture, "start record: a long name is cut off, a long command line is refused") {
    REQUIRE(fill(std::string(100, 'n'), std::string(sizeof start->command_line, 'c')));
    CHECK(std::string_view(start->machine_name) == std::string(sizeof start->machine_name - 1, 'n'));
    const auto refused = fill("web", std::string(sizeof start->command_line + 1, 'c'));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == hv::ErrorKind::usage);
}
