// SPDX-License-Identifier: Apache-2.0
// The guest's command line.
#include "hv/machine/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "hypercall/command_line.h"
#include "hypercall/start_info.h"

namespace hv {

namespace {

constexpr std::string_view variable_option = "env=";
constexpr std::string_view separator = "--";

bool is_space(char character) { return character == ' ' || (character >= '\t' && character <= '\r'); }

/// Takes a word off the front of `text`; nothing: there is none.
Result<std::optional<std::string>> take_word(std::string_view& text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    if (text.empty()) return std::nullopt;
    std::string word;
    bool quoted = false;
    std::size_t i = 0;
    for (; i != text.size() && (quoted || !is_space(text[i])); ++i) {
        if (text[i] == '"') {
            quoted = !quoted;
            continue;
        }
        if (quoted && text[i] == '\\' && i + 1 != text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')) ++i;
        word += text[i];
    }
    if (quoted)
        return fail(ErrorKind::usage, fmt::format("the guest's command line: a double quote in '{}' does not end",
                                                  text.substr(0, std::min<std::size_t>(text.size(), 40))));
    text.remove_prefix(i);
    return word;
}

std::string in_quotes(const std::string& word) {
    if (!word.empty() && word.find_first_of(" \t\n\v\f\r\"") == std::string::npos) return word;
    std::string quoted = "\"";
    for (const char character : word) {
        if (character == '"' || character == '\\') quoted += '\\';
        quoted += character;
    }
    return quoted + '"';
}

std::string_view name_of(std::string_view setting) { return setting.substr(0, setting.find('=')); }

}  // namespace

Result<> CommandLine::set_variable(std::string_view setting) {
    if (!setting.contains('=') || setting.starts_with('='))
        return fail(ErrorKind::usage, fmt::format("environment '{}': not NAME=VALUE (as in --env LANG=C)", setting));
    const auto same =
        std::ranges::find(environment, name_of(setting), [](const auto& other) { return name_of(other); });
    if (same != environment.end())
        *same = setting;
    else
        environment.emplace_back(setting);
    return {};
}

Result<> CommandLine::add(std::string_view text) {
    bool program = false;
    std::vector<std::string> given;
    for (;;) {
        TRY(const auto word, take_word(text));
        if (!word) break;
        if (program)
            given.push_back(*word);
        else if (*word == separator)
            program = true;
        else if (word->starts_with(variable_option))
            CHECK(set_variable(std::string_view(*word).substr(variable_option.size())));
        else
            kernel_options.push_back(*word);
    }
    if (!given.empty()) arguments = std::move(given);
    return {};
}

std::string command_line_text(const CommandLine& line) {
    std::string text;
    const auto append = [&text](const std::string& word) { text += (text.empty() ? "" : " ") + in_quotes(word); };
    for (const std::string& option : line.kernel_options) append(option);
    for (const std::string& setting : line.environment) append(std::string(variable_option) + setting);
    if (!line.arguments.empty()) text += text.empty() ? separator : " --";
    for (const std::string& argument : line.arguments) append(argument);
    return text;
}

Result<> check_command_line(const CommandLine& line) {
    const auto refuse = [](std::string what) { return fail(ErrorKind::usage, std::move(what)); };
    for (const auto* words : {&line.kernel_options, &line.environment, &line.arguments})
        for (const std::string& word : *words)
            if (word.contains('\0')) return refuse("the guest's command line contains a zero byte");
    if (line.environment.size() > tenon::abi::environment_limit)
        return refuse(fmt::format("the program's environment has {} variables, the limit is {}",
                                  line.environment.size(), tenon::abi::environment_limit));
    if (line.kernel_options.size() + line.environment.size() > tenon::abi::kernel_word_limit)
        return refuse(fmt::format("the guest's kernel is given {} options, the limit is {}",
                                  line.kernel_options.size() + line.environment.size(), tenon::abi::kernel_word_limit));
    if (line.arguments.size() + 1 > tenon::abi::argument_limit)
        return refuse(
            fmt::format("the program is given {} arguments, the limit is {} (put them into a file of the image)",
                        line.arguments.size(), tenon::abi::argument_limit - 1));
    constexpr std::size_t limit = sizeof(tenon::abi::StartInfo::command_line) - 1;
    if (const std::size_t size = command_line_text(line).size(); size > limit)
        return refuse(
            fmt::format("the guest's command line has {} bytes, the limit is {} (shorten the arguments, or put "
                        "them into a file of the image)",
                        size, limit));
    return {};
}

}  // namespace hv
