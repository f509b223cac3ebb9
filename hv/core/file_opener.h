// SPDX-License-Identifier: Apache-2.0
// Opening a few more files after hv has confined itself: files whose names are not known before.
#pragma once

#include <pthread.h>
#include <semaphore.h>

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv {

/// A thread that is started before restrict_files(), which therefore does not bind it (Landlock restricts threads). It
/// opens them for reading, and ends with this object, before confine_calls(). The alternative, a Landlock rule for all
/// of /proc, would let a guest that has taken hv over read every process's command line.
class FileOpener {
public:
    /// Errors: no_memory.
    static Result<std::unique_ptr<FileOpener>> start();
    /// Ends the thread.
    ~FileOpener();
    FileOpener(const FileOpener&) = delete;
    FileOpener& operator=(const FileOpener&) = delete;

    /// Returns a descriptor for each path; none where there is no such file.
    [[nodiscard]] std::vector<FileDescriptor> open(std::span<const std::string> paths);

private:
    FileOpener() = default;
    static void* run(void* self);

    /// Part of this object, so that it is freed with it; the C library would keep a stack of its own for later threads.
    alignas(64) std::array<std::byte, 64 * 1024> stack_;
    pthread_t thread_{};
    sem_t wanted_{}, done_{};
    std::span<const std::string> paths_;
    std::vector<FileDescriptor> files_;
    bool running_ = false;
};

}  // namespace hv
