// SPDX-License-Identifier: Apache-2.0
// A process that makes the system calls it is told to, by ptrace: as if a guest had taken it over.
#pragma once

#include <sys/types.h>
#include <sys/user.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace puppet {

/// Thrown by call(): the filter has ended the process.
struct Killed {
    int signal;
};

class Puppet {
public:
    /// Stops `process`, which waits in a system call. Throws std::runtime_error if it cannot.
    explicit Puppet(pid_t process);
    /// Lets it go on where it was.
    ~Puppet();
    Puppet(const Puppet&) = delete;
    Puppet& operator=(const Puppet&) = delete;

    [[nodiscard]] pid_t process() const { return process_; }

    /// Makes one call in the process: its result, negative for an error. Arguments are numbers, or what text() and
    /// bytes() returned.
    template <typename... Arguments>
    long call(long number, Arguments... arguments) {
        const std::uint64_t words[6] = {static_cast<std::uint64_t>(arguments)...};
        return make_call(number, words);
    }
    /// Copies to the process's stack: the address there.
    std::uint64_t text(const std::string& text) { return bytes(text.c_str(), text.size() + 1); }
    std::uint64_t bytes(const void* data, std::size_t size);
    template <typename Value>
    std::uint64_t value(const Value& value) {
        return bytes(&value, sizeof value);
    }
    /// Zeros, for the process's answers.
    std::uint64_t room(std::size_t size) { return bytes(std::string(size, '\0').data(), size); }

private:
    long make_call(long number, std::span<const std::uint64_t, 6> arguments);
    bool stop_in_call();
    void wait_for_stop();

    pid_t process_;
    bool alive_ = true;
    int event_ = 0;  ///< of the last stop
    user_regs_struct before_{};
    std::uint64_t free_stack_ = 0;
};

}  // namespace puppet
