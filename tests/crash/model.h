// SPDX-License-Identifier: Apache-2.0
// What a file system may contain after a power cut, as far as it has promised: every state that a path went through,
// and which of them were acknowledged by fsync() or sync().
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/crash/recording_store.h"

namespace tenon::crash {

enum class Kind : std::uint8_t { absent, file, directory, link };

/// A file is a sequence of sectors, each filled from a stamp of its own; 0 stands for zeros.
using Stamps = std::vector<std::uint32_t>;

/// What sector `index` with a stamp has in it.
void fill(std::span<std::byte> bytes, std::uint32_t stamp, std::size_t index);

/// A file system to be compared with the model.
class View {
public:
    struct Found {
        Kind kind;
        std::uint64_t size;
    };
    virtual ~View() = default;
    /// Kind::absent: there is nothing. Paths begin with a slash.
    virtual Found look(const std::string& path) = 0;
    /// The names in a directory, without "lost+found".
    virtual std::vector<std::string> list(const std::string& path) = 0;
    /// The file's contents, `size` bytes; false if they cannot be read.
    virtual bool read(const std::string& path, std::span<std::byte> contents) = 0;
    virtual std::string target(const std::string& path) = 0;
};

class Model {
public:
    /// What happens next is recorded from this place of the store's log on.
    void at(std::size_t position) { position_ = position; }

    void made(const std::string& path, Kind kind, const std::string& target = {});
    void removed(const std::string& path);
    /// Sectors from `first` on got these stamps. Also what was written up to any block's end may be found.
    void wrote(const std::string& path, std::size_t first, std::span<const std::uint32_t> stamps,
               std::size_t per_block);
    void resized(const std::string& path, std::size_t sectors, std::size_t per_block);
    /// With all that is below it. What was at `to` is replaced.
    void renamed(const std::string& from, const std::string& to);
    void exchanged(const std::string& one, const std::string& other);
    void linked(const std::string& path, const std::string& to);

    /// What path, its name and contents, is now is durable; so are the names in it, if it is a directory.
    void acknowledge(const std::string& path);
    /// All names are, too.
    void acknowledge_names();
    /// All is.
    void acknowledge_all();

    [[nodiscard]] const Stamps& stamps(const std::string& path) { return latest(path).stamps; }
    [[nodiscard]] bool exists(const std::string& path);
    [[nodiscard]] std::size_t paths() const { return paths_.size(); }

    /// What is wrong with a file system whose power was cut when `position` records were under way; empty: nothing.
    [[nodiscard]] std::string compare(View& view, std::size_t position) const;

private:
    struct Version {
        std::uint32_t serial;
        std::size_t from;        ///< it may be on the disk from this record on
        std::uint32_t identity;  ///< of the file that has the name
        Kind kind;
        Stamps stamps;
        std::string target;
    };
    struct Acknowledgement {
        std::size_t from;
        std::uint32_t serial;
    };
    struct Path {
        std::vector<Version> versions;
        std::vector<Acknowledgement> names, contents;
    };
    struct Expected;

    Version& latest(const std::string& path);
    Version& change(const std::string& path);
    /// The versions of `from` that may be found become versions of `to`.
    void copy(const Path& from, const std::string& to);
    std::vector<std::string> below(const std::string& path) const;
    static std::uint32_t last(const std::vector<Acknowledgement>& all, std::size_t position);
    std::string compare(View& view, const std::string& name, const Path& path, std::size_t position) const;

    std::map<std::string, Path> paths_;
    std::size_t position_ = 0;
    std::uint32_t serial_ = 0, identity_ = 0;
};

}  // namespace tenon::crash
