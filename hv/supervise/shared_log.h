// SPDX-License-Identifier: Apache-2.0
// A text file of bounded size that several processes append lines to.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "hv/core/file_descriptor.h"

namespace hv {

inline constexpr std::uint64_t shared_log_limit = 1 << 20;
/// A log that is full may grow to as many times its limit while another process that has its lock does not get on.
inline constexpr std::uint64_t shared_log_slack = 2;

/// Appends `line`, with its end, to the file at `path` by one write. When the file is full it becomes `path`.1, and the
/// one before is emptied and takes its place: who finds it full does that, under a lock of the file, and only while it
/// is still the one at `path`, so it is done once. Nobody waits for the lock. A line that cannot be written is lost.
void append_to_shared_log(const std::string& path, std::string_view line, std::uint64_t limit = shared_log_limit);

/// What it does with a full log, which is open as `file`: moves it away, unless another process has done so since it
/// was opened. False: another one is about to.
[[nodiscard]] bool rotate_shared_log(int file, const std::string& path);

/// The log for a process that later may open no file and move none. It has both files open, for appending only, and
/// follows the turns that other processes make, because the log's files stay the same two.
class OpenSharedLog {
public:
    /// Makes the files, and empties the older one if the newer one is full: this process cannot do it later.
    explicit OpenSharedLog(std::string path, std::uint64_t limit = shared_log_limit);
    /// Like append_to_shared_log(), but leaves a full file to others.
    void append(std::string_view line) const;

private:
    std::string path_;
    std::uint64_t limit_;
    std::array<FileDescriptor, 2> files_;
};

}  // namespace hv
