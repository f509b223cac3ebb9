// SPDX-License-Identifier: Apache-2.0
// Following a log over its rotations.
#include "hv/cli/follow.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <array>
#include <string_view>

#include "hv/cli/output.h"
#include "hv/core/file_descriptor.h"
#include "hv/supervise/bounded_log.h"

namespace hv {

namespace {

constexpr int look_again_ms = 50;

/// The log's newest file, read from where the last read ended.
class Follower {
public:
    explicit Follower(std::string path) : path_(std::move(path)) { open_newest(); }

    /// New text; empty: there is none now.
    std::string read_more() {
        if (!file_) open_newest();
        std::string text = read_file();
        if (!text.empty() || !was_rotated()) return text;
        // Nothing is added to a file that was moved away.
        text = read_file();
        open_newest();
        return text + read_file();
    }

private:
    void open_newest() { file_ = FileDescriptor(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)); }
    std::string read_file() {
        std::string text;
        std::array<char, 16384> buffer;
        for (ssize_t size; (size = read(file_.get(), buffer.data(), buffer.size())) > 0;)
            text.append(buffer.data(), static_cast<std::size_t>(size));
        return text;
    }
    [[nodiscard]] bool was_rotated() const {
        struct stat ours {
        }, there{};
        return fstat(file_.get(), &ours) == 0 && stat(path_.c_str(), &there) == 0 && ours.st_ino != there.st_ino;
    }
    std::string path_;
    FileDescriptor file_;
};

}  // namespace

TakeText take_lines(std::function<std::string(std::string_view line)> show) {
    return [show = std::move(show)](std::string& text) {
        std::string shown;
        std::size_t begin = 0;
        for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
            shown += show(std::string_view(text).substr(begin, end - begin));
        text.erase(0, begin);
        return shown;
    };
}

Result<> follow_log(const std::string& path, std::uint64_t lines, const std::function<bool()>& over,
                    const TakeText& take) {
    Follower follower(path);
    std::string waiting = read_log_tail(path + ".1", ~0U);
    bool last_look = over();
    waiting += follower.read_more();
    const std::string first = take(waiting);
    CHECK(print(last_lines(first, lines)));
    while (!last_look) {
        // Asked before the file is read: what was written before the end is seen.
        last_look = over();
        waiting += follower.read_more();
        const std::string text = take(waiting);
        CHECK(print(text));
        if (text.empty() && !last_look) poll(nullptr, 0, look_again_ms);
    }
    return {};
}

}  // namespace hv
