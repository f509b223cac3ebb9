// SPDX-License-Identifier: Apache-2.0
// Lines of /etc/passwd and /etc/group.
#include "userland/posix/user_records.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "kernel/mm/heap.h"

namespace tenon::posix {

RecordFile::RecordFile(const char* path, std::string_view otherwise) : text_(otherwise) {
    const int before = errno;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd >= 0 && fstat(fd, &status) == 0) {
        read_ = static_cast<char*>(heap_allocate(static_cast<std::size_t>(status.st_size) + 1));
        const ssize_t size = read_ != nullptr ? read(fd, read_, static_cast<std::size_t>(status.st_size)) : -1;
        if (size >= 0) text_ = {read_, static_cast<std::size_t>(size)};
    }
    if (fd >= 0) close(fd);
    errno = before;
}

RecordFile::~RecordFile() { heap_free(read_); }

bool RecordFile::next_line(std::size_t& place, std::string_view& line) const {
    while (place < text_.size()) {
        const std::size_t end = text_.find('\n', place);
        line = text_.substr(place, end == text_.npos ? end : end - place);
        place = end == text_.npos ? text_.size() : end + 1;
        if (!line.empty() && line[0] != '#') return true;
    }
    return false;
}

std::string_view field(std::string_view line, std::size_t number) {
    for (; number != 0; --number) {
        const std::size_t colon = line.find(':');
        if (colon == line.npos) return {};
        line.remove_prefix(colon + 1);
    }
    return line.substr(0, line.find(':'));
}

unsigned number_of(std::string_view text) {
    unsigned number = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > '9') return 0;
        number = number * 10 + static_cast<unsigned>(digit - '0');
    }
    return number;
}

char* StringRoom::put(std::string_view text) {
    if (text.size() >= left_) return nullptr;
    char* const copy = next_;
    std::memcpy(copy, text.data(), text.size());
    copy[text.size()] = '\0';
    next_ += text.size() + 1;
    left_ -= text.size() + 1;
    return copy;
}

char** StringRoom::pointers(std::size_t count) {
    const std::size_t padding = -reinterpret_cast<std::uintptr_t>(next_) % alignof(char*);
    const std::size_t size = padding + count * sizeof(char*);
    if (size > left_) return nullptr;
    auto* const result = reinterpret_cast<char**>(next_ + padding);
    next_ += size;
    left_ -= size;
    return result;
}

}  // namespace tenon::posix
