// SPDX-License-Identifier: Apache-2.0
// The kernel command line.
#include "kernel/options/command_line.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "kernel/console/console.h"
#include "kernel/options/number_option.h"

namespace tenon {

namespace {
int warnings = 0;
}
void warn(const char*, ...) { ++warnings; }
void log(const char*, ...) {}

}  // namespace tenon

using namespace tenon;

namespace {

using Words = std::vector<std::string>;

Words arguments() {
    Words result;
    for (const char* argument : program_arguments().subspan(1)) result.emplace_back(argument);
    return result;
}

Words values(std::string_view name) {
    Words result;
    for_each_kernel_option(name, [&](std::string_view value) { result.emplace_back(value); });
    return result;
}

}  // namespace

TEST_CASE("command line: options, then the program's arguments") {
    parse_command_line("verbose ip=10.0.0.2/24  x=1\tx=2 -- serve --port 80 -- verbose=no");
    CHECK(kernel_option("verbose") == "");
    CHECK(kernel_option("ip") == "10.0.0.2/24");
    CHECK(kernel_option("x") == "2");
    CHECK(values("x") == Words{"1", "2"});
    CHECK_FALSE(kernel_option("serve"));
    CHECK_FALSE(kernel_option("verb"));
    CHECK_FALSE(kernel_option("verbosely"));
    CHECK(arguments() == Words{"serve", "--port", "80", "--", "verbose=no"});
    CHECK(program_arguments()[0] == std::string("program"));
    CHECK(program_arguments().data()[program_arguments().size()] == nullptr);
}

TEST_CASE("command line: quotes group, and can be quoted") {
    parse_command_line(
        R"(a="one two" "b=three \"four\"" -- "" it's "say \"hi\" \\ \n" pre"mid dle"post back\\slash "open)");
    CHECK(kernel_option("a") == "one two");
    CHECK(kernel_option("b") == "three \"four\"");
    CHECK(arguments() == Words{"", "it's", R"(say "hi" \ \n)", "premid dlepost", R"(back\\slash)", "open"});
}

TEST_CASE("command line: nothing, or only the separator") {
    for (const std::string_view text : {"", "   ", "--", " -- "}) {
        parse_command_line(text);
        CHECK(arguments().empty());
        CHECK_FALSE(kernel_option(""));
    }
}

TEST_CASE("command line: options that the kernel does not know are named") {
    const auto warnings_after = [](std::string_view text) {
        parse_command_line(text);
        const int before = tenon::warnings;
        warn_of_unknown_options();
        return tenon::warnings - before;
    };
    CHECK(warnings_after("") == 0);
    CHECK(warnings_after("verbose ip=10.0.0.2/24 env=A=B env=verbos=1 zero=off virtio_mmio.device=4K@0xd0000000:5") ==
          0);
    // Options that Firecracker and Linux's users add.
    CHECK(warnings_after("console=ttyS0 reboot=k panic=1 pci=off root=/dev/vda rw -- unknown") == 0);
    CHECK(warnings_after("verbos") == 1);
    CHECK(warnings_after("VERBOSE zero.pagse=1 ip.=1 =x") == 4);
}

TEST_CASE("command line: what is too long is dropped with a warning") {
    const int before = tenon::warnings;
    std::string text = "first ";
    for (int i = 0; i != 100; ++i) text += "k ";
    text += "-- ";
    for (int i = 0; i != 200; ++i) text += "a ";
    parse_command_line(text);
    CHECK(tenon::warnings == before + 1);
    CHECK(kernel_option("first"));
    CHECK(arguments().size() == 127);
    parse_command_line(std::string(5000, 'x') + " y");
    CHECK(tenon::warnings == before + 2);
    parse_command_line(std::string(4096, 'x'));
    CHECK(tenon::warnings == before + 2);
    CHECK(kernel_option(std::string(4096, 'x')));
}

TEST_CASE("number options: a value that is no number, or too large, is warned of and ignored") {
    warnings = 0;
    parse_command_line("good=4K hex=0x10 large=101 limit=100 word empty= text=ten");
    CHECK(number_option("good", 1, 1 << 20) == 4096);
    CHECK(number_option("hex", 1, 100) == 16);
    CHECK(number_option("limit", 1, 100) == 100);
    CHECK(number_option("absent", 7, 100) == 7);
    CHECK(warnings == 0);
    int expected = 0;
    for (const char* bad : {"large", "word", "empty", "text"}) {
        CHECK(number_option(bad, 7, 100) == 7);
        CHECK(warnings == ++expected);
    }
}
