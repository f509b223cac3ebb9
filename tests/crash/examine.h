// SPDX-License-Identifier: Apache-2.0
// Looks at a disk as the power cut left it: by e2fsck, by Tenon's own replay, and by the host's kernel.
#pragma once

#include <filesystem>
#include <string>

#include "kernel/fs/ext4/ext4.h"
#include "tests/crash/model.h"
#include "tests/crash/power_cut.h"

namespace tenon::crash {

/// A file that is mapped, so that programs of the host see the disk.
class DiskFile {
public:
    DiskFile(std::filesystem::path path, std::size_t size);
    ~DiskFile();
    DiskFile(const DiskFile&) = delete;
    DiskFile& operator=(const DiskFile&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::span<std::byte> bytes() const { return bytes_; }

private:
    std::filesystem::path path_;
    std::span<std::byte> bytes_;
};

/// Runs a command of the host; its output goes to `log`. Gives the exit status, or -1.
int run(const std::string& command, const std::filesystem::path& log);

class Examiner {
public:
    /// Its files are in `folder`.
    Examiner(std::filesystem::path folder, std::size_t disk_size, std::size_t block_size);

    /// Linux mounts through loop devices, if this machine and user can.
    [[nodiscard]] bool host_mounts() const { return host_mounts_; }

    struct Looks {
        bool twice;  ///< the power fails once more during the replay
        bool host;   ///< Linux mounts it
    };
    /// What is wrong with `state`; empty: nothing. What had happened before `position` must be there.
    std::string examine(std::span<const std::byte> state, const Model& model, std::size_t position, Looks looks,
                        std::mt19937& random);

private:
    std::string by_e2fsck(const Model& model, std::size_t position);
    std::string by_tenon(const Model& model, std::size_t position);
    std::string by_host(const Model& model, std::size_t position);
    std::string interrupted(std::span<const std::byte> state, const Model& model, std::size_t position,
                            std::mt19937& random);
    std::string command(const std::string& text, int most);

    DiskFile disk_;
    std::filesystem::path log_, mount_point_;
    std::size_t block_size_;
    bool host_mounts_;
};

}  // namespace tenon::crash
