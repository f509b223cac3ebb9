// SPDX-License-Identifier: Apache-2.0
// hv-slirp: a machine's user-mode network, in a process that can reach nothing else. Started by hv, not by a person.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <optional>
#include <string>
#include <string_view>

#include "hv/core/text.h"
#include "hv/devices/slirp/confine.h"
#include "hv/devices/slirp/protocol.h"
#include "hv/devices/slirp/user_network.h"

namespace hv::slirp {

namespace {

void say(const std::string& text) {
    send(socket_fd, text.data(), std::min<std::size_t>(text.size(), message_limit), MSG_NOSIGNAL);
}

/// "tcp/127.0.0.1:8080:80".
std::optional<Forward> parse_forward(std::string_view word) {
    Forward forward{.udp = word.starts_with("udp/"), .address = {}, .host = 0, .guest = 0};
    if (!forward.udp && !word.starts_with("tcp/")) return std::nullopt;
    const auto parts = split(word.substr(4), ':');
    if (parts.size() != 3) return std::nullopt;
    const auto host = parse_number(parts[1]), guest = parse_number(parts[2]);
    if (inet_pton(AF_INET, std::string(parts[0]).c_str(), &forward.address) != 1 || !host || !guest)
        return std::nullopt;
    forward.host = static_cast<std::uint16_t>(*host);
    forward.guest = static_cast<std::uint16_t>(*guest);
    return forward;
}

/// Words after hv's process id: "host-loopback", "guest=ADDRESS", "memory=BYTES", and ports.
Result<Options> parse_words(int count, char** words) {
    Options options;
    for (int i = 0; i < count; ++i) {
        const std::string_view word = words[i];
        if (word == "host-loopback") {
            options.host_loopback = true;
        } else if (word.starts_with("guest=") && inet_aton(words[i] + 6, &options.guest) != 0) {
            continue;
        } else if (const auto bytes = parse_number(word.substr(word.find('=') + 1));
                   word.starts_with("memory=") && bytes) {
            options.memory = *bytes;
        } else if (const auto forward = parse_forward(word)) {
            options.forwards.push_back(*forward);
        } else {
            return fail(ErrorKind::usage, fmt::format("hv-slirp: wrong argument '{}'", word));
        }
    }
    return options;
}

Result<std::unique_ptr<UserNetwork>> prepare(int argc, char** argv) {
    const auto parent = argc > 1 ? parse_number(argv[1]) : std::nullopt;
    if (!parent) return fail(ErrorKind::usage, "hv-slirp is started by hv (hv run --net user)");
    CHECK(tie_to(static_cast<int>(*parent)));
    TRY(Options options, parse_words(argc - 2, argv + 2));
    TRY(auto network, UserNetwork::create(options));
    network->limit(options.memory);
    CHECK(confine());
    std::string ready = ready_word;
    for (const Forward& forward : options.forwards) ready += fmt::format(" {}", forward.host);
    say(ready);
    return network;
}

}  // namespace

}  // namespace hv::slirp

int main(int argc, char** argv) {
    auto network = hv::slirp::prepare(argc, argv);
    if (!network) {
        hv::slirp::say(fmt::format("{} {} {}", hv::slirp::error_word, static_cast<int>(network.error().kind),
                                   network.error().message));
        return static_cast<int>(network.error().kind);
    }
    (*network)->run();
    return 0;
}
