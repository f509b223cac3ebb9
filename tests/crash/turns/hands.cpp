// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/turns/hands.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace tenon::crash {
namespace {

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/')); }
std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

template <typename T>
T need(Outcome<T> outcome, const std::string& what) {
    if (!outcome) throw std::runtime_error("Tenon: " + what + ": " + std::strerror(outcome.error().code));
    if constexpr (!std::is_void_v<T>) return std::move(*outcome);
}

/// Zeros of a whole page are not written.
constexpr std::size_t piece = 4096;
bool is_hole(std::span<const std::byte> bytes) {
    return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

class TenonHands final : public Hands {
public:
    TenonHands(DiskFile& disk, std::size_t block_size)
        : store_(disk.bytes(), block_size),
          mounted_(*need(ext4::mount(store_, {}), "mount")),
          view_(as_file_system(mounted_)) {}

    [[nodiscard]] const char* name() const override { return "Tenon"; }
    void file(const std::string& path, std::span<const std::byte> contents) override {
        const InodeReference made = need(find(directory_of(path))->create(name_of(path), S_IFREG | 0644, {}), path);
        for (std::size_t at = 0; at < contents.size(); at += piece) {
            const auto bytes = contents.subspan(at, std::min(piece, contents.size() - at));
            if (!is_hole(bytes)) write(*made, path, at, bytes);
        }
        need(made->resize(static_cast<off_t>(contents.size())), path);
    }
    void directory(const std::string& path) override {
        need(find(directory_of(path))->create(name_of(path), S_IFDIR | 0755, {}), path);
    }
    void symlink(const std::string& path, const std::string& target) override {
        need(find(directory_of(path))->create(name_of(path), S_IFLNK | 0777, target), path);
    }
    void remove(const std::string& path, bool directory) override {
        need(find(directory_of(path))->unlink(name_of(path), directory), path);
    }
    bool overwrite(const std::string& path, std::size_t offset, std::span<const std::byte> bytes) override {
        write(*find(path), path, offset, bytes);
        return true;
    }
    bool rename(const std::string& from, const std::string& to) override {
        need(find(directory_of(from))->rename(name_of(from), *find(directory_of(to)), name_of(to), Inode::Rename::keep),
             from);
        return true;
    }
    bool resize(const std::string& path, std::size_t size) override {
        need(find(path)->resize(static_cast<off_t>(size)), path);
        return true;
    }
    View* view() override { return &view_; }
    void finish() override { need(ext4::unmount(mounted_), "unmount"); }

private:
    InodeReference find(const std::string& path) { return need(walk(as_file_system(mounted_), path), path); }
    static void write(Inode& inode, const std::string& path, std::size_t at, std::span<const std::byte> bytes) {
        for (std::size_t done = 0; done < bytes.size();) {
            auto offset = static_cast<off_t>(at + done);
            done += need(inode.write(bytes.subspan(done), offset, false), path);
        }
    }

    RecordingStore store_;
    ext4::Volume& mounted_;
    TenonView view_;
};

class HostHands final : public Hands {
public:
    HostHands(const DiskFile& disk, const std::filesystem::path& folder)
        : root_(folder / "turn"), log_(folder / "log"), view_(root_) {
        std::filesystem::create_directories(root_);
        if (run("mount -t ext4 -o loop " + disk.path().string() + " " + root_.string(), log_) != 0)
            throw std::runtime_error("Linux cannot mount the disk, see " + log_.string());
    }

    [[nodiscard]] const char* name() const override { return "Linux"; }
    void file(const std::string& path, std::span<const std::byte> contents) override {
        const int file = open(at(path).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        bool good = file >= 0;
        // Every second file has extents that are allocated and not written.
        if (good && !contents.empty() && ++files_ % 2 == 0)
            good = posix_fallocate(file, 0, static_cast<off_t>(contents.size())) == 0;
        for (std::size_t at = 0; good && at < contents.size(); at += piece) {
            const auto bytes = contents.subspan(at, std::min(piece, contents.size() - at));
            if (!is_hole(bytes))
                good = pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(at)) ==
                       static_cast<ssize_t>(bytes.size());
        }
        good = good && ftruncate(file, static_cast<off_t>(contents.size())) == 0;
        if (file >= 0) good = close(file) == 0 && good;
        check(good, path);
    }
    void directory(const std::string& path) override { check(mkdir(at(path).c_str(), 0755) == 0, path); }
    void symlink(const std::string& path, const std::string& target) override {
        check(::symlink(target.c_str(), at(path).c_str()) == 0, path);
    }
    void remove(const std::string& path, bool directory) override {
        check((directory ? rmdir(at(path).c_str()) : unlink(at(path).c_str())) == 0, path);
    }
    bool overwrite(const std::string& path, std::size_t offset, std::span<const std::byte> bytes) override {
        const int file = open(at(path).c_str(), O_WRONLY | O_CLOEXEC);
        const ssize_t wrote = pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        check(file >= 0 && close(file) == 0 && wrote == static_cast<ssize_t>(bytes.size()), path);
        return true;
    }
    bool rename(const std::string& from, const std::string& to) override {
        check(::rename(at(from).c_str(), at(to).c_str()) == 0, from);
        return true;
    }
    bool resize(const std::string& path, std::size_t size) override {
        check(truncate(at(path).c_str(), static_cast<off_t>(size)) == 0, path);
        return true;
    }
    View* view() override { return &view_; }
    void finish() override {
        if (run("umount " + root_.string(), log_) != 0) throw std::runtime_error("umount failed");
    }

private:
    [[nodiscard]] std::string at(const std::string& path) const { return root_.string() + path; }
    static void check(bool good, const std::string& path) {
        if (!good) throw std::runtime_error("Linux: " + path + ": " + std::strerror(errno));
    }

    std::filesystem::path root_, log_;
    HostView view_;
    unsigned files_ = 0;
};

/// Collects commands, and runs them at the end.
class DebugfsHands final : public Hands {
public:
    DebugfsHands(const DiskFile& disk, const std::filesystem::path& folder) : disk_(disk.path()), folder_(folder) {}

    [[nodiscard]] const char* name() const override { return "debugfs"; }
    void file(const std::string& path, std::span<const std::byte> contents) override {
        const std::filesystem::path source = folder_ / ("source-" + std::to_string(++files_));
        std::ofstream(source, std::ios::binary)
            .write(reinterpret_cast<const char*>(contents.data()), static_cast<std::streamsize>(contents.size()));
        commands_ += "write " + source.string() + " " + path + "\n";
    }
    void directory(const std::string& path) override { commands_ += "mkdir " + path + "\n"; }
    void symlink(const std::string& path, const std::string& target) override {
        commands_ += "symlink " + path + " " + target + "\n";
    }
    void remove(const std::string& path, bool directory) override {
        commands_ += (directory ? "rmdir " : "rm ") + path + "\n";
    }
    bool overwrite(const std::string&, std::size_t, std::span<const std::byte>) override { return false; }
    bool rename(const std::string&, const std::string&) override { return false; }
    bool resize(const std::string&, std::size_t) override { return false; }
    View* view() override { return nullptr; }
    void finish() override {
        std::ofstream(folder_ / "commands") << commands_;
        if (run("debugfs -w -f " + (folder_ / "commands").string() + " " + disk_.string(), folder_ / "log") != 0)
            throw std::runtime_error("debugfs failed, see " + (folder_ / "log").string());
    }

private:
    std::filesystem::path disk_, folder_;
    std::string commands_;
    unsigned files_ = 0;
};

}  // namespace

std::unique_ptr<Hands> tenon_hands(DiskFile& disk, std::size_t block_size) {
    return std::make_unique<TenonHands>(disk, block_size);
}
std::unique_ptr<Hands> host_hands(const DiskFile& disk, const std::filesystem::path& folder) {
    return std::make_unique<HostHands>(disk, folder);
}
std::unique_ptr<Hands> debugfs_hands(const DiskFile& disk, const std::filesystem::path& folder) {
    return std::make_unique<DebugfsHands>(disk, folder);
}

}  // namespace tenon::crash
