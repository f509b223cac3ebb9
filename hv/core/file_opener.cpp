// SPDX-License-Identifier: Apache-2.0
// The thread that opens files.
#include "hv/core/file_opener.h"

#include <fcntl.h>
#include <signal.h>

#include <cerrno>
#include <cstring>

namespace hv {

namespace {

void wait_for(sem_t& semaphore) {
    while (sem_wait(&semaphore) != 0 && errno == EINTR) {
    }
}

}  // namespace

Result<std::unique_ptr<FileOpener>> FileOpener::start() {
    // Not filled with zeros: only the thread touches the pages of its stack.
    std::unique_ptr<FileOpener> self(new FileOpener);
    sem_init(&self->wanted_, 0, 0);
    sem_init(&self->done_, 0, 0);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, self->stack_.data(), self->stack_.size());
    // All signals are blocked in this thread: the loop serves hv's signals.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int error = pthread_create(&self->thread_, &attributes, run, self.get());
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    pthread_attr_destroy(&attributes);
    if (error != 0)
        return fail(ErrorKind::no_memory,
                    std::string("cannot start a thread of hv: ") + std::strerror(error) + " (ulimit -u)");
    self->running_ = true;
    return self;
}

FileOpener::~FileOpener() {
    if (running_) {
        running_ = false;
        sem_post(&wanted_);
        pthread_join(thread_, nullptr);
    }
    sem_destroy(&wanted_);
    sem_destroy(&done_);
}

std::vector<FileDescriptor> FileOpener::open(std::span<const std::string> paths) {
    paths_ = paths;
    // Here, so that the thread needs no memory of its own from the C library.
    files_.resize(paths.size());
    sem_post(&wanted_);
    wait_for(done_);
    paths_ = {};
    return std::exchange(files_, {});
}

void* FileOpener::run(void* argument) {
    auto& self = *static_cast<FileOpener*>(argument);
    for (;;) {
        wait_for(self.wanted_);
        // The semaphore orders this read after the write.
        if (!self.running_) return nullptr;
        for (std::size_t i = 0; i < self.paths_.size(); ++i)
            self.files_[i] = FileDescriptor(::open(self.paths_[i].c_str(), O_RDONLY | O_CLOEXEC));
        sem_post(&self.done_);
    }
}

}  // namespace hv
