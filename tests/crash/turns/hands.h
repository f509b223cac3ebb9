// SPDX-License-Identifier: Apache-2.0
// Who works on a file system in a turn: Tenon's own code, the host's kernel through a loop device, or debugfs.
#pragma once

#include <filesystem>
#include <memory>

#include "tests/crash/examine.h"
#include "tests/crash/views.h"

namespace tenon::crash {

/// Each call throws std::runtime_error if it fails.
class Hands {
public:
    virtual ~Hands() = default;
    [[nodiscard]] virtual const char* name() const = 0;
    /// A file with these contents. Where they are zeros, there may be a hole, or an extent that is not written.
    virtual void file(const std::string& path, std::span<const std::byte> contents) = 0;
    virtual void directory(const std::string& path) = 0;
    virtual void symlink(const std::string& path, const std::string& target) = 0;
    virtual void remove(const std::string& path, bool directory) = 0;
    /// Writes into a file that is there; false: these hands cannot.
    virtual bool overwrite(const std::string& path, std::size_t offset, std::span<const std::byte> bytes) = 0;
    /// False: these hands cannot.
    virtual bool rename(const std::string& from, const std::string& to) = 0;
    virtual bool resize(const std::string& path, std::size_t size) = 0;
    /// Null: these hands have no eyes.
    virtual View* view() = 0;
    /// Unmounts.
    virtual void finish() = 0;
};

std::unique_ptr<Hands> tenon_hands(DiskFile& disk, std::size_t block_size);
std::unique_ptr<Hands> host_hands(const DiskFile& disk, const std::filesystem::path& folder);
std::unique_ptr<Hands> debugfs_hands(const DiskFile& disk, const std::filesystem::path& folder);

}  // namespace tenon::crash
