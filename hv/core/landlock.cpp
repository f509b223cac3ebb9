// SPDX-License-Identifier: Apache-2.0
// Rulesets of Landlock.
#include "hv/core/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "hv/core/file_descriptor.h"

namespace hv {

namespace {

// What the build machine's headers may lack: they are those of the second version.
constexpr std::uint64_t truncating = 1ULL << 14, device_requests = 1ULL << 15;
constexpr std::uint64_t tcp_binding = 1ULL << 0, tcp_connecting = 1ULL << 1;
constexpr std::uint64_t abstract_sockets = 1ULL << 0, signals = 1ULL << 1;

/// The kernel's landlock_ruleset_attr as of version 6. Earlier versions take it if the fields that they lack are zero.
struct Ruleset {
    std::uint64_t files = 0;
    std::uint64_t network = 0;
    std::uint64_t scopes = 0;
};

/// What each version added.
constexpr struct {
    int version;
    Ruleset added;
} history[] = {
    {1, {.files = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1}},
    {2, {.files = LANDLOCK_ACCESS_FS_REFER}},
    {3, {.files = truncating}},
    {4, {.network = tcp_binding | tcp_connecting}},
    {5, {.files = device_requests}},
    {complete_landlock, {.scopes = abstract_sockets | signals}},
};

Ruleset restrictions_of(int version) {
    Ruleset sum;
    for (const auto& [since, added] : history) {
        if (version < since) break;
        sum.files |= added.files;
        sum.network |= added.network;
        sum.scopes |= added.scopes;
    }
    return sum;
}

constexpr std::uint64_t rights_of(FileUse use) {
    switch (use) {
        case FileUse::read: return LANDLOCK_ACCESS_FS_READ_FILE;
        case FileUse::device: return LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | device_requests;
        case FileUse::own_directory:
            return LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_WRITE_FILE |
                   LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                   truncating;
        case FileUse::remove_directories: return LANDLOCK_ACCESS_FS_REMOVE_DIR;
    }
    return 0;
}

std::unexpected<Error> cannot(const std::string& what) {
    return fail(ErrorKind::internal, "Landlock: " + what + ": " + std::strerror(errno));
}

Result<> restrict_thread(const Ruleset& handled, std::span<const FileRule> rules) {
    // Without this only a privileged thread may restrict itself.
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return cannot("no_new_privs");
    const FileDescriptor ruleset(static_cast<int>(syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0)));
    if (!ruleset) return cannot("a ruleset");
    for (const auto& [path, use] : rules) {
        const FileDescriptor file(open(path.c_str(), O_PATH | O_CLOEXEC));
        const landlock_path_beneath_attr rule{.allowed_access = rights_of(use) & handled.files,
                                              .parent_fd = file.get()};
        if (!file || syscall(SYS_landlock_add_rule, ruleset.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
            return cannot("a rule for '" + path + "'");
    }
    if (syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) return cannot("restricting itself");
    return {};
}

}  // namespace

int landlock_version() {
    const long version = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return static_cast<int>(std::max(version, 0L));
}

Result<> restrict_files(std::span<const FileRule> rules, Tcp tcp) {
    if (const int version = landlock_version(); version != 0) {
        Ruleset handled = restrictions_of(version);
        if (tcp == Tcp::allowed) handled.network = 0;
        return restrict_thread(handled, rules);
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return cannot("no_new_privs");
    return {};
}

Result<> restrict_signals() {
    const Ruleset handled{.scopes = restrictions_of(landlock_version()).scopes};
    return handled.scopes != 0 ? restrict_thread(handled, {}) : Result<>();
}

}  // namespace hv
