// SPDX-License-Identifier: Apache-2.0
// Exit codes: the code, help and docs/running.md agree.
#include <fmt/format.h>

#include <fstream>
#include <map>
#include <regex>
#include <string>

#include "hv/core/errno_kind.h"

// Catch2 has a CHECK of its own.
#undef CHECK
#include <catch2/catch.hpp>

using namespace hv;

TEST_CASE("exit codes: docs/running.md lists each, with the words of the help") {
    std::ifstream page("docs/running.md");
    INFO("docs/running.md is opened from the repository's root");
    REQUIRE(page.good());
    std::map<int, std::string> listed;
    const std::regex row(R"(\| (1\d\d) \| (.*) \|)");
    for (std::string line; std::getline(page, line);)
        if (std::smatch match; std::regex_match(line, match, row)) listed[std::stoi(match[1])] = match[2];
    CHECK(listed.size() == std::size(exit_codes));
    for (const ExitCode& code : exit_codes) {
        const int number = static_cast<int>(code.kind);
        INFO(number);
        REQUIRE(listed.contains(number));
        CHECK(listed[number] == code.meaning);
    }
}

TEST_CASE("exit codes: each kind of error has its own, above the guest's") {
    int expected = last_guest_exit_code + 1;
    for (const ExitCode& code : exit_codes) CHECK(static_cast<int>(code.kind) == expected++);
}

TEST_CASE("exit codes: what a failed system call says of the request") {
    CHECK(errno_kind(ENOENT) == ErrorKind::not_found);
    CHECK(errno_kind(ECONNREFUSED) == ErrorKind::not_found);
    for (const int refused : {EACCES, EPERM, EROFS}) CHECK(errno_kind(refused) == ErrorKind::no_permission);
    for (const int full : {ENOSPC, EDQUOT, EFBIG, ENOMEM}) CHECK(errno_kind(full) == ErrorKind::no_memory);
    CHECK(errno_kind(EADDRINUSE) == ErrorKind::in_use);
    CHECK(errno_kind(EIO) == ErrorKind::internal);
    CHECK(errno_kind(EIO, ErrorKind::host_lacks) == ErrorKind::host_lacks);
}
