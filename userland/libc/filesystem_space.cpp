// SPDX-License-Identifier: Apache-2.0
// std::filesystem::space: libstdc++'s, made without <sys/statvfs.h>, fails always.
#include <errno.h>
#include <sys/statvfs.h>

#include <filesystem>

namespace fs = std::filesystem;

fs::space_info space_of(const fs::path& path, std::error_code& code) noexcept
    asm("__wrap__ZNSt10filesystem5spaceERKNS_7__cxx114pathERSt10error_code");
fs::space_info space_of(const fs::path& path) asm("__wrap__ZNSt10filesystem5spaceERKNS_7__cxx114pathE");

fs::space_info space_of(const fs::path& path, std::error_code& code) noexcept {
    constexpr auto unknown = static_cast<std::uintmax_t>(-1);
    struct statvfs now;
    if (statvfs(path.c_str(), &now) != 0) {
        code.assign(errno, std::generic_category());
        return {unknown, unknown, unknown};
    }
    code.clear();
    return {now.f_blocks * now.f_frsize, now.f_bfree * now.f_frsize, now.f_bavail * now.f_frsize};
}

fs::space_info space_of(const fs::path& path) {
    std::error_code code;
    const fs::space_info info = space_of(path, code);
    if (code) throw fs::filesystem_error("cannot get free space", path, code);
    return info;
}
