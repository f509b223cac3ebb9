// SPDX-License-Identifier: Apache-2.0
// Errors of hv: a kind that becomes the exit code, and one line for a person.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace hv {

/// Highest exit code of a guest that hv passes through; hv exits with this one for every higher code.
inline constexpr int last_guest_exit_code = 99;

/// Exit codes of `hv` besides the guest's own (0 to 99 are passed through unchanged; see docs/running.md).
enum class ErrorKind : int {
    usage = 100,          ///< unknown option, wrong value
    not_found = 101,      ///< no such file or machine
    bad_image = 102,      ///< not an image that hv can start: wrong ELF, other ABI version
    no_memory = 103,      ///< the host cannot give the memory asked for
    in_use = 104,         ///< a name, a port or a file that another process uses
    no_permission = 105,  ///< TAP, KVM or namespaces that this user may not use
    host_lacks = 106,     ///< the kernel or processor lacks what is needed, named in the message
    guest_crash = 107,    ///< the guest panicked or died by a fault or a forbidden system call
    killed = 108,         ///< ended by the second Ctrl-C; or a wait reached its time limit
    internal = 109,       ///< a fault of hv's own
    agent_error = 110,    ///< the guest's agent answered with an error
};

/// The codes as help, the manual page and docs/running.md have them.
struct ExitCode {
    ErrorKind kind;
    const char* meaning;
};
inline constexpr ExitCode exit_codes[] = {
    {ErrorKind::usage, "usage: an unknown option or a wrong value"},
    {ErrorKind::not_found, "not found: a file, an interface, a machine"},
    {ErrorKind::bad_image,
     "not an image that hv can start: wrong ELF, another ABI version, a feature that this hv lacks"},
    {ErrorKind::no_memory, "the host cannot give the memory"},
    {ErrorKind::in_use, "in use: a name or a port"},
    {ErrorKind::no_permission, "no permission: a TAP interface, `/dev/kvm`, namespaces"},
    {ErrorKind::host_lacks, "the host's kernel or processor lacks what is needed; the message names it"},
    {ErrorKind::guest_crash, "the guest crashed"},
    {ErrorKind::killed, "the guest was killed; a wait reached its time limit"},
    {ErrorKind::internal, "a fault of hv's own"},
    {ErrorKind::agent_error, "the guest's agent answered with an error"},
};

/// `message` says what happened, to what, and what to do; without the leading "hv: ".
struct Error {
    ErrorKind kind;
    std::string message;
};

template <typename T = void>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorKind kind, std::string message) {
    return std::unexpected(Error{kind, std::move(message)});
}

}  // namespace hv

/// Takes the value of a Result, or returns its error from the calling function: `TRY(auto file, open_image(path));`
#define HV_TRY_JOIN2(a, b) a##b
#define HV_TRY_JOIN(a, b) HV_TRY_JOIN2(a, b)
#define TRY_NAMED(temporary, target, expression)                          \
    auto temporary = (expression);                                        \
    if (!temporary) return std::unexpected(std::move(temporary).error()); \
    target = std::move(*temporary)
#define TRY(target, expression) TRY_NAMED(HV_TRY_JOIN(try_result_, __LINE__), target, expression)
/// The same for a Result<void>.
#define CHECK(expression)                                                                                             \
    do {                                                                                                              \
        if (auto check_result = (expression); !check_result) return std::unexpected(std::move(check_result).error()); \
    } while (false)
