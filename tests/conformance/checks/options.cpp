// SPDX-License-Identifier: Apache-2.0
// Options of the command line: getopt and getopt_long, and beginning anew.
#include <getopt.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "../check.h"

using namespace conformance;

namespace {

/// The options in order, with their arguments; and how the arguments stand afterwards.
void parse(const char* name, std::vector<const char*> arguments, const char* wanted, bool has_long = false) {
    static const option names[] = {
        {"all", no_argument, nullptr, 'a'}, {"block", required_argument, nullptr, 'b'}, {nullptr, 0, nullptr, 0}};
    arguments.insert(arguments.begin(), "program");
    arguments.push_back(nullptr);
    const auto count = static_cast<int>(arguments.size()) - 1;
    auto* const list = const_cast<char**>(arguments.data());
    std::string found;
    for (int letter;
         (letter = has_long ? getopt_long(count, list, wanted, names, nullptr) : getopt(count, list, wanted)) != -1;) {
        found += static_cast<char>(letter);
        if (letter == '?' || letter == ':') found += std::string("(") + static_cast<char>(optopt) + ")";
        if (letter == 'b') found += std::string("=") + optarg;
        found += ' ';
    }
    found += "|";
    for (int i = 1; i < count; ++i) found += std::string(" ") + arguments[static_cast<std::size_t>(i)];
    report(name, found + " | " + std::to_string(optind));
}

}  // namespace

CONFORMANCE(options) {
    VALUE("optind at first", optind);
    opterr = 0;
    parse("short ones", {"-a", "-b", "value", "-x", "rest"}, "ab:");
    optind = 1;
    parse("again from 1", {"-xa", "-bvalue", "--", "-a"}, "ab:");
    optind = 0;
    parse("again from 0", {"-a", "-a"}, "ab:");
    optind = 1;
    parse("after others", {"one", "-a", "two", "-x", "three", "-b", "value"}, "ab:");
    // glibc looks for the sign only where it begins from 0.
    optind = 0;
    parse("to the first other", {"-a", "one", "-b", "value"}, "+ab:");
    optind = 0;
    parse("without an argument", {"-a", "-b"}, "ab:");
    optind = 1;
    parse("without an argument, by a colon", {"-a", "-b"}, ":ab:");
    optind = 1;
    parse("none", {}, "ab:");
    optind = 1;
    parse("long ones", {"--all", "one", "--block=x", "--block", "y", "-a"}, "ab:", true);
    optind = 1;
}
