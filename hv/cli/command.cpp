// SPDX-License-Identifier: Apache-2.0
// Options by CLI11.
#include "hv/cli/command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

namespace hv {

Option& Option::takes(const char* value_name) {
    option_->type_name(value_name);
    return *this;
}

Option& Option::defaults_to(const std::string& text) {
    option_->default_str(text);
    return *this;
}

Option& Option::show_default() {
    option_->capture_default_str();
    return *this;
}

Option& Option::required() {
    option_->required();
    return *this;
}

Option& Option::one_at_a_time() {
    option_->allow_extra_args(false);
    return *this;
}

Option& Option::within(std::uint64_t least, std::uint64_t most) {
    option_->check(CLI::Range(least, most).description(""));
    option_->description(fmt::format("{}, {} to {}", option_->get_description(), least, most));
    return *this;
}

Option Command::text(const char* names, std::string& value, const char* meaning) {
    return Option(*app_.add_option(names, value, meaning));
}

Option Command::option(const char* names, std::string& value, const char* meaning) {
    CLI::Option& option = *app_.add_option(names, value, meaning);
    // Most often the value of a shell's variable that is not set.
    option.check([](const std::string& text) { return text.empty() ? "the value is empty" : std::string(); });
    return Option(option);
}

Option Command::option(const char* names, std::vector<std::string>& values, const char* meaning) {
    return Option(*app_.add_option(names, values, meaning));
}

Option Command::option(const char* names, std::uint32_t& value, const char* meaning) {
    return Option(*app_.add_option(names, value, meaning));
}

Option Command::option(const char* names, std::uint64_t& value, const char* meaning) {
    return Option(*app_.add_option(names, value, meaning));
}

Option Command::option(const char* names, double& value, const char* meaning) {
    return Option(*app_.add_option(names, value, meaning));
}

void Command::rest(const char* name, std::vector<std::string>& values, const char* meaning) {
    option(name, values, meaning);
    rest_ = &values;
}

void Command::flag(const char* names, bool& value, const char* meaning) { app_.add_flag(names, value, meaning); }

void Command::footer(const std::string& text) { app_.footer(text); }

void Command::format(bool& json, const char* meaning) {
    const auto choose = [&json](const std::string& format) {
        if (format != "table" && format != "json")
            throw CLI::ValidationError("--format", "'" + format + "' is not table or json");
        json = format == "json";
    };
    app_.add_option_function<std::string>("--format", choose, "How to print it")
        ->type_name("table|json")
        ->default_str(json ? "json" : "table");
    app_.add_flag_callback(
        "--json", [&json] { json = true; }, std::string(meaning) + ": --format json");
}

void Command::json_only() {
    const auto check = [](const std::string& format) {
        if (format != "json") throw CLI::ValidationError("--format", "'" + format + "': this command prints JSON only");
    };
    app_.add_option_function<std::string>("--format", check, "How to print it")->type_name("json")->default_str("json");
    app_.add_flag_callback(
        "--json", [] {}, "As JSON: always");
}

void Command::run_directory(std::string& value) {
    option("--run-dir", value, "Directory of the running machines")
        .takes("DIR")
        .defaults_to("$HV_RUN_DIR; else /run/tenon for root, $XDG_RUNTIME_DIR/tenon or /tmp/tenon-UID for others");
}

}  // namespace hv
