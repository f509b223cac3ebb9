// SPDX-License-Identifier: Apache-2.0
// Files that last: a program that writes them, checks them, and measures, on /data or on another folder.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace {

std::string place = "/data";

std::string at(const std::string& name) { return place + "/" + name; }

[[noreturn]] void fail(const std::string& what) {
    printf("failed: %s: %s\n", what.c_str(), strerror(errno));
    exit(1);
}

/// What a file with this number holds: sizes from none to some blocks.
std::string contents(int number) {
    std::string text;
    const std::size_t size = static_cast<std::size_t>(number) * 977 % 20'000;
    while (text.size() < size) text += "file " + std::to_string(number) + " at " + std::to_string(text.size()) + "\n";
    text.resize(size);
    return text;
}

void write_file(const std::string& path, const std::string& text, bool durable) {
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file < 0) fail("open " + path);
    if (write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size())) fail("write " + path);
    if (durable && fsync(file) != 0) fail("fsync " + path);
    if (close(file) != 0) fail("close " + path);
}

std::string read_file(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY);
    if (file < 0) fail("open " + path);
    std::string text;
    char buffer[4096];
    ssize_t size = 0;
    while ((size = read(file, buffer, sizeof buffer)) > 0) text.append(buffer, static_cast<std::size_t>(size));
    if (size < 0) fail("read " + path);
    close(file);
    return text;
}

constexpr int files = 300;

/// A tree: many files, some of them removed, a hole, links, a directory that moved.
int write_tree() {
    if (mkdir(at("before").c_str(), 0755) != 0) fail("mkdir");
    for (int i = 0; i != files; ++i) write_file(at("before/" + std::to_string(i)), contents(i), i % 50 == 0);
    for (int i = 0; i < files; i += 3) unlink(at("before/" + std::to_string(i)).c_str());
    if (rename(at("before").c_str(), at("tree").c_str()) != 0) fail("rename");
    if (link(at("tree/1").c_str(), at("hard").c_str()) != 0) fail("link");
    if (symlink("tree/2", at("soft").c_str()) != 0) fail("symlink");
    const int hole = open(at("hole").c_str(), O_RDWR | O_CREAT, 0600);
    if (hole < 0 || pwrite(hole, "end", 3, 10 << 20) != 3 || fsync(hole) != 0) fail("hole");
    close(hole);
    puts("written");
    return 0;
}

int check_tree() {
    for (int i = 0; i != files; ++i) {
        const std::string path = at("tree/" + std::to_string(i));
        struct stat status;
        if (i % 3 == 0) {
            if (stat(path.c_str(), &status) == 0) fail("removed, and there: " + path);
        } else if (read_file(path) != contents(i)) {
            fail("other contents: " + path);
        }
    }
    if (read_file(at("hard")) != contents(1) || read_file(at("soft")) != contents(2)) fail("links");
    const std::string hole = read_file(at("hole"));
    if (hole.size() != (10 << 20) + 3 || hole.substr(10 << 20) != "end" || hole.find_first_not_of('\0') != 10 << 20)
        fail("hole");
    puts("as written");
    return 0;
}

/// Lines that are durable when they have been printed, from several threads.
void* append_lines(void* name) {
    const int file = open(at(static_cast<const char*>(name)).c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (file < 0) fail("open");
    for (int i = 0;; ++i) {
        const std::string line = std::to_string(i) + "\n";
        if (write(file, line.data(), line.size()) != static_cast<ssize_t>(line.size())) fail("append");
        if (fdatasync(file) != 0) fail("fdatasync");
        printf("%s %d\n", static_cast<const char*>(name), i);
        fflush(stdout);
    }
}

int append() {
    static char names[][8] = {"one", "two", "three"};
    std::vector<pthread_t> threads(std::size(names));
    for (std::size_t i = 0; i != threads.size(); ++i) pthread_create(&threads[i], nullptr, append_lines, names[i]);
    for (const pthread_t thread : threads) pthread_join(thread, nullptr);
    return 0;
}

int fill() {
    const int file = open(at("full").c_str(), O_WRONLY | O_CREAT, 0644);
    const std::string block(65536, 'x');
    ssize_t size = 0;
    do {
        size = write(file, block.data(), block.size());
    } while (size > 0);
    printf("full: %s\n", strerror(errno));
    if (fsync(file) != 0) fail("fsync");
    close(file);
    if (unlink(at("full").c_str()) != 0) fail("unlink");
    write_file(at("after"), "room again", true);
    struct statvfs now;
    if (statvfs(place.c_str(), &now) != 0) fail("statvfs");
    puts(now.f_bfree * 10 > now.f_blocks * 8 ? "room again" : "no room");
    return 0;
}

double seconds() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void report(const char* what, double count, double begun) { printf("%s: %.0f/s\n", what, count / (seconds() - begun)); }

void measure_appends(int count) {
    const int file = open(at("appended").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    const std::string block(4096, 'a');
    const double begun = seconds();
    for (int i = 0; i != count; ++i)
        if (write(file, block.data(), block.size()) != 4096 || fsync(file) != 0) fail("append");
    report("append + fsync", count, begun);
    close(file);
}

void measure_random(int count) {
    const int file = open(at("random").c_str(), O_RDWR | O_CREAT, 0644);
    const std::string block(4096, 'r');
    for (int i = 0; i != 4096; ++i)
        if (write(file, block.data(), block.size()) != 4096) fail("write");
    fsync(file);
    const double begun = seconds();
    unsigned next = 1;
    for (int i = 0; i != count; ++i) {
        next = next * 1'103'515'245 + 12345;
        if (pwrite(file, block.data(), block.size(), static_cast<off_t>(next / 65536 % 4096) * 4096) != 4096 ||
            fsync(file) != 0)
            fail("write");
    }
    report("random + fsync", count, begun);
    close(file);
}

void measure_names(int count) {
    if (mkdir(at("names").c_str(), 0755) != 0) fail("mkdir");
    const auto name = [](int i) { return at("names/file-" + std::to_string(i)); };
    double begun = seconds();
    for (int i = 0; i != count; ++i) close(open(name(i).c_str(), O_WRONLY | O_CREAT, 0644));
    report("create", count, begun);
    begun = seconds();
    struct stat status;
    for (int i = 0; i != count; ++i)
        if (stat(name(i).c_str(), &status) != 0) fail("stat");
    report("look up", count, begun);
    begun = seconds();
    for (int i = 0; i != count; ++i)
        if (unlink(name(i).c_str()) != 0) fail("unlink");
    report("unlink", count, begun);
    begun = seconds();
    for (int i = 0; i != count / 10; ++i) write_file(name(i), "", true);
    report("create + fsync", count / 10, begun);
}

void measure_sequential(int mebibytes) {
    const std::string block(1 << 20, 's');
    const int file = open(at("sequential").c_str(), O_RDWR | O_CREAT, 0644);
    double begun = seconds();
    for (int i = 0; i != mebibytes; ++i)
        if (write(file, block.data(), block.size()) != 1 << 20) fail("write");
    fsync(file);
    report("sequential write, MiB", mebibytes, begun);
    std::string read_back(1 << 20, 0);
    begun = seconds();
    for (int i = 0; i != mebibytes; ++i)
        if (pread(file, read_back.data(), read_back.size(), static_cast<off_t>(i) << 20) != 1 << 20) fail("read");
    report("sequential read, MiB", mebibytes, begun);
    close(file);
}

int measure() {
    measure_appends(2000);
    measure_random(4000);
    measure_names(10'000);
    measure_sequential(512);
    return 0;
}

}  // namespace

int main(int count, char** arguments) {
    const std::string what = count > 1 ? arguments[1] : "";
    if (count > 2) place = arguments[2];
    if (what == "write") return write_tree();
    if (what == "check") return check_tree();
    if (what == "append") return append();
    if (what == "fill") return fill();
    if (what == "measure") return measure();
    return 2;
}
