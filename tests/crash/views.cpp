// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/views.h"

#include <fstream>

namespace tenon::crash {

Outcome<InodeReference> walk(FileSystem& file_system, const std::string& path) {
    InodeReference at = InodeReference::share(file_system.root());
    for (std::size_t begin = 1; begin < path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        Outcome<InodeReference> next = at->look_up(std::string_view(path).substr(begin, end - begin));
        if (!next) return std::unexpected(next.error());
        at = std::move(*next);
        begin = end + 1;
    }
    return at;
}

bool read_all(Inode& inode, std::span<std::byte> contents) {
    for (std::size_t done = 0; done < contents.size();) {
        const Outcome<std::size_t> got = inode.read(contents.subspan(done), static_cast<off_t>(done));
        if (!got || *got == 0) return false;
        done += *got;
    }
    return true;
}

View::Found TenonView::look(const std::string& path) {
    const Outcome<InodeReference> inode = walk(file_system_, path);
    struct stat status {};
    if (!inode || !(*inode)->status(status)) return {Kind::absent, 0};
    const Kind kind = (*inode)->is_directory() ? Kind::directory : (*inode)->is_link() ? Kind::link : Kind::file;
    return {kind, static_cast<std::uint64_t>(status.st_size)};
}

std::vector<std::string> TenonView::list(const std::string& path) {
    std::vector<std::string> names;
    const Outcome<InodeReference> inode = walk(file_system_, path);
    if (!inode) return names;
    DirectoryEntry entry;
    for (std::uint64_t cookie = 0;;) {
        const Outcome<bool> more = (*inode)->read_entry(cookie, entry);
        if (!more || !*more) break;
        if (entry.text() != "lost+found") names.emplace_back(entry.text());
    }
    return names;
}

bool TenonView::read(const std::string& path, std::span<std::byte> contents) {
    const Outcome<InodeReference> inode = walk(file_system_, path);
    return inode && read_all(**inode, contents);
}

std::string TenonView::target(const std::string& path) {
    char buffer[4096];
    const Outcome<InodeReference> inode = walk(file_system_, path);
    if (!inode) return {};
    const Outcome<std::size_t> size = (*inode)->read_link(buffer);
    return size ? std::string(buffer, *size) : std::string();
}

namespace {

std::filesystem::path below(const std::filesystem::path& root, const std::string& path) {
    return std::filesystem::path(root.string() + path);
}

}  // namespace

View::Found HostView::look(const std::string& path) {
    struct stat status {};
    if (lstat(below(root_, path).c_str(), &status) != 0) return {Kind::absent, 0};
    const Kind kind = S_ISDIR(status.st_mode) ? Kind::directory : S_ISLNK(status.st_mode) ? Kind::link : Kind::file;
    return {kind, static_cast<std::uint64_t>(status.st_size)};
}

std::vector<std::string> HostView::list(const std::string& path) {
    std::vector<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(below(root_, path), error), end; !error && entry != end;
         entry.increment(error))
        if (entry->path().filename() != "lost+found") names.push_back(entry->path().filename());
    return names;
}

bool HostView::read(const std::string& path, std::span<std::byte> contents) {
    std::ifstream file(below(root_, path), std::ios::binary);
    return file.read(reinterpret_cast<char*>(contents.data()), static_cast<std::streamsize>(contents.size())).good() ||
           contents.empty();
}

std::string HostView::target(const std::string& path) {
    std::error_code error;
    return std::filesystem::read_symlink(below(root_, path), error);
}

}  // namespace tenon::crash
