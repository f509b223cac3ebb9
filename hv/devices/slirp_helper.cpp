// SPDX-License-Identifier: Apache-2.0
// Starting hv-slirp, and hearing from it.
#include "hv/devices/slirp_helper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <string>
#include <vector>

#include "hv/core/text.h"
#include "hv/devices/slirp/protocol.h"
#include "hv/devices/virtio_net_header.h"

namespace hv {

namespace {

constexpr int start_limit_ms = 10'000;
constexpr int end_limit_ms = 1'000;

/// The folder of this process's file.
std::string own_folder() {
    std::array<char, PATH_MAX> self{};
    const ssize_t size = readlink("/proc/self/exe", self.data(), self.size());
    const std::string_view path(self.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    return std::string(path.substr(0, path.rfind('/') + 1));
}

/// Where hv-slirp is: beside hv as built, in PREFIX/libexec/tenon as installed.
Result<std::string> helper_path() {
    const std::string folder = own_folder();
    const std::string built = folder + "hv-slirp";
    const std::string installed = folder + "../libexec/tenon/hv-slirp";
    for (const std::string& path : {built, installed})
        if (access(path.c_str(), X_OK) == 0) return path;
    return fail(ErrorKind::not_found,
                fmt::format("user-mode network: there is no program '{}' or '{}' "
                            "(make hv builds it, make install installs it; or use --net tap=NAME)",
                            built, installed));
}

std::unexpected<Error> helper_error(const std::string& what) {
    return fail(ErrorKind::internal, fmt::format("user-mode network: hv-slirp {}", what));
}

/// "error 104 port 8080: ...".
std::unexpected<Error> reported_error(std::string_view text) {
    text.remove_prefix(sizeof slirp::error_word);
    const std::size_t space = text.find(' ');
    const auto kind = parse_number(text.substr(0, space));
    if (!kind || space == std::string_view::npos) return helper_error("said nothing that can be understood");
    return fail(static_cast<ErrorKind>(*kind), std::string(text.substr(space + 1)));
}

}  // namespace

Result<SlirpHelper> SlirpHelper::start(const UserNetworkOptions& network, std::uint64_t memory) {
    TRY(const std::string path, helper_path());
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return helper_error(fmt::format("has no socket: {}", std::strerror(errno)));
    FileDescriptor ours(pair[0]);
    const FileDescriptor theirs(pair[1]);
    // Its end may block and ours may not: what is non-blocking is each end's own.
    fcntl(ours.get(), F_SETFL, O_NONBLOCK);

    std::vector<std::string> words = {"hv-slirp", fmt::format("{}", getpid()), fmt::format("memory={}", memory)};
    if (network.host_loopback) words.emplace_back("host-loopback");
    if (!network.guest_address.empty()) words.push_back("guest=" + network.guest_address);
    for (const PortForward& forward : network.forwards)
        words.push_back(
            fmt::format("{}/{}:{}:{}", forward.udp ? "udp" : "tcp", forward.address, forward.host, forward.guest));
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    char* environment[] = {nullptr};

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, theirs.get(), slirp::socket_fd);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO);
    pid_t process = -1;
    const int error = posix_spawn(&process, path.c_str(), &actions, nullptr, arguments.data(), environment);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) return helper_error(fmt::format("cannot be started: {}", std::strerror(error)));
    // Before hv confines itself.
    FileDescriptor status(open(process_status_path(process).c_str(), O_RDONLY | O_CLOEXEC));
    FileDescriptor end(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
    return SlirpHelper(process, std::move(ours), std::move(status), std::move(end));
}

Result<NetBackend> SlirpHelper::wait_until_ready(UserNetworkOptions& network) {
    pollfd poller{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    int polled = 0;
    do polled = poll(&poller, 1, start_limit_ms);
    while (polled < 0 && errno == EINTR);
    if (polled <= 0) return helper_error("does not answer");
    std::array<char, slirp::message_limit> buffer{};
    const ssize_t size = read(socket_.get(), buffer.data(), buffer.size());
    if (size <= 0) return helper_error("ended at once (is libslirp installed?)");
    const std::string_view text(buffer.data(), static_cast<std::size_t>(size));
    if (text.starts_with(slirp::error_word)) return reported_error(text);

    const auto words = split(text, ' ');
    if (words[0] != slirp::ready_word || words.size() != network.forwards.size() + 1)
        return helper_error("said nothing that can be understood");
    for (std::size_t i = 0; i < network.forwards.size(); ++i)
        network.forwards[i].host = static_cast<std::uint16_t>(parse_number(words[i + 1]).value_or(0));
    // The helper completes the checksums that the guest leaves out, and never leaves out one itself.
    const std::uint64_t offloads = 1ULL << VIRTIO_NET_F_CSUM | 1ULL << VIRTIO_NET_F_GUEST_CSUM;
    return NetBackend{NetBackend::Kind::helper, std::move(socket_), offloads, slirp::mtu};
}

SlirpHelper::~SlirpHelper() {
    if (process_ < 0) return;
    // A confined hv may signal no process of another user, as which the helper runs where hv is root's.
    socket_ = FileDescriptor();
    pollfd poller{.fd = end_.get(), .events = POLLIN, .revents = 0};
    poll(&poller, 1, end_limit_ms);
    siginfo_t end{};
    waitid(P_PIDFD, static_cast<id_t>(end_.get()), &end, WEXITED | WNOHANG);
}

}  // namespace hv
