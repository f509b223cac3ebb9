// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/examine.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/crash/views.h"

namespace tenon::crash {

DiskFile::DiskFile(std::filesystem::path path, std::size_t size) : path_(std::move(path)) {
    const int file = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, static_cast<off_t>(size)) != 0)
        throw std::runtime_error("no disk can be made: " + path_.string());
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (memory == MAP_FAILED) throw std::runtime_error("the disk cannot be mapped: " + path_.string());
    bytes_ = {static_cast<std::byte*>(memory), size};
}

DiskFile::~DiskFile() { munmap(bytes_.data(), bytes_.size()); }

int run(const std::string& command, const std::filesystem::path& log) {
    const int status = std::system((command + " >" + log.string() + " 2>&1").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

namespace {

/// Enough of a program's output to understand it.
std::string beginning_of(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str().substr(0, 600);
}

std::string text_of(const char* what, Errno error) {
    return std::string(what) + ": " + std::strerror(error.code) + "; ";
}

/// Mounted, to be unmounted whatever is found.
class Mounted {
public:
    Mounted(ext4::BlockStore& store, bool read_only) : mounted_(ext4::mount(store, {.read_only = read_only})) {}
    ~Mounted() {
        if (mounted_) ext4::abandon(**mounted_);
    }
    Mounted(const Mounted&) = delete;
    Mounted& operator=(const Mounted&) = delete;

    [[nodiscard]] const Outcome<ext4::Volume*>& result() const { return mounted_; }
    FileSystem& files() { return as_file_system(**mounted_); }
    Outcome<> unmount() {
        ext4::Volume& file_system = **mounted_;
        mounted_ = fail_with(ENODEV);
        return ext4::unmount(file_system);
    }

private:
    Outcome<ext4::Volume*> mounted_;
};

std::string compare(Mounted& mounted, const Model& model, std::size_t position) {
    TenonView view(mounted.files());
    return model.compare(view, position);
}

}  // namespace

Examiner::Examiner(std::filesystem::path folder, std::size_t disk_size, std::size_t block_size)
    : disk_(folder / "state.img", disk_size),
      log_(folder / "log"),
      mount_point_(folder / "mnt"),
      block_size_(block_size),
      host_mounts_(geteuid() == 0 && std::filesystem::exists("/dev/loop-control")) {
    std::filesystem::create_directory(mount_point_);
}

std::string Examiner::command(const std::string& text, int most) {
    const int status = run(text + " " + disk_.path().string(), log_);
    if (status >= 0 && status <= most) return {};
    return text + " ended with " + std::to_string(status) + ":\n" + beginning_of(log_) + "; ";
}

std::string Examiner::by_e2fsck(const Model& model, std::size_t position) {
    // 1: something was put right, as an orphan is.
    std::string wrong = command("e2fsck -p", 1);
    wrong += command("e2fsck -fn", 0);
    if (!wrong.empty()) return wrong;
    RecordingStore store(disk_.bytes(), block_size_);
    Mounted mounted(store, true);
    if (!mounted.result()) return text_of("mounted after e2fsck -p", mounted.result().error());
    wrong = compare(mounted, model, position);
    return wrong.empty() ? wrong : "after e2fsck -p: " + wrong;
}

std::string Examiner::by_tenon(const Model& model, std::size_t position) {
    RecordingStore store(disk_.bytes(), block_size_);
    Mounted mounted(store, false);
    if (!mounted.result()) return text_of("own mount", mounted.result().error());
    std::string wrong = compare(mounted, model, position);
    if (!wrong.empty()) return "after own replay: " + wrong;
    // It can be worked with. A full one may have no room.
    if (const auto made = mounted.files().root().create("after", S_IFREG | 0644, {}); made) {
        std::byte bytes[3000]{};
        off_t offset = 0;
        const Outcome<std::size_t> wrote = (*made)->write(bytes, offset, false);
        if (!wrote && wrote.error().code != ENOSPC) return text_of("write after own replay", wrote.error());
        if (const auto done = (*made)->synchronise(false); !done)
            return text_of("fsync after own replay", done.error());
    } else if (made.error().code != ENOSPC) {
        return text_of("create after own replay", made.error());
    }
    if (const Outcome<> done = mounted.unmount(); !done) return text_of("unmount after own replay", done.error());
    wrong = command("e2fsck -fn", 0);
    return wrong.empty() ? wrong : "after own replay: " + wrong;
}

std::string Examiner::interrupted(std::span<const std::byte> state, const Model& model, std::size_t position,
                                  std::mt19937& random) {
    std::vector<std::byte> first(state.begin(), state.end());
    RecordingStore store(first, block_size_);
    {
        Mounted mounted(store, false);
        if (!mounted.result()) return text_of("own mount", mounted.result().error());
    }
    const std::vector<Epoch> epochs = epochs_of(store.log());
    if (epochs.empty()) return {};
    const Epoch epoch = epochs[random() % epochs.size()];
    std::ranges::copy(state, disk_.bytes().begin());
    apply(store.log(), 0, epoch.begin, disk_.bytes());
    apply(store.log(), cut(store.log(), epoch, static_cast<unsigned>(random() % kinds_of_cuts), random), disk_.bytes());
    const std::string wrong = by_tenon(model, position);
    return wrong.empty() ? wrong : "power lost again during the replay: " + wrong;
}

std::string Examiner::by_host(const Model& model, std::size_t position) {
    const std::string where = mount_point_.string();
    if (run("mount -t ext4 -o loop " + disk_.path().string() + " " + where, log_) != 0)
        return "Linux's mount: " + beginning_of(log_) + "; ";
    HostView view(where);
    std::string wrong = model.compare(view, position);
    if (!wrong.empty()) wrong = "mounted by Linux: " + wrong;
    if (run("umount " + where, log_) != 0) wrong += "Linux's umount: " + beginning_of(log_) + "; ";
    return wrong + command("e2fsck -fn", 0);
}

std::string Examiner::examine(std::span<const std::byte> state, const Model& model, std::size_t position, Looks looks,
                              std::mt19937& random) {
    const auto restore = [&] { std::ranges::copy(state, disk_.bytes().begin()); };
    restore();
    std::string wrong = by_tenon(model, position);
    restore();
    wrong += by_e2fsck(model, position);
    if (looks.twice) wrong += interrupted(state, model, position, random);
    if (looks.host && host_mounts_) {
        restore();
        wrong += by_host(model, position);
    }
    return wrong;
}

}  // namespace tenon::crash
