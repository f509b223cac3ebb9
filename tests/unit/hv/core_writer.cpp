// SPDX-License-Identifier: Apache-2.0
// Core files: contents, holes, and full disks.
#include "hv/postmortem/core_writer.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/procfs.h>
#include <sys/stat.h>
#include <sys/user.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <fstream>
#include <vector>

#include "hv/postmortem/core_file.h"
#include "tests/unit/hv/temporary_directory.h"

namespace {

using namespace hv;
using tenon::abi::guest_base;
using tenon::abi::page_size;

constexpr std::array<tenon::abi::MemoryRange, 2> ram{{{page_size, 4 << 20}, {1ULL << 32, 2 * page_size}}};
constexpr std::uint64_t guard_page = 3 * page_size;

/// Reads the page number everywhere in two pages and in the second range; one page cannot be read; the rest is zero.
std::size_t read_memory(std::uint64_t address, std::span<std::byte> bytes) {
    std::size_t done = 0;
    for (; done < bytes.size(); done += page_size) {
        const std::uint64_t page = address + done;
        if (page == guard_page) break;
        const bool used = page == page_size || page == 64 * page_size || page >= 1ULL << 32;
        std::ranges::fill(bytes.subspan(done, page_size), used ? std::byte(page / page_size | 1) : std::byte());
    }
    return done;
}

constexpr std::array<pid_t, 3> threads{4711, 4712, 4720};

struct Core {
    test::TemporaryDirectory directory;
    std::string path = directory.path() + "/core";
    GuestEnd guest{.kind = GuestEnd::Kind::crashed};
    CoreContents contents{.guest = guest, .program = "image.elf", .threads = threads, .ram = ram, .read = read_memory};

    std::vector<char> bytes() {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    Result<> write() {
        const FileDescriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600));
        return write_core(file.get(), contents);
    }
};

template <typename T>
T at(const std::vector<char>& bytes, std::size_t offset) {
    T value{};
    REQUIRE(offset + sizeof value <= bytes.size());
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

}  // namespace

TEST_CASE("core file: a segment for each range of RAM, at its guest-virtual address") {
    Core core;
    REQUIRE(core.write());
    const auto bytes = core.bytes();
    const auto header = at<Elf64_Ehdr>(bytes, 0);
    CHECK(std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0);
    CHECK(header.e_type == ET_CORE);
    CHECK(header.e_machine == EM_X86_64);
    REQUIRE(header.e_phnum == 3);
    std::uint64_t end = 0;
    for (std::size_t i = 0; i < ram.size(); ++i) {
        const auto segment = at<Elf64_Phdr>(bytes, header.e_phoff + (1 + i) * sizeof(Elf64_Phdr));
        CHECK(segment.p_type == PT_LOAD);
        CHECK(segment.p_vaddr == guest_base + ram[i].base);
        CHECK(segment.p_filesz == ram[i].size);
        CHECK(segment.p_memsz == ram[i].size);
        CHECK(segment.p_offset % page_size == 0);
        end = segment.p_offset + segment.p_filesz;
        for (std::uint64_t page = 0; page < ram[i].size; page += page_size) {
            std::array<std::byte, page_size> expected{};
            read_memory(ram[i].base + page, expected);
            CHECK(std::memcmp(bytes.data() + segment.p_offset + page, expected.data(), page_size) == 0);
        }
    }
    CHECK(bytes.size() == end);
}

TEST_CASE("core file: pages of zeros and pages that cannot be read take up no room") {
    Core core;
    REQUIRE(core.write());
    struct stat about {};
    REQUIRE(stat(core.path.c_str(), &about) == 0);
    CHECK(about.st_size > 4 << 20);
    CHECK(about.st_blocks * 512 <= 16 * static_cast<long>(page_size));
}

TEST_CASE("core file: registers stand where debuggers look for them") {
    Core core;
    for (std::size_t i = 0; i < 16; ++i) core.guest.report.general[i] = 100 + i;
    core.guest.report.rip = 0x1234;
    core.guest.fs_base = 0x5678;
    REQUIRE(core.write());
    const auto bytes = core.bytes();
    const auto notes = at<Elf64_Phdr>(bytes, sizeof(Elf64_Ehdr));
    REQUIRE(notes.p_type == PT_NOTE);
    const auto note = at<Elf64_Nhdr>(bytes, notes.p_offset);
    CHECK(note.n_type == NT_PRSTATUS);
    REQUIRE(note.n_descsz == sizeof(prstatus_t));
    CHECK(std::string(bytes.data() + notes.p_offset + sizeof note) == "CORE");
    const auto status = at<prstatus_t>(bytes, notes.p_offset + sizeof note + 8);
    user_regs_struct registers{};
    std::memcpy(&registers, &status.pr_reg, sizeof registers);
    CHECK(registers.rax == 100);
    CHECK(registers.rbx == 101);
    CHECK(registers.rbp == 106);
    CHECK(registers.rsp == 107);
    CHECK(registers.r15 == 115);
    CHECK(registers.rip == 0x1234);
    CHECK(registers.fs_base == 0x5678);
    CHECK(status.pr_pid == 4711);
    const std::uint64_t second = notes.p_offset + sizeof note + 8 + sizeof(prstatus_t);
    CHECK(at<Elf64_Nhdr>(bytes, second).n_type == NT_PRPSINFO);
    CHECK(std::string(at<prpsinfo_t>(bytes, second + sizeof note + 8).pr_fname) == "image.elf");
    CHECK(second + sizeof note + 8 + sizeof(prpsinfo_t) == notes.p_offset + notes.p_filesz);
}

TEST_CASE("core file: a file that cannot be written is an error with its reason") {
    Core core;
    const FileDescriptor closed(open("/dev/null", O_RDONLY));
    const auto written = write_core(closed.get(), core.contents);
    REQUIRE_FALSE(written);
    CHECK_FALSE(written.error().message.empty());
}

TEST_CASE("core file: it takes its name when it is whole, in place of another one") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/core";
    std::ofstream(path) << "old";
    const auto entries = [&] { return std::distance(std::filesystem::directory_iterator(directory.path()), {}); };
    {
        auto file = CoreFile::create(path);
        REQUIRE(file);
        CHECK(entries() == 2);
        REQUIRE(write((*file)->file(), "new", 3) == 3);
        REQUIRE((*file)->publish());
    }
    std::string text;
    std::ifstream(path) >> text;
    CHECK(text == "new");
    CHECK(entries() == 1);
    struct stat about {};
    REQUIRE(stat(path.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
}

TEST_CASE("core file: one that is not finished leaves nothing") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/core";
    REQUIRE(CoreFile::create(path));
    CHECK(std::filesystem::is_empty(directory.path()));
    SECTION("and what stands in its place by then is told") {
        auto file = CoreFile::create(path);
        REQUIRE(file);
        std::filesystem::create_directory(path);
        CHECK_FALSE((*file)->publish());
    }
}

TEST_CASE("core file: names that cannot be one are refused at once") {
    const test::TemporaryDirectory directory;
    const auto kind_of = [](const std::string& path) { return CoreFile::create(path).error().kind; };
    CHECK(kind_of(directory.path() + "/none/core") == ErrorKind::not_found);
    CHECK(kind_of(directory.path()) == ErrorKind::usage);
    CHECK(kind_of(directory.path() + "/") == ErrorKind::usage);
    CHECK(kind_of("/dev/null") == ErrorKind::usage);
    CHECK(kind_of("/proc/core") != ErrorKind::usage);
}

TEST_CASE("core file: a note for each vCPU, the crashed one's first") {
    Core core;
    core.guest.vcpu = 2;
    core.guest.report.rip = 0x222;
    for (const std::uint32_t vcpu : {0U, 1U}) {
        GuestEnd::OtherVcpu& other = core.guest.others.emplace_back();
        other.vcpu = vcpu;
        other.report.rip = 0x100 + vcpu;
        other.gs_base = 7;
    }
    REQUIRE(core.write().has_value());
    const auto bytes = core.bytes();
    const auto notes = at<Elf64_Phdr>(bytes, sizeof(Elf64_Ehdr));
    std::vector<std::pair<pid_t, std::uint64_t>> found;
    for (std::uint64_t place = notes.p_offset; place < notes.p_offset + notes.p_filesz;) {
        const auto note = at<Elf64_Nhdr>(bytes, place);
        place += sizeof note + 8;
        if (note.n_type == NT_PRSTATUS) {
            const auto status = at<prstatus_t>(bytes, place);
            user_regs_struct registers;
            std::memcpy(&registers, &status.pr_reg, sizeof registers);
            found.emplace_back(status.pr_pid, registers.rip);
        }
        place += note.n_descsz;
    }
    CHECK(found == std::vector<std::pair<pid_t, std::uint64_t>>{{4720, 0x222}, {4711, 0x100}, {4712, 0x101}});
}
