// SPDX-License-Identifier: Apache-2.0
// A guest's command line as text, and as the guest's own kernel reads it.
#include "hv/machine/command_line.h"

#include <catch2/catch.hpp>

#include "hypercall/command_line.h"
#include "kernel/options/command_line.h"

using namespace hv;

namespace {

using Words = std::vector<std::string>;

CommandLine parsed(std::string_view text) {
    CommandLine line;
    const auto added = line.add(text);
    INFO((added ? std::string() : added.error().message));
    REQUIRE(added.has_value());
    return line;
}

}  // namespace

TEST_CASE("hv's command line: options, environment, arguments, and back") {
    const CommandLine line =
        parsed(R"( verbose  "hostname=a b" env=A=1 "env=B=two \"words\"" env=A=3 -- serve "" -x env=C=1 -- )");
    CHECK(line.kernel_options == Words{"verbose", "hostname=a b"});
    CHECK(line.environment == Words{"A=3", "B=two \"words\""});
    CHECK(line.arguments == Words{"serve", "", "-x", "env=C=1", "--"});
    CHECK(parsed(command_line_text(line)) == line);
    CHECK(command_line_text(parsed("")).empty());
    CHECK(command_line_text(parsed("-- a")) == "-- a");
}

TEST_CASE("hv's command line: the guest reads what hv writes") {
    CommandLine line;
    line.kernel_options = {"verbose", "hostname=a \\ \"b\""};
    line.environment = {"A=1", "B=x y"};
    line.arguments = {"plain", "two words", "", "back\\slash", "q\"uote", "\ttab\n", "--", "\xc3\xa9\xff"};
    tenon::parse_command_line(command_line_text(line));
    CHECK(tenon::kernel_option("verbose") == "");
    CHECK(tenon::kernel_option("hostname") == "a \\ \"b\"");
    Words arguments, environment;
    for (const char* argument : tenon::program_arguments().subspan(1)) arguments.emplace_back(argument);
    tenon::for_each_kernel_option("env", [&](std::string_view value) { environment.emplace_back(value); });
    CHECK(arguments == line.arguments);
    CHECK(environment == line.environment);
}

TEST_CASE("hv's command line: what cannot be is refused") {
    CommandLine line;
    for (const char* text : {"a=\"b", "-- \"", "\"", "env=", "env=A", "env==1", "\"env=A B\""}) {
        INFO(text);
        REQUIRE_FALSE(line.add(text).has_value());
        CHECK(line.add(text).error().kind == ErrorKind::usage);
    }
    for (const char* setting : {"", "A", "=", "=1"}) CHECK_FALSE(line.set_variable(setting).has_value());
    CHECK(line.environment.empty());
    const auto refused = [](const CommandLine& long_line) {
        const auto checked = check_command_line(long_line);
        return checked ? std::string() : checked.error().message;
    };
    CHECK(refused({}).empty());
    using namespace tenon::abi;
    CHECK(refused({.kernel_options = Words(kernel_word_limit, "a")}).empty());
    CHECK(refused({.kernel_options = Words(kernel_word_limit + 1, "a")}).contains("options"));
    CHECK(refused({.environment = Words(environment_limit, "A=")}).empty());
    CHECK(refused({.environment = Words(environment_limit + 1, "A=")}).contains("variables"));
    CHECK(refused({.arguments = Words(argument_limit - 1, "a")}).empty());
    CHECK(refused({.arguments = Words(argument_limit, "a")}).contains("arguments"));
    CHECK(refused({.arguments = {std::string(2044, 'x')}}).empty());
    CHECK(refused({.arguments = {std::string(2045, 'x')}}).contains("the limit is 2047"));
    CHECK(refused({.arguments = {std::string("a\0b", 3)}}).contains("zero byte"));
}
