// SPDX-License-Identifier: Apache-2.0
// scandir: a directory's entries, chosen and sorted, in memory that the caller frees.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

namespace {

using Choose = int (*)(const dirent*);
using Compare = int (*)(const dirent**, const dirent**);

/// Grows by doubling.
class Entries {
public:
    Entries() = default;
    Entries(const Entries&) = delete;
    Entries& operator=(const Entries&) = delete;
    ~Entries() {
        for (size_t i = 0; i != count_; ++i) free(entries_[i]);
        free(entries_);
    }
    bool add(const dirent& entry) {
        if (count_ == room_) {
            const size_t room = room_ != 0 ? 2 * room_ : 16;
            void* larger = realloc(entries_, room * sizeof(dirent*));
            if (larger == nullptr) return false;
            entries_ = static_cast<dirent**>(larger);
            room_ = room;
        }
        void* memory = malloc(sizeof(dirent));
        if (memory == nullptr) return false;
        memcpy(memory, &entry, sizeof(entry));
        entries_[count_++] = static_cast<dirent*>(memory);
        return true;
    }
    int give(dirent*** result, Compare compare) {
        if (compare != nullptr && count_ != 0)
            qsort(entries_, count_, sizeof(dirent*), reinterpret_cast<int (*)(const void*, const void*)>(compare));
        *result = entries_;
        const int count = static_cast<int>(count_);
        entries_ = nullptr;
        count_ = 0;
        return count;
    }

private:
    dirent** entries_ = nullptr;
    size_t count_ = 0;
    size_t room_ = 0;
};

int scan(DIR* directory, dirent*** result, Choose choose, Compare compare) {
    if (directory == nullptr) return -1;
    Entries entries;
    bool enough_memory = true;
    while (const dirent* entry = enough_memory ? readdir(directory) : nullptr)
        if (choose == nullptr || choose(entry) != 0) enough_memory = entries.add(*entry);
    closedir(directory);
    if (!enough_memory) {
        errno = ENOMEM;
        return -1;
    }
    return entries.give(result, compare);
}

}  // namespace

extern "C" {

int scandir(const char* path, dirent*** result, Choose choose, Compare compare) {
    return scan(opendir(path), result, choose, compare);
}

int scandirat(int base, const char* path, dirent*** result, Choose choose, Compare compare) {
    const int fd = openat(base, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return -1;
    DIR* directory = fdopendir(fd);
    if (directory == nullptr) close(fd);
    return scan(directory, result, choose, compare);
}

int alphasort(const dirent** one, const dirent** other) { return strcoll((*one)->d_name, (*other)->d_name); }
int versionsort(const dirent** one, const dirent** other) { return strverscmp((*one)->d_name, (*other)->d_name); }

}  // extern "C"
