// SPDX-License-Identifier: Apache-2.0
// Does the same to a file system and to its model.
#pragma once

#include <random>

#include "kernel/fs/ext4/ext4.h"
#include "tests/crash/model.h"
#include "tests/crash/recording_store.h"

namespace tenon::crash {

/// Calls that fail for want of space change neither side; any other failure is noted.
class Driver {
public:
    Driver(ext4::Volume& file_system, const RecordingStore& store, std::size_t block_size, unsigned seed)
        : file_system_(file_system), store_(store), per_block_(block_size / sector), random_(seed) {}

    bool make(const std::string& path, Kind kind, const std::string& target = {});
    /// Writes sectors from `first` on, in one call.
    bool write(const std::string& path, std::size_t first, std::size_t sectors);
    bool append(const std::string& path, std::size_t sectors) { return write(path, size(path), sectors); }
    bool resize(const std::string& path, std::size_t sectors);
    bool unlink(const std::string& path);
    bool rename(const std::string& from, const std::string& to);
    bool exchange(const std::string& one, const std::string& other);
    bool link(const std::string& path, const std::string& to);
    bool fsync(const std::string& path);
    bool fdatasync(const std::string& path);
    bool sync();
    /// An open file keeps its blocks when its last name goes.
    void hold(const std::string& path);
    void release();

    [[nodiscard]] std::size_t size(const std::string& path) { return model_.stamps(path).size(); }
    [[nodiscard]] std::size_t below(std::size_t limit) { return random_() % limit; }
    [[nodiscard]] Model& model() { return model_; }
    /// The first failure that was no want of space; empty: none.
    [[nodiscard]] const std::string& failure() const { return failure_; }
    [[nodiscard]] unsigned full() const { return full_; }

private:
    Outcome<InodeReference> find(const std::string& path);
    Outcome<InodeReference> directory_of(const std::string& path);
    static std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }
    void begin() { model_.at(store_.log().size()); }
    bool failed(const char* what, const std::string& path, Errno error);

    ext4::Volume& file_system_;
    const RecordingStore& store_;
    std::size_t per_block_;
    std::mt19937 random_;
    Model model_;
    std::vector<InodeReference> held_;
    std::string failure_;
    std::uint32_t stamp_ = 0;
    unsigned full_ = 0;
};

}  // namespace tenon::crash
