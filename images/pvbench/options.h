// SPDX-License-Identifier: Apache-2.0
// The command line.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pvbench {

/// The program that the network measures talk to (`pvbench --serve`), by its IPv4 address.
struct PeerAddress {
    std::string address;
    std::uint16_t port = 0;
};

struct Options {
    bool json = false;
    bool list = false;
    bool help = false;
    bool quick = false;             ///< a tenth of the time, with more noise
    bool write = false;             ///< the disk may be overwritten
    unsigned repetitions = 5;       ///< 1 to 1000
    std::vector<std::string> only;  ///< names or subjects of measures; empty: all
    std::string disk;               ///< empty: the system's first
    std::string label;              ///< the platform's name in the result; empty: the program finds one
    PeerAddress peer;               ///< port 0: there is none
    unsigned balloon_seconds = 0;   ///< how long to wait for the host to change the balloon; 0: do not
    std::uint16_t serve_port = 0;   ///< not 0: be the peer
    unsigned serve_delay_us = 0;    ///< the peer waits so long before each echo
};

extern const char* const usage;

/// `arguments` are without argv[0]. The error is one line for people.
[[nodiscard]] std::expected<Options, std::string> parse_options(std::span<const std::string_view> arguments);

}  // namespace pvbench
