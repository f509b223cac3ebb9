// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/workloads.h"

#include <algorithm>

namespace tenon::crash {
namespace {

constexpr std::uint64_t mib = 1 << 20;

/// Logs that grow by a few sectors, each append followed by fsync() or fdatasync().
void append(Driver& driver, unsigned steps) {
    const std::vector<std::string> logs{"/log", "/events", "/audit"};
    for (unsigned step = 0; step < steps && driver.failure().empty(); ++step) {
        const std::string& log = logs[driver.below(logs.size())];
        if (!driver.model().exists(log)) driver.make(log, Kind::file);
        const std::size_t writes = 1 + driver.below(3);
        for (std::size_t write = 0; write < writes; ++write) driver.append(log, 1 + driver.below(20));
        if (driver.below(4) != 0) driver.below(2) != 0 ? driver.fsync(log) : driver.fdatasync(log);
        // A log is rotated.
        if (driver.size(log) > 600 && driver.rename(log, log + ".old") && driver.make(log, Kind::file))
            driver.fsync(log);
    }
}

/// Names come and go: files, directories of one block and of many, links, files that are removed while they are open.
class Names {
public:
    explicit Names(Driver& driver) : driver_(driver) {}

    void step() {
        const std::size_t kind = driver_.below(100);
        if (kind < 20) {
            const std::string path = new_path("file");
            if (!driver_.make(path, Kind::file)) return;
            files_.push_back(path);
            if (driver_.below(4) != 0) driver_.write(path, 0, 1 + driver_.below(40));
            if (driver_.below(2) != 0) driver_.fsync(path);
        } else if (kind < 32 && !files_.empty()) {
            const std::string path = take(files_);
            if (driver_.below(3) == 0) driver_.hold(path);
            driver_.unlink(path);
        } else if (kind < 44 && !files_.empty()) {
            const std::string from = take(files_);
            const std::string to = driver_.below(2) != 0 && !files_.empty() ? take(files_) : new_path("renamed");
            if (from != to && driver_.rename(from, to)) files_.push_back(to);
        } else if (kind < 50 && files_.size() > 1) {
            const std::string one = take(files_), other = take(files_);
            driver_.exchange(one, other);
            files_.push_back(one);
            files_.push_back(other);
        } else if (kind < 56 && !files_.empty()) {
            const std::string to = new_path("linked");
            // A linked file is not written any more: the model has no shared contents.
            if (driver_.link(files_[driver_.below(files_.size())], to)) files_.push_back(to);
        } else if (kind < 64) {
            const std::string path = new_path("directory");
            if (std::ranges::count(path, '/') < 4 && driver_.make(path, Kind::directory)) directories_.push_back(path);
        } else if (kind < 68) {
            driver_.make(new_path("symlink"), Kind::link, std::string(10 + driver_.below(200), 'x'));
        } else if (kind < 72) {
            move_directory();
        } else if (kind < 84) {
            large_directory();
        } else if (kind < 92) {
            driver_.release();
        } else if (kind < 96) {
            driver_.fsync(directories_[driver_.below(directories_.size())]);
        } else {
            driver_.sync();
        }
    }

private:
    std::string new_path(const std::string& name) {
        return directories_[driver_.below(directories_.size())] + "/" + name + "-" + std::to_string(++counter_);
    }
    std::string take(std::vector<std::string>& from) {
        std::swap(from[driver_.below(from.size())], from.back());
        std::string path = std::move(from.back());
        from.pop_back();
        return path;
    }
    /// With all that is in it.
    void move_directory() {
        if (directories_.size() < 2) return;
        const std::string from = directories_[1 + driver_.below(directories_.size() - 1)];
        const std::string to = "/moved-" + std::to_string(++counter_);
        if (!driver_.rename(from, to)) return;
        for (std::vector<std::string>* paths : {&files_, &directories_})
            for (std::string& path : *paths)
                if (path == from || path.starts_with(from + "/")) path = to + path.substr(from.size());
        // fsync() of what is below makes no name above it durable, which the model would expect.
        driver_.sync();
    }
    /// Its blocks are logged, freed, and become a file's, which must not be written over by a replay.
    void large_directory() {
        const std::string directory = "/large-" + std::to_string(++counter_);
        if (!driver_.make(directory, Kind::directory)) return;
        std::vector<std::string> paths;
        const std::size_t count = 40 + driver_.below(60);
        for (std::size_t index = 0; index < count; ++index) {
            paths.push_back(directory + "/" + std::string(180, 'n') + std::to_string(index));
            if (!driver_.make(paths.back(), driver_.below(4) == 0 ? Kind::directory : Kind::file)) paths.pop_back();
        }
        driver_.sync();
        for (const std::string& path : paths) driver_.unlink(path);
        driver_.unlink(directory);
        if (driver_.below(2) != 0) driver_.sync();
        const std::string file = "/reused-" + std::to_string(++counter_);
        if (!driver_.make(file, Kind::file)) return;
        driver_.write(file, 0, 80 + driver_.below(160));
        driver_.fsync(file);
        files_.push_back(file);
    }

    Driver& driver_;
    std::vector<std::string> files_, directories_{""};
    unsigned counter_ = 0;
};

void names(Driver& driver, unsigned steps) {
    Names all(driver);
    for (unsigned step = 0; step < steps && driver.failure().empty(); ++step) all.step();
}

/// A journal is written and synchronised, then pages in place, then the journal goes; a configuration is replaced.
void database(Driver& driver, unsigned steps) {
    constexpr std::size_t page = 8, pages = 64;
    if (driver.make("/db", Kind::file)) driver.write("/db", 0, page * pages);
    driver.fsync("/db");
    for (unsigned step = 0; step < steps && driver.failure().empty(); ++step) {
        if (driver.below(4) != 0) {
            if (!driver.make("/db-journal", Kind::file)) continue;
            driver.write("/db-journal", 0, page * (1 + driver.below(4)));
            driver.fsync("/db-journal");
            for (int write = 0; write < 3; ++write) driver.write("/db", page * driver.below(pages), page);
            driver.below(2) != 0 ? driver.fsync("/db") : driver.fdatasync("/db");
            driver.unlink("/db-journal");
            if (driver.below(2) != 0) driver.fsync("");
        } else {
            if (!driver.make("/conf.new", Kind::file)) continue;
            driver.write("/conf.new", 0, 1 + driver.below(12));
            driver.fsync("/conf.new");
            driver.rename("/conf.new", "/conf");
            if (driver.below(2) != 0) driver.fsync("");
        }
    }
}

/// Sparse writes, truncates both ways, writes over what is there.
void truncate(Driver& driver, unsigned steps) {
    std::vector<std::string> files;
    for (unsigned step = 0; step < steps && driver.failure().empty(); ++step) {
        if (files.size() < 6) {
            files.push_back("/random-" + std::to_string(step));
            driver.make(files.back(), Kind::file);
        }
        const std::string path = files[driver.below(files.size())];
        const std::size_t kind = driver.below(10);
        if (kind < 6) {
            const std::size_t stride = 1 + driver.below(40);
            std::size_t at = driver.below(300);
            for (int write = 0; write < 6; ++write, at += stride) driver.write(path, at, 1 + driver.below(12));
        } else if (kind < 9) {
            driver.resize(path, driver.below(300));
        } else {
            driver.unlink(path);
            std::erase(files, path);
            continue;
        }
        if (driver.below(3) == 0) driver.fsync(path);
        if (driver.below(12) == 0) driver.sync();
    }
}

/// Writes until nothing fits, removes some, writes again: freed blocks are taken at once.
void full(Driver& driver, unsigned steps) {
    std::vector<std::string> files;
    unsigned counter = 0;
    const auto remove = [&] {
        std::swap(files[driver.below(files.size())], files.back());
        driver.unlink(files.back());
        files.pop_back();
    };
    for (unsigned step = 0; step < steps && driver.failure().empty(); ++step) {
        const unsigned before = driver.full();
        const std::string path = "/fill-" + std::to_string(++counter);
        if (driver.make(path, Kind::file)) {
            files.push_back(path);
            for (std::size_t part = 1 + driver.below(8); part != 0 && driver.full() == before; --part)
                driver.append(path, 64 + driver.below(128));
            if (driver.below(2) != 0) driver.fsync(path);
        }
        if (driver.full() == before) continue;
        for (std::size_t count = 2 + driver.below(6); count != 0 && files.size() > 1; --count) remove();
        if (driver.below(3) == 0) driver.sync();
        // What still is there is written over in place.
        driver.write(files[driver.below(files.size())], 0, 16);
    }
}

constexpr Workload all[] = {
    {"append", append, 60, 16 * mib},     {"names", names, 220, 16 * mib}, {"database", database, 60, 16 * mib},
    {"truncate", truncate, 90, 16 * mib}, {"full", full, 120, 10 * mib},
};

}  // namespace

std::span<const Workload> workloads() { return all; }

}  // namespace tenon::crash
