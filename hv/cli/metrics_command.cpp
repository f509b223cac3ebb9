// SPDX-License-Identifier: Apache-2.0
// hv metrics: all machines of this user, for Prometheus.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "hv/api/http_server.h"
#include "hv/cli/commands.h"
#include "hv/cli/metrics_text.h"
#include "hv/cli/output.h"
#include "hv/core/errno_kind.h"
#include "hv/core/log.h"
#include "hv/core/text.h"
#include "hv/core/unix_socket.h"
#include "hv/machine/interrupts.h"

namespace hv {

namespace {

struct MetricsOptions {
    std::string listen;
    std::string run_directory;
};

/// A socket at which nobody listens any more: its hv metrics was killed.
bool is_abandoned(const std::string& path) {
    struct stat about {};
    if (lstat(path.c_str(), &about) != 0 || !S_ISSOCK(about.st_mode)) return false;
    const auto there = connect_to_unix_socket(path);
    return !there && there.error().kind == ErrorKind::not_found;
}

Result<FileDescriptor> listen_at_path(const std::string& path) {
    auto socket = listen_on_unix_socket(path);
    if (!socket && socket.error().kind == ErrorKind::in_use && is_abandoned(path)) {
        unlink(path.c_str());
        socket = listen_on_unix_socket(path);
    }
    if (!socket) socket.error().message = fmt::format("--listen: {}", socket.error().message);
    return socket;
}

/// "127.0.0.1:9100", or a path for a Unix socket.
Result<FileDescriptor> listen_on(const std::string& where) {
    if (where.contains('/')) return listen_at_path(where);
    const std::size_t colon = where.rfind(':');
    const auto port = parse_number(where.substr(colon == std::string::npos ? where.size() : colon + 1));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    if (!port || *port > 65535 || inet_pton(AF_INET, where.substr(0, colon).c_str(), &address.sin_addr) != 1)
        return fail(ErrorKind::usage, fmt::format("--listen '{}': not an IPv4 ADDRESS:PORT, nor a path", where));
    address.sin_port = htons(static_cast<std::uint16_t>(*port));
    FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int yes = 1;
    setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (!socket || bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(socket.get(), 16) != 0)
        return fail(errno_kind(errno), fmt::format("--listen '{}': {}", where, std::strerror(errno)));
    return socket;
}

/// Where it listens, with the port that the host has chosen for 0.
std::string address_text(const FileDescriptor& socket, const std::string& where) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    if (where.contains('/') || getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
        return where;
    return fmt::format("http://{}:{}/metrics", where.substr(0, where.rfind(':')), ntohs(address.sin_port));
}

Result<int> metrics_command(const MetricsOptions& options) {
    TRY(const RunBase base, RunBase::open(options.run_directory));
    if (options.listen.empty()) {
        CHECK(print(metrics_text(list_machines(base))));
        return 0;
    }
    TRY(FileDescriptor socket, listen_on(options.listen));
    log_line(fmt::format("metrics at {}", address_text(socket, options.listen)));
    TRY(const auto loop, EventLoop::create());
    TRY(const auto interrupts, Interrupts::create(*loop, [&loop] { loop->stop(); }));
    TRY(const auto server, HttpServer::create(*loop, std::move(socket), [&options](const HttpRequest& request) {
            if (request.path != "/metrics") return http_fault(404, fmt::format("{}: try /metrics", request.path));
            if (request.method != "GET") return http_fault(405, "/metrics: takes GET");
            // All machines together have a second: one that hangs is tenon_up 0, and delays the others no longer.
            const auto now = RunBase::open(options.run_directory);
            if (!now) return http_fault(500, now.error().message);
            return HttpResponse{200, metrics_text(list_machines(*now)), "text/plain; version=0.0.4"};
        }));
    loop->run();
    if (options.listen.contains('/')) unlink(options.listen.c_str());
    return 0;
}

}  // namespace

CommandAction add_metrics(Command& metrics, std::uint64_t) {
    const auto options = std::make_shared<MetricsOptions>();
    metrics
        .option("--listen", options->listen,
                "Serve the figures over HTTP at /metrics until Ctrl-C, instead of printing them once")
        .takes("ADDRESS:PORT|PATH");
    metrics.run_directory(options->run_directory);
    return [options] { return metrics_command(*options); };
}

}  // namespace hv
