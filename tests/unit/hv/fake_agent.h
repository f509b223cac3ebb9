// SPDX-License-Identifier: Apache-2.0
// A guest agent that answers as a test wants it to.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "hv/core/unix_socket.h"

namespace test {

/// Serves one client on a socket at `path`. `answer` returns the value of "return" for a command; empty: no answer.
class FakeAgent {
public:
    using Answer = std::function<std::string(const std::string& command)>;

    FakeAgent(const std::string& path, Answer answer)
        : listener_(hv::listen_on_unix_socket(path).value()),
          answer_(std::move(answer)),
          thread_([this] { serve(); }) {}
    ~FakeAgent() {
        shutdown(listener_.get(), SHUT_RDWR);
        thread_.join();
    }
    FakeAgent(const FakeAgent&) = delete;
    FakeAgent& operator=(const FakeAgent&) = delete;

private:
    void serve() {
        pollfd waiting{.fd = listener_.get(), .events = POLLIN, .revents = 0};
        poll(&waiting, 1, -1);
        const hv::FileDescriptor client(accept(listener_.get(), nullptr, nullptr));
        std::string text;
        char byte = 0;
        while (client && recv(client.get(), &byte, 1, 0) == 1) {
            if (byte != '\n') {
                if (byte != '\xFF') text += byte;
                continue;
            }
            reply(client.get(), nlohmann::json::parse(std::exchange(text, {}), nullptr, false));
        }
    }
    void reply(int client, const nlohmann::json& request) {
        const std::string command = request["execute"];
        std::string line;
        if (command == "guest-sync-delimited")
            line = "\xFF{\"return\": " + request["arguments"]["id"].dump() + "}\n";
        else if (const std::string value = answer_(command); !value.empty())
            line = "{\"return\": " + value + "}\n";
        if (!line.empty()) send(client, line.data(), line.size(), MSG_NOSIGNAL);
    }

    hv::FileDescriptor listener_;
    Answer answer_;
    std::thread thread_;
};

}  // namespace test
