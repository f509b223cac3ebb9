// SPDX-License-Identifier: Apache-2.0
// The files inside the image, and descriptors.
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "tests/guest/test.h"

namespace {

/// Closes itself.
class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    operator int() const { return fd_; }

private:
    int fd_;
};

/// `call` is -1 with this errno.
#define EXPECT_ERROR(call, code)             \
    do {                                     \
        errno = 0;                           \
        const long expected_result = (call); \
        const int expected_code = errno;     \
        EXPECT(expected_result == -1);       \
        EXPECT(expected_code == (code));     \
    } while (false)

std::set<std::string> names_in(const char* path) {
    std::set<std::string> names;
    DIR* directory = ::opendir(path);
    EXPECT(directory != nullptr);
    while (const dirent* entry = ::readdir(directory)) names.insert(entry->d_name);
    ::closedir(directory);
    return names;
}

}  // namespace

GUEST_TEST(a_file_can_be_read) {
    const Descriptor file(::open("/hello.txt", O_RDONLY));
    EXPECT(file > 2);
    char text[100];
    EXPECT(::read(file, text, sizeof(text)) == 13);
    EXPECT(std::memcmp(text, "Hello, file!\n", 13) == 0);
    EXPECT(::read(file, text, sizeof(text)) == 0);
    EXPECT(::isatty(file) == 0);
}

GUEST_TEST(seeking_and_reading_at_an_offset) {
    const Descriptor file(::open("hello.txt", O_RDONLY));
    char text[10] = {};
    EXPECT(::lseek(file, 7, SEEK_SET) == 7);
    EXPECT(::read(file, text, 4) == 4);
    EXPECT(std::string(text) == "file");
    EXPECT(::lseek(file, 0, SEEK_CUR) == 11);
    EXPECT(::pread(file, text, 5, 0) == 5);
    EXPECT(std::string(text, 5) == "Hello");
    EXPECT(::lseek(file, 0, SEEK_CUR) == 11);
    EXPECT(::lseek(file, -1, SEEK_END) == 12);
    EXPECT(::lseek(file, 100, SEEK_SET) == 100);
    EXPECT(::read(file, text, 1) == 0);
    EXPECT_ERROR(::lseek(file, -1, SEEK_SET), EINVAL);
    EXPECT_ERROR(::lseek(file, 0, 9), EINVAL);
}

GUEST_TEST(parts_are_read_one_after_the_other) {
    const Descriptor file(::open("/sub/lines.txt", O_RDONLY));
    char first[4], second[100];
    const iovec parts[] = {{first, sizeof(first)}, {nullptr, 0}, {second, sizeof(second)}};
    EXPECT(::readv(file, parts, 3) == 14);
    EXPECT(std::memcmp(first, "one\n", 4) == 0);
    EXPECT(std::memcmp(second, "two\nthree\n", 10) == 0);
    EXPECT_ERROR(::readv(file, parts, -1), EINVAL);
}

GUEST_TEST(paths_are_made_plain) {
    for (const char* path : {"/hello.txt", "hello.txt", "./hello.txt", "//hello.txt", "/sub/../hello.txt",
                             "/../hello.txt", "/sub/deep/../../hello.txt", "/sub/./..//hello.txt"}) {
        const Descriptor file(::open(path, O_RDONLY));
        EXPECT(file >= 0);
    }
    EXPECT_ERROR(::open("", O_RDONLY), ENOENT);
    EXPECT_ERROR(::open("/nothing", O_RDONLY), ENOENT);
    EXPECT_ERROR(::open("/hello.txt/", O_RDONLY), ENOTDIR);
    EXPECT_ERROR(::open(std::string(600, 'x').c_str(), O_RDONLY), ENAMETOOLONG);
    char resolved[1000];
    EXPECT(::realpath("sub/deep/../lines.txt", resolved) == resolved);
    EXPECT(std::string(resolved) == "/sub/lines.txt");
    EXPECT(::realpath("/nothing", resolved) == nullptr);
}

GUEST_TEST(status_says_what_a_file_is) {
    struct stat status;
    EXPECT(::stat("/hello.txt", &status) == 0);
    EXPECT(S_ISREG(status.st_mode));
    EXPECT(status.st_size == 13);
    EXPECT(status.st_mtime > 1'000'000'000);
    const ino_t inode = status.st_ino;
    EXPECT(::stat("/sub", &status) == 0);
    EXPECT(S_ISDIR(status.st_mode));
    EXPECT(status.st_ino != inode);
    EXPECT(::stat("/", &status) == 0);
    EXPECT(S_ISDIR(status.st_mode));
    EXPECT(::fstat(1, &status) == 0);
    EXPECT(S_ISCHR(status.st_mode));
    EXPECT_ERROR(::stat("/nothing", &status), ENOENT);
    EXPECT(::access("/hello.txt", R_OK) == 0);
    EXPECT_ERROR(::access("/hello.txt", W_OK), EROFS);
    EXPECT_ERROR(::access("/hello.txt", X_OK), EACCES);
}

GUEST_TEST(directories_are_listed) {
    EXPECT(names_in("/") == std::set<std::string>{".", "..", "dev", "hello.txt", "sub", "sub-b.txt", "tmp"});
    EXPECT(names_in("/sub") == std::set<std::string>{".", "..", "deep", "empty", "lines.txt"});
    EXPECT(names_in("sub/deep/") == std::set<std::string>{".", "..", "x"});
    EXPECT(::opendir("/hello.txt") == nullptr);
    EXPECT(errno == ENOTDIR);
    DIR* directory = ::opendir("/sub");
    EXPECT(std::string(::readdir(directory)->d_name) == ".");
    EXPECT(std::string(::readdir(directory)->d_name) == "..");
    EXPECT(std::string(::readdir(directory)->d_name) == "deep");
    EXPECT(::readdir(directory)->d_type == DT_REG);
    ::rewinddir(directory);
    EXPECT(::readdir(directory)->d_type == DT_DIR);
    EXPECT(::dirfd(directory) > 2);
    EXPECT(::closedir(directory) == 0);
}

GUEST_TEST(the_archive_cannot_be_changed) {
    EXPECT_ERROR(::open("/hello.txt", O_WRONLY), EROFS);
    EXPECT_ERROR(::open("/new", O_WRONLY | O_CREAT, 0644), EROFS);
    EXPECT_ERROR(::open("/hello.txt", O_RDONLY | O_CREAT | O_EXCL, 0644), EEXIST);
    EXPECT_ERROR(::open("/sub", O_RDWR), EISDIR);
    EXPECT_ERROR(::unlink("/hello.txt"), EROFS);
    EXPECT_ERROR(::mkdir("/new", 0755), EROFS);
    EXPECT_ERROR(::rename("/hello.txt", "/other"), EROFS);
    const Descriptor file(::open("/hello.txt", O_RDONLY));
    EXPECT_ERROR(::write(file, "x", 1), EBADF);
    EXPECT_ERROR(::ftruncate(file, 0), EINVAL);
}

GUEST_TEST(descriptors_are_the_lowest_and_end) {
    const int first = ::open("/hello.txt", O_RDONLY);
    const int second = ::dup(first);
    EXPECT(second == first + 1);
    EXPECT(::close(first) == 0);
    EXPECT_ERROR(::close(first), EBADF);
    EXPECT(::open("/hello.txt", O_RDONLY) == first);
    // A duplicate shares the position.
    char text[8];
    EXPECT(::read(second, text, 7) == 7);
    EXPECT(::dup2(second, first) == first);
    EXPECT(::read(first, text, 4) == 4);
    EXPECT(std::memcmp(text, "file", 4) == 0);
    EXPECT(::close(first) == 0);
    EXPECT(::close(second) == 0);
    for (const int bad : {-1, 100'000, second}) {
        EXPECT_ERROR(::read(bad, text, 1), EBADF);
        EXPECT_ERROR(::close(bad), EBADF);
        EXPECT_ERROR(::dup(bad), EBADF);
        EXPECT_ERROR(::fcntl(bad, F_GETFD), EBADF);
    }
}

GUEST_TEST(descriptors_run_out_in_order) {
    std::vector<int> held;
    for (;;) {
        const int fd = ::open("/hello.txt", O_RDONLY);
        if (fd < 0) break;
        held.push_back(fd);
    }
    EXPECT(errno == EMFILE);
    EXPECT(held.size() == static_cast<std::size_t>(::sysconf(_SC_OPEN_MAX)) - 3);
    for (const int fd : held) EXPECT(::close(fd) == 0);
    EXPECT(::open("/hello.txt", O_RDONLY) == 3);
    ::close(3);
}

GUEST_TEST(flags_of_descriptors_and_of_files) {
    const Descriptor file(::open("/hello.txt", O_RDONLY | O_CLOEXEC));
    EXPECT(::fcntl(file, F_GETFD) == FD_CLOEXEC);
    EXPECT(::fcntl(file, F_SETFD, 0) == 0);
    EXPECT(::fcntl(file, F_GETFD) == 0);
    EXPECT(::fcntl(file, F_SETFL, O_NONBLOCK) == 0);
    EXPECT(::fcntl(file, F_GETFL) == (O_RDONLY | O_NONBLOCK));
    int off = 0;
    EXPECT(::ioctl(file, FIONBIO, &off) == 0);
    EXPECT(::fcntl(file, F_GETFL) == O_RDONLY);
    const Descriptor high(::fcntl(file, F_DUPFD, 50));
    EXPECT(high == 50);
    EXPECT_ERROR(::fcntl(file, 999), EINVAL);
    EXPECT_ERROR(::ioctl(file, 999), ENOTTY);
}

GUEST_TEST(the_console_is_a_terminal) {
    for (const int fd : {0, 1, 2}) EXPECT(::isatty(fd) == 1);
    winsize size;
    EXPECT(::ioctl(1, TIOCGWINSZ, &size) == 0);
    EXPECT_ERROR(::lseek(1, 0, SEEK_CUR), ESPIPE);
    EXPECT(::write(1, "", 0) == 0);
}

GUEST_TEST(small_devices) {
    char bytes[64];
    const Descriptor null(::open("/dev/null", O_RDWR));
    EXPECT(::write(null, bytes, sizeof(bytes)) == sizeof(bytes));
    EXPECT(::read(null, bytes, sizeof(bytes)) == 0);
    const Descriptor zero(::open("/dev/zero", O_RDONLY));
    std::memset(bytes, 1, sizeof(bytes));
    EXPECT(::read(zero, bytes, sizeof(bytes)) == sizeof(bytes));
    for (const char byte : bytes) EXPECT(byte == 0);
    const Descriptor random(::open("/dev/urandom", O_RDONLY));
    EXPECT(::read(random, bytes, sizeof(bytes)) == sizeof(bytes));
    EXPECT(std::string(bytes, sizeof(bytes)) != std::string(sizeof(bytes), '\0'));
}

GUEST_TEST(polling_files_and_wrong_descriptors) {
    const Descriptor file(::open("/hello.txt", O_RDONLY));
    pollfd polled[] = {{file, POLLIN, 0}, {-1, POLLIN, 0}, {3000, POLLIN, 0}, {1, POLLOUT, 0}};
    EXPECT(::poll(polled, 4, -1) == 3);
    EXPECT(polled[0].revents == POLLIN);
    EXPECT(polled[1].revents == 0);
    EXPECT(polled[2].revents == POLLNVAL);
    EXPECT(polled[3].revents == POLLOUT);
    EXPECT(::poll(nullptr, 0, 0) == 0);
    EXPECT(::poll(nullptr, 0, 1) == 0);
}

GUEST_TEST(streams_read_files) {
    std::ifstream stream("/sub/lines.txt");
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    EXPECT(lines == std::vector<std::string>{"one", "two", "three"});
    EXPECT(!std::ifstream("/nothing").is_open());
    std::FILE* file = std::fopen("/hello.txt", "r");
    char text[100];
    EXPECT(std::fgets(text, sizeof(text), file) != nullptr);
    EXPECT(std::string(text) == "Hello, file!\n");
    EXPECT(std::fseek(file, -6, SEEK_END) == 0);
    EXPECT(std::fgets(text, sizeof(text), file) != nullptr);
    EXPECT(std::string(text) == "file!\n");
    std::fclose(file);
}
