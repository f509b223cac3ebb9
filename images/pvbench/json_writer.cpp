// SPDX-License-Identifier: Apache-2.0
// Writing JSON.
#include "json_writer.h"

#include <cmath>
#include <cstdint>
#include <cstdio>

#include "json_format.h"
#include "userland/include/tenon/version.h"

namespace pvbench {

namespace {

#ifdef __tenon__
constexpr char build[] = "tenon";
#else
constexpr char build[] = "linux";
#endif

/// The length of the well-formed UTF-8 sequence at the start of `text` (Unicode 15, table 3-7), or 0.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) -> unsigned {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
    };
    const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
    const unsigned first = byte(0), second = byte(1);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        if (!continues(1) || !continues(2)) return 0;
        const bool overlong = first == 0xE0 && second < 0xA0, surrogate = first == 0xED && second > 0x9F;
        return overlong || surrogate ? 0 : 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        if (!continues(1) || !continues(2) || !continues(3)) return 0;
        const bool overlong = first == 0xF0 && second < 0x90, beyond = first == 0xF4 && second > 0x8F;
        return overlong || beyond ? 0 : 4;
    }
    return 0;
}

/// A JSON object or array that grows.
class Writer {
public:
    explicit Writer(char open) : text_(1, open) {}
    void field(const char* name, const std::string& json) {
        separate();
        text_.append("\"").append(name).append("\":").append(json);
    }
    void text(const char* name, std::string_view value) { field(name, json_string(value)); }
    void number(const char* name, std::uint64_t value) { field(name, std::to_string(value)); }
    void element(const std::string& json) {
        separate();
        text_.append(json);
    }
    std::string close(char with) && { return std::move(text_.append(1, with)); }

private:
    void separate() {
        if (text_.size() > 1) text_.append(",");
    }
    std::string text_;
};

std::string platform_json(const Platform& platform) {
    Writer object('{');
    object.text("name", platform.name);
    object.text("os", platform.os);
    object.text("kernel", platform.kernel);
    object.text("hypervisor", platform.hypervisor);
    object.text("cpu", platform.cpu);
    object.number("cpus", platform.cpus);
    object.number("memory_bytes", platform.memory_bytes);
    object.text("clocksource", platform.clocksource);
    return std::move(object).close('}');
}

std::string features_json(const std::vector<DeviceFeatures>& devices) {
    Writer object('{');
    for (const auto& [kind, names] : devices) {
        Writer array('[');
        for (const std::string& name : names) array.element(json_string(name));
        object.field(kind.c_str(), std::move(array).close(']'));
    }
    return std::move(object).close('}');
}

std::string measure_json(const Measured& measure) {
    const Summary& summary = measure.summary;
    Writer medians('[');
    for (const double median : summary.medians) medians.element(json_number(median));
    Writer object('{');
    object.text("name", measure.name);
    object.text("subject", measure.subject);
    object.text("unit", measure.unit);
    object.text("better", measure.better == Better::lower ? "lower" : "higher");
    object.number("samples", summary.samples);
    object.number("warm_up", measure.warm_up);
    object.number("repetitions", summary.medians.size());
    object.field("median", json_number(summary.median));
    object.field("p99", json_number(summary.p99));
    object.field("mean", json_number(summary.mean));
    object.field("spread", json_number(summary.spread));
    object.field("medians", std::move(medians).close(']'));
    return std::move(object).close('}');
}

}  // namespace

std::string json_string(std::string_view text) {
    std::string json = "\"";
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const char first = text.front();
        if (length == 0) {
            json += "\\ufffd";
        } else if (first == '"' || first == '\\') {
            json.append({'\\', first});
        } else if (static_cast<unsigned char>(first) < 0x20) {
            char escape[8];
            std::snprintf(escape, sizeof(escape), "\\u%04x", static_cast<unsigned>(first));
            json += escape;
        } else {
            json += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return json + "\"";
}

std::string json_number(double value) {
    if (!std::isfinite(value)) return "null";
    char text[32];
    std::snprintf(text, sizeof(text), "%.6g", value);
    return text;
}

std::string to_json(const Result& result) {
    Writer program('{');
    program.text("version", TENON_VERSION);
    program.text("build", build);
    Writer measures('[');
    for (const Measured& measure : result.measures) measures.element(measure_json(measure));
    Writer left_out('[');
    for (const LeftOut& measure : result.left_out) {
        Writer object('{');
        object.text("name", measure.name);
        object.text("subject", measure.subject);
        object.text("reason", measure.reason);
        left_out.element(std::move(object).close('}'));
    }
    Writer object('{');
    object.text("schema", schema);
    object.field("program", std::move(program).close('}'));
    object.field("platform", platform_json(result.platform));
    object.field("features", features_json(result.features));
    object.text("command_line", result.command_line);
    object.field("measures", std::move(measures).close(']'));
    object.field("left_out", std::move(left_out).close(']'));
    return std::move(object).close('}');
}

}  // namespace pvbench
