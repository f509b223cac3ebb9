// SPDX-License-Identifier: Apache-2.0
// Lines of /etc/passwd and /etc/group, or of what stands for them in an image without these files.
#pragma once

#include <cstddef>
#include <string_view>

#include "userland/posix/errno_result.h"

namespace tenon::posix {

/// Text that is read once and kept as long as the object lives.
class RecordFile {
public:
    /// `otherwise` is taken if there is no such file.
    RecordFile(const char* path, std::string_view otherwise);
    ~RecordFile();
    RecordFile(const RecordFile&) = delete;
    RecordFile& operator=(const RecordFile&) = delete;

    /// The line that begins at `place`, which then is the next one's; empty lines are left out. False: there is none.
    bool next_line(std::size_t& place, std::string_view& line) const;

private:
    char* read_ = nullptr;
    std::string_view text_;
};

/// The field of that number of a line whose fields are separated by colons; empty if it has fewer.
[[nodiscard]] std::string_view field(std::string_view line, std::size_t number);
/// 0 if it is none.
[[nodiscard]] unsigned number_of(std::string_view text);

/// A caller's buffer, from which strings are taken.
class StringRoom {
public:
    StringRoom(char* begin, std::size_t size) : next_(begin), left_(size) {}
    /// A copy that ends with a zero. Null: there is no room.
    char* put(std::string_view text);
    /// Room for `count` pointers. Null: there is no room.
    char** pointers(std::size_t count);

private:
    char* next_;
    std::size_t left_;
};

}  // namespace tenon::posix
