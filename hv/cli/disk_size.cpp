// SPDX-License-Identifier: Apache-2.0
// Resizing a disk of a running machine.
#include "hv/cli/disk_size.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "hv/api/drives_api.h"
#include "hv/cli/values.h"
#include "hv/core/errno_kind.h"
#include "hv/core/file_descriptor.h"

namespace hv {

namespace {

constexpr std::string_view size_of_image = "image";
constexpr std::uint64_t sector = 512;

Result<> grow(const std::string& path, std::uint64_t size) {
    const auto wrong = [&path](ErrorKind kind, const std::string& why) {
        return fail(kind, fmt::format("disk '{}': {}", path, why));
    };
    const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat status {};
    if (!file || fstat(file.get(), &status) != 0) return wrong(errno_kind(errno), std::strerror(errno));
    if (!S_ISREG(status.st_mode))
        return wrong(ErrorKind::usage, "is not a file: resize it by its own tools, and then give the size 'image'");
    // The machine's own word for its disks is not enough: a guest that has taken its hv over could name any file. A
    // disk in use is locked, and a confined hv can lock no other file.
    if (flock(file.get(), LOCK_EX | LOCK_NB) == 0)
        return wrong(ErrorKind::usage, "no machine has it open: the machine names a file that is not its disk");
    if (errno != EWOULDBLOCK) return wrong(errno_kind(errno), std::strerror(errno));
    const auto present = static_cast<std::uint64_t>(status.st_size);
    if (size < present)
        return wrong(ErrorKind::usage,
                     fmt::format("has {} bytes, and is not made smaller while a machine uses it", present));
    if (ftruncate(file.get(), static_cast<off_t>(size)) != 0) return wrong(errno_kind(errno), std::strerror(errno));
    return {};
}

}  // namespace

bool names_disk(std::string_view part) {
    return part.size() == 3 && part.starts_with("vd") && part[2] >= 'a' && part[2] <= 'z';
}

Result<Json> drive_of(const MachineClient& machine, std::string_view name) {
    TRY(const Json config, machine.get("/vm/config"));
    const std::size_t index = static_cast<std::size_t>(name[2] - 'a');
    const std::size_t count = config.contains("drives") ? config["drives"].size() : 0;
    if (index >= count)
        return fail(ErrorKind::usage, fmt::format("machine '{}' has no disk '{}' (it has {})", machine.name(), name,
                                                  count == 0 ? "none" : fmt::format("{} of them", count)));
    return config["drives"][index];
}

Result<> resize_disk(const MachineClient& machine, std::string_view name, std::string_view value) {
    TRY(const Json drive, drive_of(machine, name));
    if (value != size_of_image) {
        TRY(const std::uint64_t size, parse_size(value));
        if (size == 0 || size % sector != 0)
            return fail(ErrorKind::usage, fmt::format("{}.size: {} bytes are not whole sectors of 512", name, size));
        CHECK(grow(text_of(drive, "path_on_host"), size));
    }
    return machine.send("PATCH", drives_path + text_of(drive, "drive_id"), Json::object());
}

}  // namespace hv
