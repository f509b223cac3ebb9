// SPDX-License-Identifier: Apache-2.0
// ELF core files (System V ABI, Linux's notes: linux/elfcore.h).
#include "hv/postmortem/core_writer.h"

#include <elf.h>
#include <signal.h>
#include <sys/procfs.h>
#include <sys/user.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "hv/core/errno_kind.h"

namespace hv {

namespace {

using tenon::abi::MemoryRange;
using tenon::abi::page_size;
using tenon::abi::round_up_to_page;

constexpr std::size_t chunk_size = 256 * 1024;

std::unexpected<Error> cannot(int error) { return fail(errno_kind(error), std::strerror(error)); }

Result<> write_at(int file, std::span<const std::byte> bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        const ssize_t size = pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return cannot(size == 0 ? ENOSPC : errno);
        bytes = bytes.subspan(static_cast<std::size_t>(size));
        offset += static_cast<std::uint64_t>(size);
    }
    return {};
}

template <typename T>
void append(std::vector<std::byte>& to, const T& value) {
    const auto bytes = std::as_bytes(std::span(&value, 1));
    to.insert(to.end(), bytes.begin(), bytes.end());
}

template <typename T>
void append_note(std::vector<std::byte>& to, std::uint32_t type, const T& description) {
    // ELF pads name and description to 4 bytes: the name is "CORE", a zero and 3 bytes of padding.
    static_assert(sizeof(T) % 4 == 0);
    constexpr std::array<char, 8> name{"CORE"};
    append(to, Elf64_Nhdr{.n_namesz = 5, .n_descsz = sizeof description, .n_type = type});
    append(to, name);
    append(to, description);
}

prstatus_t status_of(pid_t thread, const tenon::abi::CrashReport& report, std::uint64_t fs_base,
                     std::uint64_t gs_base) {
    prstatus_t status{};
    // gdb shows this signal as the reason for the program's end.
    status.pr_info.si_signo = status.pr_cursig = SIGABRT;
    status.pr_pid = thread;
    const auto& general = report.general;
    enum { rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp, r8, r9, r10, r11, r12, r13, r14, r15 };
    // Segment selectors of a 64-bit process of Linux, for which gdb takes the guest.
    constexpr std::uint64_t user_code = 0x33, user_data = 0x2B;
    user_regs_struct registers{};
    registers.rax = registers.orig_rax = general[rax];
    registers.rbx = general[rbx], registers.rcx = general[rcx], registers.rdx = general[rdx];
    registers.rsi = general[rsi], registers.rdi = general[rdi];
    registers.rbp = general[rbp], registers.rsp = general[rsp];
    registers.r8 = general[r8], registers.r9 = general[r9], registers.r10 = general[r10], registers.r11 = general[r11];
    registers.r12 = general[r12], registers.r13 = general[r13], registers.r14 = general[r14];
    registers.r15 = general[r15];
    registers.rip = report.rip, registers.eflags = report.rflags;
    registers.cs = user_code, registers.ss = user_data;
    registers.fs_base = fs_base, registers.gs_base = gs_base;
    static_assert(sizeof registers == sizeof status.pr_reg);
    std::memcpy(&status.pr_reg, &registers, sizeof registers);
    return status;
}

prpsinfo_t process_of(const CoreContents& contents) {
    prpsinfo_t process{};
    process.pr_sname = 'R';
    process.pr_pid = contents.threads.front();
    contents.program.copy(process.pr_fname, sizeof process.pr_fname - 1);
    contents.program.copy(process.pr_psargs, sizeof process.pr_psargs - 1);
    return process;
}

Elf64_Ehdr header_for(std::size_t segments) {
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_CORE;
    header.e_machine = EM_X86_64;
    header.e_version = EV_CURRENT;
    header.e_phoff = sizeof header;
    header.e_ehsize = sizeof header;
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = static_cast<std::uint16_t>(segments);
    return header;
}

bool is_zero(std::span<const std::byte> bytes) {
    return bytes[0] == std::byte{} && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

/// Writes the pages that are not zero, neighbouring ones by one call.
Result<> write_pages(int file, std::span<const std::byte> bytes, std::uint64_t offset) {
    for (std::size_t begin = 0; begin < bytes.size();) {
        std::size_t end = begin;
        while (end < bytes.size() && !is_zero(bytes.subspan(end, std::min(page_size, bytes.size() - end))))
            end = std::min(end + page_size, bytes.size());
        if (end > begin) CHECK(write_at(file, bytes.subspan(begin, end - begin), offset + begin));
        begin = end + page_size;
    }
    return {};
}

Result<> write_range(int file, const CoreContents& contents, const MemoryRange& range, std::uint64_t offset) {
    const auto buffer = std::make_unique_for_overwrite<std::byte[]>(chunk_size);
    for (std::uint64_t done = 0; done < range.size;) {
        const std::size_t wanted = std::min<std::uint64_t>(chunk_size, range.size - done);
        const std::size_t size = contents.read(range.base + done, {buffer.get(), wanted});
        CHECK(write_pages(file, {buffer.get(), size}, offset + done));
        // Reading stopped at an inaccessible page, such as a guard page: continue behind it.
        done += size;
        if (size < wanted) done = round_up_to_page(done + 1);
    }
    return {};
}

}  // namespace

Result<> write_core(int file, const CoreContents& contents) {
    std::vector<std::byte> notes;
    // The first thread is the one that gdb shows first.
    const GuestEnd& guest = contents.guest;
    append_note(notes, NT_PRSTATUS,
                status_of(contents.threads[guest.vcpu], guest.report, guest.fs_base, guest.gs_base));
    append_note(notes, NT_PRPSINFO, process_of(contents));
    for (const GuestEnd::OtherVcpu& other : guest.others)
        append_note(notes, NT_PRSTATUS,
                    status_of(contents.threads[other.vcpu], other.report, other.fs_base, other.gs_base));

    const std::size_t segments = 1 + contents.ram.size();
    std::vector<std::byte> head;
    append(head, header_for(segments));
    const std::uint64_t notes_at = sizeof(Elf64_Ehdr) + segments * sizeof(Elf64_Phdr);
    Elf64_Phdr notes_header{};
    notes_header.p_type = PT_NOTE, notes_header.p_align = 4;
    notes_header.p_offset = notes_at, notes_header.p_filesz = notes.size();
    append(head, notes_header);
    const std::uint64_t memory_at = round_up_to_page(notes_at + notes.size());
    std::uint64_t end = memory_at;
    for (const MemoryRange& range : contents.ram) {
        append(head, Elf64_Phdr{.p_type = PT_LOAD,
                                .p_flags = PF_R | PF_W | PF_X,
                                .p_offset = end,
                                .p_vaddr = tenon::abi::guest_base + range.base,
                                .p_paddr = range.base,
                                .p_filesz = range.size,
                                .p_memsz = range.size,
                                .p_align = page_size});
        end += range.size;
    }
    head.insert(head.end(), notes.begin(), notes.end());

    if (ftruncate(file, static_cast<off_t>(end)) != 0) return cannot(errno);
    CHECK(write_at(file, head, 0));
    std::uint64_t offset = memory_at;
    for (const MemoryRange& range : contents.ram) {
        CHECK(write_range(file, contents, range, offset));
        offset += range.size;
    }
    return {};
}

}  // namespace hv
