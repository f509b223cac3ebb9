// SPDX-License-Identifier: Apache-2.0
// A message between local sockets, and the files that go with it.
#include "userland/posix/local/message.h"

#include <cstring>

namespace tenon::posix {

Outcome<> PassedFiles::reserve() {
    if (files_ == nullptr) files_ = static_cast<File**>(heap_allocate(most * sizeof(File*)));
    if (files_ == nullptr) return fail_with(ENOMEM);
    return {};
}

Outcome<> PassedFiles::add(std::span<const std::byte> descriptors) {
    const std::size_t added = descriptors.size() / sizeof(int);
    if (added > most - count_) return fail_with(EINVAL);
    if (added == 0) return {};
    CHECK(reserve());
    for (std::size_t i = 0; i != added; ++i) {
        int fd = -1;
        std::memcpy(&fd, descriptors.data() + i * sizeof(int), sizeof(int));
        TRY(FileReference file, file_of(fd));
        hold_open(*file);
        files_[count_++] = file.get();
    }
    return {};
}

std::size_t PassedFiles::open(std::span<int> descriptors, bool close_on_exec) {
    std::size_t opened = 0;
    while (opened != count_ && opened != descriptors.size()) {
        const auto fd = open_descriptor(FileReference::share(*files_[opened]), close_on_exec);
        if (!fd) break;
        descriptors[opened++] = *fd;
    }
    drop();
    return opened;
}

Outcome<PassedFiles> PassedFiles::copy() const {
    PassedFiles result;
    if (count_ == 0) return result;
    CHECK(result.reserve());
    for (; result.count_ != count_; ++result.count_) {
        hold_open(*files_[result.count_]);
        result.files_[result.count_] = files_[result.count_];
    }
    return result;
}

void PassedFiles::drop() {
    while (count_ != 0) release_open(*files_[--count_]);
    heap_free(std::exchange(files_, nullptr));
}

Message* Message::make(std::size_t size) {
    void* memory = size <= PTRDIFF_MAX - sizeof(Message) ? heap_allocate(sizeof(Message) + size) : nullptr;
    if (memory == nullptr) return nullptr;
    auto* message = new (memory) Message;
    message->size = size;
    return message;
}

void Message::destroy(Message* message) {
    if (message == nullptr) return;
    message->~Message();
    heap_free(message);
}

}  // namespace tenon::posix
