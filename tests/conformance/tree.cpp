// SPDX-License-Identifier: Apache-2.0
// A small tree of files.
#include "tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>

namespace conformance {

namespace {

constexpr const char* place = "/tmp/tree";

void write_file(const char* name, std::string_view text) {
    const int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (fd < 0 || write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::perror(name);
    close(fd);
}

void describe(const std::string& path, std::vector<std::string>& all) {
    DIR* directory = opendir(path.c_str());
    if (directory == nullptr) return;
    while (const dirent* entry = readdir(directory)) {
        const std::string name = entry->d_name;
        if (name == "." || name == "..") continue;
        const std::string whole = path == "." ? name : path + "/" + name;
        struct stat status = {};
        lstat(whole.c_str(), &status);
        char text[64];
        std::snprintf(text, sizeof(text), "=%o,%u,%ld", static_cast<unsigned>(status.st_mode),
                      static_cast<unsigned>(status.st_nlink), static_cast<long>(status.st_size));
        std::string line = whole + text;
        char target[256];
        if (const ssize_t size = readlink(whole.c_str(), target, sizeof(target)); size > 0)
            line += ">" + std::string(target, static_cast<std::size_t>(size));
        all.push_back(line);
        if (S_ISDIR(status.st_mode)) describe(whole, all);
    }
    closedir(directory);
}

}  // namespace

void plant_tree() {
    mkdir(place, 0755);
    if (chdir(place) != 0) std::perror(place);
    write_file("text", "hello");
    write_file("empty", "");
    mkdir("dir", 0755);
    mkdir("full", 0755);
    mkdir("full/deep", 0755);
    write_file("full/inner", "in");
    write_file("full/deep/leaf", "leaf");
    symlink("text", "link");
    symlink("full", "dirlink");
    symlink("nothing", "dangling");
    symlink("loop", "loop");
    symlink("/text.txt", "out");
    link("text", "hard");
}

void fell_tree() {
    if (chdir("/") != 0) std::perror("/");
    std::filesystem::remove_all(place);
}

std::string tree_text() {
    std::vector<std::string> all;
    describe(".", all);
    std::sort(all.begin(), all.end());
    std::string text;
    for (const std::string& line : all) text += line + " ";
    return text;
}

}  // namespace conformance
