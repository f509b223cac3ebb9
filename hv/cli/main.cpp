// SPDX-License-Identifier: Apache-2.0
// hv: the command line.
#include <fmt/format.h>
#include <x86intrin.h>

#include <sstream>

#include "hv/cli/command_tree.h"
#include "hv/cli/output.h"
#include "hv/core/footprint.h"
#include "hv/core/log.h"
#include "hv/core/standard_streams.h"

namespace hv {

namespace {

Result<CommandAction> read_command(int argc, char** argv, std::uint64_t start_tsc) {
    CommandTree tree(argc > 1 ? argv[1] : "", start_tsc);
    try {
        CHECK(tree.parse(argc, argv));
    } catch (const CLI::Success& help) {
        std::ostringstream text;
        tree.app().exit(help, text, text);
        CHECK(print(text.str()));
        return [] { return 0; };
    }
    return tree.action();
}

/// The tree of options is gone when the command runs: a detached machine's processes would keep it as long as they
/// live.
Result<int> dispatch(int argc, char** argv, std::uint64_t start_tsc) {
    TRY(const CommandAction action, read_command(argc, argv, start_tsc));
    return action();
}

}  // namespace

}  // namespace hv

int main(int argc, char** argv) {
    const std::uint64_t start_tsc = __rdtsc();
    hv::keep_heap_compact();
    if (!hv::open_missing_standard_streams()) return static_cast<int>(hv::ErrorKind::host_lacks);
    hv::ignore_file_size_signal();
    try {
        const hv::Result<int> code = hv::dispatch(argc, argv, start_tsc);
        if (code) return *code;
        hv::log_line(code.error().message);
        return static_cast<int>(code.error().kind);
    } catch (const std::bad_alloc&) {
        hv::log_line("out of memory");
        return static_cast<int>(hv::ErrorKind::no_memory);
    } catch (const std::exception& error) {
        hv::log_line(fmt::format("internal error: {}", error.what()));
        return static_cast<int>(hv::ErrorKind::internal);
    }
}
