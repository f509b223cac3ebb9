// SPDX-License-Identifier: Apache-2.0
// Tenon and Linux use one ext4 in turns, and each finds what the other left: turns [TURNS [BLOCK_SIZE [MIB [SEED]]]]
// Linux is its kernel, where this user may mount through loop devices, and debugfs.
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <stdexcept>

#include "tests/crash/turns/hands.h"

namespace {

using namespace tenon;
using namespace tenon::crash;

class Turns {
public:
    Turns(const std::filesystem::path& folder, std::size_t block_size, std::size_t mib, unsigned seed)
        : folder_(folder), disk_(folder / "disk.img", mib << 20), block_size_(block_size), random_(seed) {
        const std::string command =
            "mke2fs -q -F -t ext4 -b " + std::to_string(block_size) + " " + disk_.path().string();
        if (run(command, folder / "log") != 0) throw std::runtime_error("mke2fs failed");
    }

    void take(std::unique_ptr<Hands> hands) {
        hands_ = std::move(hands);
        const char* name = hands_->name();
        compare(std::string(name) + ", before its turn");
        const std::size_t steps = 20 + random_() % 40;
        for (std::size_t step = 0; step < steps; ++step) act();
        model_.acknowledge_all();
        compare(std::string(name) + ", after its turn");
        hands_->finish();
        hands_.reset();
        if (run("e2fsck -fn " + disk_.path().string(), folder_ / "log") != 0)
            throw std::runtime_error(std::string("e2fsck is not content after ") + name + ", see " +
                                     (folder_ / "log").string());
    }

private:
    void compare(const std::string& when) {
        if (hands_->view() == nullptr) return;
        const std::string wrong = model_.compare(*hands_->view(), 0);
        if (!wrong.empty()) throw std::runtime_error(when + ": " + wrong.substr(0, 800));
    }

    void act() {
        const std::size_t kind = below(100);
        if (kind < 30) {
            new_file(new_path("file"), below(200));
        } else if (kind < 34) {
            new_file(new_path("long"), 3000);
        } else if (kind < 44) {
            const std::string path = new_path("directory");
            hands_->directory(path);
            model_.made(path, Kind::directory);
            directories_.push_back(path);
        } else if (kind < 47 && directories_.size() < 60) {
            // Of many blocks.
            const std::string directory = new_path("large");
            hands_->directory(directory);
            model_.made(directory, Kind::directory);
            directories_.push_back(directory);
            for (int index = 0; index < 80; ++index)
                new_file(directory + "/" + std::string(100, 'n') + std::to_string(index), 0);
        } else if (kind < 52) {
            const std::string path = new_path("link"), target(1 + below(250), 't');
            hands_->symlink(path, target);
            model_.made(path, Kind::link, target);
        } else if (kind < 74 && !files_.empty()) {
            const std::string path = take_file();
            hands_->remove(path, false);
            model_.removed(path);
        } else if (kind < 84 && !files_.empty()) {
            const std::string path = files_[below(files_.size())];
            Stamps stamps(1 + below(20));
            const std::size_t first = below(100);
            const std::vector<std::byte> bytes = stamped(stamps, first);
            if (hands_->overwrite(path, first * sector, bytes)) model_.wrote(path, first, stamps, 1000);
        } else if (kind < 90 && !files_.empty()) {
            const std::string from = take_file(), to = new_path("renamed");
            if (hands_->rename(from, to)) model_.renamed(from, to);
            files_.push_back(model_.exists(to) ? to : from);
        } else if (!files_.empty()) {
            const std::string& path = files_[below(files_.size())];
            const std::size_t sectors = below(150);
            if (hands_->resize(path, sectors * sector)) model_.resized(path, sectors, 1);
        }
        model_.acknowledge_all();
    }

    void new_file(const std::string& path, std::size_t sectors) {
        Stamps stamps(sectors);
        std::vector<std::byte> contents = stamped(stamps, 0);
        // Every third run of 16 sectors is a hole.
        for (std::size_t index = 0; index < sectors; ++index) {
            if (index / 16 % 3 != 1) continue;
            stamps[index] = 0;
            fill(std::span(contents).subspan(index * sector, sector), 0, index);
        }
        hands_->file(path, contents);
        model_.made(path, Kind::file);
        model_.wrote(path, 0, stamps, 1 << 20);
        files_.push_back(path);
    }

    std::vector<std::byte> stamped(Stamps& stamps, std::size_t first) {
        std::vector<std::byte> bytes(stamps.size() * sector);
        for (std::size_t index = 0; index < stamps.size(); ++index) {
            stamps[index] = ++stamp_;
            fill(std::span(bytes).subspan(index * sector, sector), stamps[index], first + index);
        }
        return bytes;
    }
    std::size_t below(std::size_t limit) { return random_() % limit; }
    std::string new_path(const std::string& name) {
        return directories_[below(directories_.size())] + "/" + name + "-" + std::to_string(++counter_);
    }
    std::string take_file() {
        std::swap(files_[below(files_.size())], files_.back());
        std::string path = std::move(files_.back());
        files_.pop_back();
        return path;
    }

    std::filesystem::path folder_;

public:
    DiskFile disk_;
    std::size_t block_size_;

private:
    std::mt19937 random_;
    Model model_;
    std::unique_ptr<Hands> hands_;
    std::vector<std::string> files_, directories_{""};
    std::uint32_t stamp_ = 0;
    unsigned counter_ = 0;
};

unsigned long argument(int count, char** words, int index, unsigned long otherwise) {
    return index < count ? std::strtoul(words[index], nullptr, 10) : otherwise;
}

}  // namespace

int main(int count, char** words) {
    char folder[] = "/dev/shm/tenon-turns.XXXXXX";
    if (mkdtemp(folder) == nullptr) return 2;
    // What is mounted here is nobody else's, and ends with this process.
    const bool may_mount = geteuid() == 0 && std::filesystem::exists("/dev/loop-control") &&
                           unshare(CLONE_NEWNS) == 0 && mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    unsigned long turn = 0;
    try {
        Turns turns(folder, argument(count, words, 2, 4096), argument(count, words, 3, 64),
                    static_cast<unsigned>(argument(count, words, 4, 1)));
        for (const unsigned long last = argument(count, words, 1, 20); turn < last; ++turn) {
            turns.take(tenon_hands(turns.disk_, turns.block_size_));
            turns.take(may_mount && turn % 3 != 2 ? host_hands(turns.disk_, folder)
                                                  : debugfs_hands(turns.disk_, folder));
        }
        turns.take(tenon_hands(turns.disk_, turns.block_size_));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "turn %lu: %s\n  the disk is in %s\n", turn, error.what(), folder);
        return 1;
    }
    std::filesystem::remove_all(folder);
    std::printf("%lu turns%s\n", turn, may_mount ? "" : ", Linux by debugfs only");
    return 0;
}
