// SPDX-License-Identifier: Apache-2.0
// mmap and its relatives.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include "../check.h"

namespace {

constexpr std::size_t page = 4096;

char* map(std::size_t size, int protection = PROT_READ | PROT_WRITE, int flags = MAP_PRIVATE | MAP_ANONYMOUS) {
    void* const memory = mmap(nullptr, size, protection, flags, -1, 0);
    return memory == MAP_FAILED ? nullptr : static_cast<char*>(memory);
}

bool is_zero(const char* memory, std::size_t size) {
    return std::all_of(memory, memory + size, [](char each) { return each == 0; });
}

/// 0, or -1 with errno.
int try_map(void* address, std::size_t size, int protection, int flags, int fd, off_t offset) {
    return mmap(address, size, protection, flags, fd, offset) == MAP_FAILED ? -1 : 0;
}

}  // namespace

CONFORMANCE(mappings) {
    constexpr int rw = PROT_READ | PROT_WRITE, anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
    CALL("nothing", try_map(nullptr, 0, rw, anonymous, -1, 0));
    CALL("neither shared nor private", try_map(nullptr, page, rw, MAP_ANONYMOUS, -1, 0));
    CALL("a wrong offset", try_map(nullptr, page, rw, MAP_PRIVATE, 0, 1));
    CALL("no descriptor", try_map(nullptr, page, rw, MAP_PRIVATE, -1, 0));
    CALL("too much", try_map(nullptr, SIZE_MAX - page, rw, anonymous, -1, 0));
    CALL("more than there can be", try_map(nullptr, std::size_t{1} << 52, rw, anonymous, -1, 0));

    char* memory = map(10 * page);
    VALUE("is aligned", reinterpret_cast<std::uintptr_t>(memory) % page);
    VALUE("is zero", is_zero(memory, 10 * page));
    std::memset(memory, 'x', 10 * page);
    CALL("unmap in the middle", munmap(memory + 3 * page, 2 * page));
    VALUE("what is around it stays", memory[3 * page - 1] == 'x' && memory[5 * page] == 'x');
    CALL("unmap it again", munmap(memory + 3 * page, 2 * page));
    CALL("protect with the hole", mprotect(memory, 10 * page, PROT_READ));
    CALL("msync with the hole", msync(memory, 10 * page, MS_SYNC));
    CALL("madvise with the hole", madvise(memory, 10 * page, MADV_DONTNEED));
    CALL("unmap over the hole", munmap(memory, 10 * page));
    CALL("unmap of nothing", munmap(memory, 0));
    CALL("unmap of a wrong address", munmap(memory + 1, page));

    memory = map(8 * page, rw, MAP_SHARED | MAP_ANONYMOUS);
    VALUE("shared", memory != nullptr && is_zero(memory, 8 * page));
    std::memset(memory, 'y', 8 * page);
    CALL("MADV_DONTNEED", madvise(memory, 0, MADV_DONTNEED));
    CALL("MADV_WILLNEED", madvise(memory, 8 * page, MADV_WILLNEED));
    CALL("a wrong advice", madvise(memory, page, 9999));
    CALL("a wrong address", madvise(memory + 1, page, MADV_NORMAL));
    CODE("posix_madvise", posix_madvise(memory, page, POSIX_MADV_DONTNEED));
    VALUE("keeps the bytes", memory[0] == 'y');
    CALL("msync", msync(memory, 8 * page, MS_SYNC));
    CALL("msync with wrong flags", msync(memory, page, MS_SYNC | MS_ASYNC));
    CALL("mlock", mlock(memory, page));
    CALL("munlock", munlock(memory, page));
    CALL("mlockall with wrong flags", mlockall(0));
    CALL("munlockall", munlockall());
    munmap(memory, 8 * page);

    memory = map(4 * page);
    std::memset(memory, 'z', 4 * page);
    CALL("MADV_DONTNEED of private memory", madvise(memory + page, 2 * page, MADV_DONTNEED));
    VALUE("gives zeros", is_zero(memory + page, 2 * page));
    VALUE("there alone", memory[page - 1] == 'z' && memory[3 * page] == 'z');
    unsigned char resident[4] = {};
    CALL("mincore", mincore(memory, 4 * page, resident));
    VALUE("resident", (resident[0] & 1) != 0);
    CALL("mincore of a wrong address", mincore(memory + 1, page, resident));
    munmap(memory, 4 * page);
}

CONFORMANCE(mapping_protection) {
    constexpr int rw = PROT_READ | PROT_WRITE;
    char* memory = map(6 * page);
    std::memset(memory, 'p', 6 * page);
    CALL("no access", mprotect(memory + page, page, PROT_NONE));
    VALUE("beside it", memory[0] == 'p' && memory[2 * page] == 'p');
    // The kernel's check of the address, or its own protection: either refuses.
    CALL("read only", mprotect(memory + 2 * page, page, PROT_READ));
    VALUE("reads", memory[2 * page] == 'p');
    CALL("access again", mprotect(memory, 6 * page, rw));
    VALUE("what was there", memory[page] == 'p' && memory[2 * page - 1] == 'p');
    memory[page] = 'q';
    CALL("a wrong address", mprotect(memory + 1, page, rw));
    CALL("nothing", mprotect(memory, 0, PROT_NONE));
    CALL("wrong bits", mprotect(memory, page, 0x40));
    CALL("no access to all", mprotect(memory, 6 * page, PROT_NONE));
    CALL("unmapped without access", munmap(memory, 6 * page));

    // A reservation that is used part by part.
    char* reserved = map(64 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);
    VALUE("reserved", reserved != nullptr);
    VALUE("commit", mmap(reserved + 8 * page, 8 * page, rw, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
                        reserved + 8 * page);
    VALUE("is zero", is_zero(reserved + 8 * page, 8 * page));
    std::memset(reserved + 8 * page, 'c', 8 * page);
    VALUE("again",
          mmap(reserved + 12 * page, page, rw, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == reserved + 12 * page);
    VALUE("is zero again", is_zero(reserved + 12 * page, page));
    VALUE("beside it stays", reserved[12 * page - 1] == 'c' && reserved[13 * page] == 'c');
    CALL("not where something is",
         mmap(reserved, page, rw, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED ? -1 : 0);
    CALL("at a wrong address",
         mmap(reserved + 1, page, rw, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED ? -1 : 0);
    CALL("unmap", munmap(reserved, 64 * page));
}

CONFORMANCE(mapped_files) {
    unlink("/tmp/mapped");
    const int fd = open("/tmp/mapped", O_RDWR | O_CREAT, 0644);
    std::vector<char> text(2 * page + 100, 't');
    if (write(fd, text.data(), text.size()) < 0) return;
    char* memory = static_cast<char*>(mmap(nullptr, text.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
    VALUE("mapped", memory != MAP_FAILED);
    if (memory == MAP_FAILED) return;
    VALUE("its bytes", std::equal(text.begin(), text.end(), memory));
    VALUE("zeros behind them", is_zero(memory + text.size(), 3 * page - text.size()));
    memory[0] = 'm';
    char byte = 0;
    CALL("read the file", pread(fd, &byte, 1, 0));
    VALUE("does not see the change", byte == 't');
    CALL("unmap", munmap(memory, text.size()));
    memory = static_cast<char*>(mmap(nullptr, 100, PROT_READ, MAP_PRIVATE, fd, 2 * page));
    VALUE("from an offset", memory != MAP_FAILED && memory[99] == 't' && memory[100] == 0);
    munmap(memory, 100);
    const int writing = open("/tmp/mapped", O_WRONLY);
    CALL("of a descriptor for writing", try_map(nullptr, page, PROT_READ, MAP_PRIVATE, writing, 0));
    close(writing);
    int ends[2];
    if (pipe(ends) != 0) return;
    CALL("of a pipe", try_map(nullptr, page, PROT_READ, MAP_PRIVATE, ends[0], 0));
    close(ends[0]);
    close(ends[1]);
    const int directory = open("/tmp", O_RDONLY);
    CALL("of a directory", try_map(nullptr, page, PROT_READ, MAP_PRIVATE, directory, 0));
    close(directory);
    memory = static_cast<char*>(mmap(nullptr, page, PROT_READ, MAP_PRIVATE, fd, 0));
    close(fd);
    unlink("/tmp/mapped");
    VALUE("outlives the file", memory != MAP_FAILED && memory[0] == 't');
    munmap(memory, page);
    const int archived = open("/text.txt", O_RDONLY);
    memory = static_cast<char*>(mmap(nullptr, page, PROT_READ, MAP_PRIVATE, archived, 0));
    char first = 0;
    CALL("read", pread(archived, &first, 1, 0));
    VALUE("of a file that cannot be written", memory != MAP_FAILED && memory[0] == first);
    munmap(memory, page);
    close(archived);
}

CONFORMANCE(remapping) {
    char* memory = map(4 * page);
    for (int i = 0; i != 4; ++i) memory[i * page] = static_cast<char>('0' + i);
    void* moved = mremap(memory, 4 * page, 64 * page, MREMAP_MAYMOVE);
    VALUE("larger", moved != MAP_FAILED);
    memory = static_cast<char*>(moved);
    VALUE("its bytes", std::string_view{memory, 1} == "0" && memory[3 * page] == '3');
    VALUE("zeros behind them", is_zero(memory + 4 * page, 60 * page));
    VALUE("smaller stays", mremap(memory, 64 * page, 2 * page, 0) == memory);
    VALUE("with its bytes", memory[page] == '1');
    CALL("to nothing", mremap(memory, 2 * page, 0, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0);
    CALL("a wrong address", mremap(memory + 1, page, 2 * page, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0);
    CALL("wrong flags", mremap(memory, page, 2 * page, 0x40) == MAP_FAILED ? -1 : 0);
    munmap(memory, 2 * page);

    // Several threads map and unmap; each finds zeros, and its own bytes only.
    std::vector<std::thread> threads;
    std::vector<int> good(4);
    for (int i = 0; i != 4; ++i)
        threads.emplace_back([&good, i] {
            bool fine = true;
            for (std::size_t n = 1; n != 200; ++n) {
                const std::size_t size = n % 17 * page + page;
                char* const own = map(size);
                fine &= own != nullptr && is_zero(own, size);
                if (own == nullptr) break;
                std::memset(own, 'a' + i, size);
                std::this_thread::yield();
                fine &= std::all_of(own, own + size, [i](char each) { return each == 'a' + i; });
                // Each page once: another thread may have it at once.
                const std::size_t tail = n % 3 == 0 ? page : 0;
                if (tail != 0) munmap(own + size - tail, tail);
                if (size != tail) munmap(own, size - tail);
            }
            good[static_cast<std::size_t>(i)] = fine;
        });
    for (std::thread& thread : threads) thread.join();
    VALUE("threads", good[0] + good[1] + good[2] + good[3]);
}
