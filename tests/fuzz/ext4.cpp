// SPDX-License-Identifier: Apache-2.0
// Mounts hostile ext4 images, walks and changes them: nothing outside of the disk is touched, and all of it ends. An
// input is patches of an image that mke2fs and debugfs have made: its number, then {place, length, bytes} each. Images
// without metadata_csum let a patch through to what it damages.
#include "kernel/fs/ext4/ext4.h"

#include <stdlib.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

namespace {

using namespace tenon;

void require(bool condition) {
    if (!condition) std::abort();
}

class Disk final : public ext4::BlockStore {
public:
    explicit Disk(std::span<std::byte> bytes) : bytes_(bytes) {}
    [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
    [[nodiscard]] const char* name() const override { return "fuzz"; }
    Outcome<> read(std::span<const ext4::StorePiece> pieces) override {
        for (const ext4::StorePiece& piece : pieces) {
            check(piece);
            std::memcpy(piece.data, &bytes_[piece.offset], piece.size);
        }
        return {};
    }
    Outcome<> write(std::span<const ext4::StorePiece> pieces) override {
        for (const ext4::StorePiece& piece : pieces) {
            check(piece);
            std::memcpy(&bytes_[piece.offset], piece.data, piece.size);
        }
        return {};
    }
    Outcome<> flush() override { return {}; }
    Outcome<> discard(std::uint64_t, std::uint64_t) override { return fail_with(EOPNOTSUPP); }

private:
    void check(const ext4::StorePiece& piece) {
        require(piece.size != 0 && piece.offset <= bytes_.size() && piece.size <= bytes_.size() - piece.offset);
        // A replay or a walk that goes round in circles.
        require(++transfers_ < 200'000);
    }

    std::span<std::byte> bytes_;
    std::size_t transfers_ = 0;
};

void shell(const std::string& command) {
    if (std::system((command + " >/dev/null 2>&1").c_str()) != 0) {
        std::fprintf(stderr, "failed: %s\n", command.c_str());
        std::abort();
    }
}

std::vector<std::byte> contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto* first = reinterpret_cast<const std::byte*>(text.data());
    return {first, first + text.size()};
}

/// Files of several extents, a directory with an index, links.
std::vector<std::byte> populated(const std::string& folder, const std::string& options, unsigned kib, bool indexed) {
    const std::string image = folder + "/image", commands = folder + "/commands", data = folder + "/data";
    shell("rm -f " + image + "; mke2fs -q -F -U 01234567-89ab-cdef-0123-456789abcdef " + options + " " + image + " " +
          std::to_string(kib) + "k");
    std::ofstream(data) << std::string(5000, 'x');
    std::ofstream script(commands);
    script << "mkdir /d\nwrite " << data << " /d/f\nwrite " << data << " /g\nsymlink /s d/f\nsymlink /l "
           << std::string(100, 'y') << "\nmkdir /d/e\nln /g /d/e/h\n";
    if (indexed)
        for (int index = 0; index < 100; ++index)
            script << "write /dev/null /d/" << std::string(100, 'n') << index << "\n";
    script.close();
    shell("debugfs -w -f " + commands + " " + image);
    if (indexed) std::system(("e2fsck -fyD " + image + " >/dev/null 2>&1").c_str());
    return contents(image);
}

void use(ext4::Volume& mounted);

/// Its journal has to be replayed.
std::vector<std::byte> in_use(std::vector<std::byte> image) {
    Disk disk(image);
    const Outcome<ext4::Volume*> mounted = ext4::mount(disk, {});
    require(mounted.has_value());
    use(**mounted);
    require(as_file_system(**mounted).synchronise().has_value());
    ext4::abandon(**mounted);
    return image;
}

std::vector<std::vector<std::byte>> make_images() {
    char folder[] = "/tmp/tenon-fuzz-ext4.XXXXXX";
    require(mkdtemp(folder) != nullptr);
    std::vector<std::vector<std::byte>> images;
    const std::string plain = "-t ext4 -O ^metadata_csum ";
    images.push_back(populated(folder, plain + "-b 1024 -N 256", 2048, true));
    images.push_back(in_use(images[0]));
    images.push_back(populated(folder, "-t ext4 -b 1024 -N 256", 2048, false));
    images.push_back(in_use(images[2]));
    images.push_back(populated(folder, plain + "-b 4096 -N 64", 10240, true));
    images.push_back(populated(folder, plain + "-b 2048 -N 64 -O ^64bit,^flex_bg", 4096, false));
    images.push_back(populated(folder, "-t ext3 -b 1024 -N 64", 2048, false));
    shell("rm -r " + std::string(folder));
    return images;
}

/// Looks at everything, as far as that is bounded.
void walk(Inode& directory, unsigned depth, unsigned& budget) {
    DirectoryEntry entry;
    std::uint64_t cookie = 0;
    while (budget != 0) {
        const Outcome<bool> more = directory.read_entry(cookie, entry);
        if (!more || !*more) return;
        --budget;
        require(entry.name_size >= 1 && entry.name_size <= NAME_MAX);
        Outcome<InodeReference> inode = directory.look_up(entry.text());
        if (!inode) continue;
        struct stat status {};
        (void)(*inode)->status(status);
        if ((*inode)->is_directory()) {
            (void)(*inode)->parent();
            if (depth < 6) walk(**inode, depth + 1, budget);
        } else if ((*inode)->is_link()) {
            char target[4096];
            (void)(*inode)->read_link(target);
        } else {
            static std::byte buffer[16 << 10];
            (void)(*inode)->read(buffer, 0);
            (void)(*inode)->read(buffer, std::max<off_t>(0, status.st_size - 100));
            (void)(*inode)->find(0, true);
            (void)(*inode)->find(0, false);
        }
    }
}

void use(ext4::Volume& mounted) {
    FileSystem& file_system = as_file_system(mounted);
    Inode& root = file_system.root();
    (void)file_system.statistics();
    unsigned budget = 400;
    walk(root, 0, budget);
    static const std::vector<std::byte> data(10'000, std::byte{'z'});
    if (const auto made = root.create("new", S_IFREG | 0644, {}); made) {
        off_t offset = 3000;
        (void)(*made)->write(data, offset, false);
        (void)(*made)->synchronise(false);
    }
    if (const auto made = root.create("directory", S_IFDIR | 0755, {}); made)
        (void)root.rename("new", **made, "moved", Inode::Rename::replace);
    if (const auto found = root.look_up("g"); found && !(*found)->is_directory()) {
        off_t offset = 100;
        (void)(*found)->write(data, offset, false);
        (void)(*found)->resize(1500);
    }
    (void)root.unlink("s", false);
    if (const auto found = root.look_up("d"); found && (*found)->is_directory()) {
        (void)(*found)->unlink("f", false);
        for (int index = 0; index < 100; index += 7)
            (void)(*found)->unlink(std::string(100, 'n') + std::to_string(index), false);
        for (int index = 0; index < 10; ++index)
            (void)(*found)->create("m" + std::to_string(index), S_IFREG | 0644, {});
    }
    (void)file_system.synchronise();
}

struct Image {
    std::vector<std::byte> bytes;
    /// Where it has something: most of it is zeros.
    std::vector<std::uint32_t> places;
};

const std::vector<Image>& images() {
    static const std::vector<Image> made = [] {
        std::vector<Image> result;
        for (std::vector<std::byte>& bytes : make_images()) {
            Image image{std::move(bytes), {}};
            std::uint64_t word = 0;
            for (std::uint32_t at = 0; at + 64 < image.bytes.size(); at += sizeof(word)) {
                std::memcpy(&word, &image.bytes[at], sizeof(word));
                // Not in the contents of files, either.
                if (word != 0 && word != ~std::uint64_t{0} && word != 0x7878'7878'7878'7878) image.places.push_back(at);
            }
            result.push_back(std::move(image));
        }
        return result;
    }();
    return made;
}

/// In an input: place (4 bytes), length (1), bytes.
constexpr std::size_t patch_header = 5, longest_patch = 64;

}  // namespace

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

/// Half of the mutations patch a place where the image has something.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
    if (size == 0 || seed % 2 == 0 || size + patch_header + 8 > most) return LLVMFuzzerMutate(data, size, most);
    const Image& image = images()[data[0] % images().size()];
    const std::uint32_t place = image.places[seed / 2 % image.places.size()] + seed / 64 % 8;
    std::uint8_t bytes[8];
    const std::size_t length = 1 + seed / 8 % sizeof(bytes);
    std::memcpy(bytes, &image.bytes[place], sizeof(bytes));
    (void)LLVMFuzzerMutate(bytes, length, length);
    std::memcpy(data + size, &place, sizeof(place));
    data[size + 4] = static_cast<std::uint8_t>(length);
    std::memcpy(data + size + patch_header, bytes, length);
    return size + patch_header + length;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    // Kept from input to input: fresh memory costs more than the rest.
    static std::vector<std::byte> bytes;
    const std::vector<std::byte>& image = images()[data[0] % images().size()].bytes;
    bytes.assign(image.begin(), image.end());
    for (std::size_t at = 1; at + patch_header <= size;) {
        std::uint32_t place = 0;
        std::memcpy(&place, data + at, sizeof(place));
        const std::size_t length = std::min<std::size_t>(data[at + 4] % longest_patch, size - at - patch_header);
        at += patch_header;
        std::memcpy(&bytes[place % (bytes.size() - longest_patch)], data + at, length);
        at += length;
    }
    Disk disk(bytes);
    const Outcome<ext4::Volume*> mounted = ext4::mount(disk, {.read_only = data[0] >= 128});
    if (!mounted) return 0;
    use(**mounted);
    if ((data[0] & 64) != 0) {
        ext4::abandon(**mounted);
    } else {
        (void)ext4::unmount(**mounted);
    }
    return 0;
}
