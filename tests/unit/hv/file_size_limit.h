// SPDX-License-Identifier: Apache-2.0
// A process that may not write large files (RLIMIT_FSIZE), as long as the object lives.
#pragma once

#include <signal.h>
#include <sys/resource.h>

#include "hv/core/standard_streams.h"

namespace test {

class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) {
        hv::ignore_file_size_signal();
        getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        setrlimit(RLIMIT_FSIZE, &before_);
        signal(SIGXFSZ, SIG_DFL);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    rlimit before_{};
};

}  // namespace test
