// SPDX-License-Identifier: Apache-2.0
// Control messages of local sockets.
#include "userland/posix/local/local_control.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace tenon::posix {

namespace {
constexpr std::size_t header_size = CMSG_LEN(0);
}

Outcome<PassedFiles> read_passed_files(const msghdr& header) {
    PassedFiles files;
    if (header.msg_control == nullptr) return files;
    const std::span<const std::byte> control(static_cast<const std::byte*>(header.msg_control), header.msg_controllen);
    for (std::size_t at = 0; control.size() - at >= sizeof(cmsghdr);) {
        cmsghdr each;
        std::memcpy(&each, control.data() + at, sizeof(each));
        if (each.cmsg_len < header_size || each.cmsg_len > control.size() - at) return fail_with(EINVAL);
        const auto data = control.subspan(at + header_size, each.cmsg_len - header_size);
        if (each.cmsg_level == SOL_SOCKET) {
            if (each.cmsg_type == SCM_RIGHTS)
                CHECK(files.add(data));
            else if (each.cmsg_type != SCM_CREDENTIALS || data.size() != sizeof(ucred))
                return fail_with(EINVAL);
        }
        const std::size_t step = CMSG_ALIGN(each.cmsg_len);
        if (step >= control.size() - at) break;
        at += step;
    }
    return files;
}

void ControlWriter::put_header(int type, std::size_t size) {
    cmsghdr header{};
    header.cmsg_len = CMSG_LEN(size);
    header.cmsg_level = SOL_SOCKET;
    header.cmsg_type = type;
    std::memcpy(room_.data() + size_, &header, sizeof(header));
}

void ControlWriter::put_credentials() {
    const ucred self{getpid(), getuid(), getgid()};
    if (room_.size() - size_ < CMSG_LEN(sizeof(self))) {
        flags_ |= MSG_CTRUNC;
        return;
    }
    put_header(SCM_CREDENTIALS, sizeof(self));
    std::memcpy(room_.data() + size_ + header_size, &self, sizeof(self));
    size_ += std::min(CMSG_SPACE(sizeof(self)), room_.size() - size_);
}

void ControlWriter::put_files(PassedFiles& files, bool close_on_exec) {
    if (files.empty()) return;
    const std::size_t left = room_.size() - size_;
    const std::size_t fitting = left > header_size ? (left - header_size) / sizeof(int) : 0;
    const std::size_t count = files.count();
    int descriptors[PassedFiles::most];
    const std::size_t opened = files.open({descriptors, std::min(fitting, count)}, close_on_exec);
    if (opened != count) flags_ |= MSG_CTRUNC;
    if (opened == 0) return;
    put_header(SCM_RIGHTS, opened * sizeof(int));
    std::memcpy(room_.data() + size_ + header_size, descriptors, opened * sizeof(int));
    size_ += std::min(CMSG_SPACE(opened * sizeof(int)), left);
}

}  // namespace tenon::posix
