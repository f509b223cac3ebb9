// SPDX-License-Identifier: Apache-2.0
// Opening one more file after hv has confined itself: a file whose name is not known before.
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

/// A thread that is started before restrict_files(), which therefore does not bind it (Landlock restricts threads). It
/// opens one file for reading and ends, before confine_calls(). The alternative, a Landlock rule for all of /proc,
/// would let a guest that has taken hv over read every process's command line.
class FileOpener {
public:
    /// Errors: no_memory.
    static Result<std::unique_ptr<FileOpener>> start();
    /// Ends the thread.
    ~FileOpener();
    FileOpener(const FileOpener&) = delete;
    FileOpener& operator=(const FileOpener&) = delete;

    /// To be called once. Returns no descriptor where there is no such file.
    [[nodiscard]] FileDescriptor open(const std::string& path);

private:
    FileOpener() = default;
    static void* run(void* self);
    void end();

    /// Part of this object, so that it is freed with it; the C library would keep a stack of its own for later threads.
    alignas(64) std::array<std::byte, 64 * 1024> stack_;
    pthread_t thread_{};
    sem_t wanted_{};
    const char* path_ = nullptr;  ///< null: end without opening anything
    int fd_ = -1;
    bool running_ = false;
};

}  // namespace hv
