// SPDX-License-Identifier: Apache-2.0
// A guest that takes and frees memory on command.
#include "memory.h"

#include <malloc.h>
#include <tenon/memory.h>
#include <tenon/ready.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t mebibyte = 1 << 20, page = 4096;

class Hoard {
public:
    std::size_t take(std::size_t count, bool zeros) {
        const std::lock_guard lock(mutex_);
        std::size_t taken = 0;
        for (; taken != count; ++taken) {
            auto* block = static_cast<unsigned char*>(std::malloc(mebibyte));
            if (block == nullptr) break;
            // Each page differs from all others and from what stood there.
            std::memset(block, 0, mebibyte);
            if (!zeros)
                for (std::size_t at = 0; at != mebibyte; at += page) write(block + at);
            blocks_.push_back({block, zeros});
        }
        return taken;
    }
    /// Returns the bytes that are kept, which lie scattered over the memory taken.
    std::size_t scatter(std::size_t count) {
        const std::lock_guard lock(mutex_);
        std::vector<void*> objects;
        std::size_t taken = 0, kept = 0;
        for (std::uint32_t random = 1; taken < count * mebibyte; random = random * 1'664'525 + 1'013'904'223) {
            // As many of each power of two: 64 bytes to 64 KiB.
            const std::size_t size = std::size_t{64} << (random >> 8) % 11;
            void* object = std::malloc(size);
            if (object == nullptr) break;
            std::memset(object, 1, size);
            taken += size;
            objects.push_back(object);
        }
        for (std::size_t i = 0; i != objects.size(); ++i) {
            if (i % 64 != 0)
                std::free(objects[i]);
            else
                scattered_.push_back(objects[i]), kept += malloc_usable_size(objects[i]);
        }
        return kept;
    }
    std::size_t free_all() {
        const std::lock_guard lock(mutex_);
        for (const Block& block : blocks_) std::free(block.bytes);
        const std::size_t count = blocks_.size();
        blocks_ = {};
        for (void* object : scattered_) std::free(object);
        scattered_ = {};
        return count;
    }
    std::size_t wrong_pages() {
        const std::lock_guard lock(mutex_);
        std::size_t wrong = 0;
        for (const Block& block : blocks_)
            for (std::size_t at = 0; at != mebibyte; at += page) wrong += !is_right(block.bytes + at, block.zeros);
        return wrong;
    }

private:
    struct Block {
        unsigned char* bytes;
        bool zeros;
    };
    static std::uint64_t mark(const void* place) { return reinterpret_cast<std::uintptr_t>(place) ^ 0xFEED'FACE; }
    static void write(unsigned char* bytes) {
        const std::uint64_t value = mark(bytes);
        for (std::size_t at = 0; at != page; at += 512) std::memcpy(bytes + at, &value, sizeof(value));
    }
    static bool is_right(const unsigned char* bytes, bool zeros) {
        for (std::size_t at = 0; at != page; at += 512) {
            std::uint64_t value;
            std::memcpy(&value, bytes + at, sizeof(value));
            if (value != (zeros ? 0 : mark(bytes))) return false;
        }
        return true;
    }

    std::mutex mutex_;
    std::vector<Block> blocks_;
    std::vector<void*> scattered_;
};

Hoard hoard;

void print_figures() {
    tenon_memory_statistics now{};
    tenon_get_memory_statistics(&now);
    std::printf(
        "free %llu released %llu ballooned %llu reported %llu pressure %llu\n",
        static_cast<unsigned long long>(now.free / mebibyte), static_cast<unsigned long long>(now.released / mebibyte),
        static_cast<unsigned long long>(now.ballooned / mebibyte),
        static_cast<unsigned long long>(now.reported / mebibyte), static_cast<unsigned long long>(now.pressure_calls));
}

void say_wrong_pages(std::size_t wrong) {
    if (wrong == 0)
        std::puts("as written");
    else
        std::printf("%zu pages are not as written\n", wrong);
}

/// False: this was the end.
bool obey(std::string_view command, std::size_t count) {
    if (command == "take")
        std::printf("took %zu MiB\n", hoard.take(count, false));
    else if (command == "zero")
        std::printf("zeroed %zu MiB\n", hoard.take(count, true));
    else if (command == "scatter")
        std::printf("kept %zu KiB\n", hoard.scatter(count) / 1024);
    else if (command == "free")
        std::printf("freed %zu MiB\n", hoard.free_all());
    else if (command == "check")
        say_wrong_pages(hoard.wrong_pages());
    else if (command == "figures")
        print_figures();
    else if (command == "pressure") {
        tenon_set_memory_pressure_handler(
            [](std::uint64_t) { std::printf("pressure: freed %zu MiB\n", hoard.free_all()); });
        std::puts("watching");
    } else if (command == "wait") {
        std::puts("waiting");
        for (;;) pause();
    } else if (command == "end") {
        return false;
    }
    return true;
}

bool takes_a_number(std::string_view command) { return command == "take" || command == "zero" || command == "scatter"; }

}  // namespace

int play_with_memory(int count, char** commands) {
    std::setvbuf(stdout, nullptr, _IOLBF, 256);
    for (int i = 0; i < count; ++i) {
        const char* command = commands[i];
        const bool number = takes_a_number(command) && i + 1 < count;
        if (!obey(command, number ? std::strtoul(commands[++i], nullptr, 10) : 0)) return 0;
    }
    tenon_ready();
    char line[64], command[32];
    while (std::fgets(line, sizeof(line), stdin) != nullptr) {
        unsigned long number = 0;
        if (std::sscanf(line, "%31s %lu", command, &number) >= 1 && !obey(command, number)) break;
    }
    return 0;
}
