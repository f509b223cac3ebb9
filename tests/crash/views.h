// SPDX-License-Identifier: Apache-2.0
// A mounted file system as the model sees it: through Tenon's own code, or through the host's kernel.
#pragma once

#include <filesystem>

#include "kernel/fs/file_system.h"
#include "tests/crash/model.h"

namespace tenon::crash {

/// The inode at a path that begins with a slash, links not followed; "" and "/" are the root.
Outcome<InodeReference> walk(FileSystem& file_system, const std::string& path);

/// All that a regular file has, or less if reading fails.
bool read_all(Inode& inode, std::span<std::byte> contents);

class TenonView final : public View {
public:
    explicit TenonView(FileSystem& file_system) : file_system_(file_system) {}
    Found look(const std::string& path) override;
    std::vector<std::string> list(const std::string& path) override;
    bool read(const std::string& path, std::span<std::byte> contents) override;
    std::string target(const std::string& path) override;

private:
    FileSystem& file_system_;
};

class HostView final : public View {
public:
    explicit HostView(std::filesystem::path root) : root_(std::move(root)) {}
    Found look(const std::string& path) override;
    std::vector<std::string> list(const std::string& path) override;
    bool read(const std::string& path, std::span<std::byte> contents) override;
    std::string target(const std::string& path) override;

private:
    std::filesystem::path root_;
};

}  // namespace tenon::crash
