// SPDX-License-Identifier: Apache-2.0
// Opening one more file after hv has confined itself: one whose name is not known before.
#pragma once

#include <pthread.h>
#include <semaphore.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv {

/// A thread that exists before confine_files(), and so is not bound by it (Landlock binds threads). It opens one file,
/// for reading, and ends; confine_calls() comes after that. The other way, a rule for all of /proc, would let a guest
/// that took hv over read every process's command line.
class FileOpener {
public:
    /// Errors: no_memory.
    static Result<std::unique_ptr<FileOpener>> start();
    /// Ends the thread.
    ~FileOpener();
    FileOpener(const FileOpener&) = delete;
    FileOpener& operator=(const FileOpener&) = delete;

    /// Once. No descriptor: there is no such file.
    [[nodiscard]] FileDescriptor open(const std::string& path);

private:
    FileOpener() = default;
    static void* run(void* self);
    void end();

    /// Of the heap, so that it is given back; what the C library has for threads would stay.
    alignas(64) std::array<std::byte, 64 * 1024> stack_;
    pthread_t thread_{};
    sem_t wanted_{};
    const char* path_ = nullptr;  ///< null: nothing is wanted any more
    int fd_ = -1;
    bool running_ = false;
};

}  // namespace hv
