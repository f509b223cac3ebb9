// SPDX-License-Identifier: Apache-2.0
// Sockets that are closed at the end, and whole transfers.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace pvbench {

class Socket {
public:
    explicit Socket(int descriptor = -1) : descriptor_(descriptor) {}
    Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Socket& operator=(Socket&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~Socket() {
        if (descriptor_ >= 0) close(descriptor_);
    }
    [[nodiscard]] int get() const { return descriptor_; }
    explicit operator bool() const { return descriptor_ >= 0; }

private:
    int descriptor_;
};

inline bool send_all(int socket, const void* data, std::size_t size) {
    for (std::size_t done = 0; done != size;) {
        const ssize_t sent = send(socket, static_cast<const char*>(data) + done, size - done, 0);
        if (sent <= 0) return false;
        done += static_cast<std::size_t>(sent);
    }
    return true;
}

inline bool receive_all(int socket, void* data, std::size_t size) {
    for (std::size_t done = 0; done != size;) {
        const ssize_t received = recv(socket, static_cast<char*>(data) + done, size - done, 0);
        if (received <= 0) return false;
        done += static_cast<std::size_t>(received);
    }
    return true;
}

}  // namespace pvbench
