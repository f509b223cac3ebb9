// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/driver.h"

#include <cstring>

#include "tests/crash/views.h"

namespace tenon::crash {

bool Driver::failed(const char* what, const std::string& path, Errno error) {
    if (error.code == ENOSPC) {
        ++full_;
    } else if (failure_.empty()) {
        failure_ = std::string(what) + " " + path + ": " + std::strerror(error.code);
    }
    return false;
}

Outcome<InodeReference> Driver::find(const std::string& path) { return walk(as_file_system(file_system_), path); }

Outcome<InodeReference> Driver::directory_of(const std::string& path) { return find(path.substr(0, path.rfind('/'))); }

bool Driver::make(const std::string& path, Kind kind, const std::string& target) {
    begin();
    const mode_t mode = kind == Kind::directory ? S_IFDIR | 0755 : kind == Kind::link ? S_IFLNK | 0777 : S_IFREG | 0644;
    const Outcome<InodeReference> directory = directory_of(path);
    if (!directory) return failed("look up the directory of", path, directory.error());
    const Outcome<InodeReference> made = (*directory)->create(name_of(path), mode, target);
    if (!made) return failed("create", path, made.error());
    model_.made(path, kind, target);
    return true;
}

bool Driver::write(const std::string& path, std::size_t first, std::size_t sectors) {
    begin();
    Stamps stamps(sectors);
    std::vector<std::byte> bytes(sectors * sector);
    for (std::size_t index = 0; index < sectors; ++index) {
        stamps[index] = ++stamp_;
        fill(std::span(bytes).subspan(index * sector, sector), stamps[index], first + index);
    }
    const Outcome<InodeReference> file = find(path);
    if (!file) return failed("look up", path, file.error());
    for (std::size_t done = 0; done < bytes.size();) {
        auto offset = static_cast<off_t>(first * sector + done);
        const Outcome<std::size_t> wrote = (*file)->write(std::span(bytes).subspan(done), offset, false);
        const std::size_t whole = wrote ? *wrote / sector : 0;
        if (whole != 0)
            model_.wrote(path, first + done / sector, std::span(stamps).subspan(done / sector, whole), per_block_);
        if (!wrote) return failed("write", path, wrote.error());
        if (*wrote == 0 || *wrote % sector != 0) {
            failure_ = "write " + path + ": wrote " + std::to_string(*wrote) + " bytes";
            return false;
        }
        done += *wrote;
    }
    return true;
}

bool Driver::resize(const std::string& path, std::size_t sectors) {
    begin();
    const Outcome<InodeReference> file = find(path);
    if (!file) return failed("look up", path, file.error());
    if (const Outcome<> done = (*file)->resize(static_cast<off_t>(sectors * sector)); !done)
        return failed("truncate", path, done.error());
    model_.resized(path, sectors, per_block_);
    return true;
}

bool Driver::unlink(const std::string& path) {
    begin();
    const Outcome<InodeReference> file = find(path);
    const Outcome<InodeReference> directory = directory_of(path);
    if (!file || !directory) return failed("look up", path, file ? directory.error() : file.error());
    if (const Outcome<> done = (*directory)->unlink(name_of(path), (*file)->is_directory()); !done)
        return failed("unlink", path, done.error());
    model_.removed(path);
    return true;
}

bool Driver::rename(const std::string& from, const std::string& to) {
    begin();
    const Outcome<InodeReference> directory = directory_of(from);
    const Outcome<InodeReference> target = directory_of(to);
    if (!directory || !target) return failed("look up", from, directory ? target.error() : directory.error());
    // Two names of one file stay both: not what is meant here.
    const Outcome<InodeReference> file = find(from), replaced = find(to);
    if (file && replaced && (*file)->number() == (*replaced)->number()) return false;
    const Outcome<> done = (*directory)->rename(name_of(from), **target, name_of(to), Inode::Rename::replace);
    if (!done) return failed("rename", from, done.error());
    model_.renamed(from, to);
    return true;
}

bool Driver::exchange(const std::string& one, const std::string& other) {
    begin();
    const Outcome<InodeReference> directory = directory_of(one);
    const Outcome<InodeReference> target = directory_of(other);
    if (!directory || !target) return failed("look up", one, directory ? target.error() : directory.error());
    const Outcome<> done = (*directory)->rename(name_of(one), **target, name_of(other), Inode::Rename::exchange);
    if (!done) return failed("exchange", one, done.error());
    model_.exchanged(one, other);
    return true;
}

bool Driver::link(const std::string& path, const std::string& to) {
    begin();
    const Outcome<InodeReference> file = find(path);
    const Outcome<InodeReference> directory = directory_of(to);
    if (!file || !directory) return failed("look up", path, file ? directory.error() : file.error());
    if (const Outcome<> done = (*directory)->link(name_of(to), **file); !done) return failed("link", to, done.error());
    model_.linked(path, to);
    return true;
}

bool Driver::fsync(const std::string& path) {
    const Outcome<InodeReference> file = find(path);
    if (!file) return failed("look up", path, file.error());
    if (const Outcome<> done = (*file)->synchronise(false); !done) return failed("fsync", path, done.error());
    begin();
    model_.acknowledge(path);
    return true;
}

bool Driver::fdatasync(const std::string& path) {
    const Outcome<InodeReference> file = find(path);
    if (!file) return failed("look up", path, file.error());
    if (const Outcome<> done = (*file)->synchronise(true); !done) return failed("fdatasync", path, done.error());
    begin();
    model_.acknowledge(path);
    return true;
}

bool Driver::sync() {
    if (const Outcome<> done = as_file_system(file_system_).synchronise(); !done)
        return failed("sync", "", done.error());
    begin();
    model_.acknowledge_all();
    return true;
}

void Driver::hold(const std::string& path) {
    Outcome<InodeReference> file = find(path);
    if (file) held_.push_back(std::move(*file));
}

void Driver::release() {
    if (!held_.empty()) held_.pop_back();
}

}  // namespace tenon::crash
