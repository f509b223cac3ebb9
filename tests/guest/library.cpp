// SPDX-License-Identifier: Apache-2.0
// The standard library at large: streams, containers, algorithms, conversions.
#include <algorithm>
#include <any>
#include <array>
#include <bitset>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <iomanip>
#include <iostream>
#include <list>
#include <locale>
#include <map>
#include <memory>
#include <memory_resource>
#include <numeric>
#include <optional>
#include <queue>
#include <random>
#include <ranges>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "tests/guest/test.h"

namespace {
volatile double one = 1.0;
}

GUEST_TEST(iostreams_format) {
    std::ostringstream out;
    out << "n=" << 42 << ' ' << std::hex << 255 << std::dec << ' ' << std::setw(6) << std::setfill('0') << 7 << ' '
        << std::fixed << std::setprecision(3) << 3.14159 << ' ' << std::boolalpha << true << ' ' << std::quoted("a b");
    EXPECT(out.str() == "n=42 ff 000007 3.142 true \"a b\"");
    std::istringstream in("12 -7 2.5 word 0x1f");
    int first = 0, second = 0;
    double number = 0;
    std::string word;
    in >> first >> second >> number >> word;
    EXPECT(first == 12 && second == -7 && std::abs(number - 2.5) < 1e-12 && word == "word");
    std::cout << "# a line through std::cout" << std::endl;
    EXPECT(std::cout.good());
}

GUEST_TEST(printf_formats) {
    char text[200];
    std::snprintf(text, sizeof(text), "%5d|%-5d|%05.1f|%s|%lld|%zu|%a", 42, 42, 3.14159, "text", -1LL, sizeof(int),
                  1.0);
    EXPECT(std::string(text) == "   42|42   |003.1|text|-1|4|0x1p+0");
    int a = 0, b = 0;
    EXPECT(std::sscanf("10:0x20", "%d:%i", &a, &b) == 2);
    EXPECT(a == 10 && b == 32);
}

GUEST_TEST(containers_hold) {
    std::map<std::string, int> ordered;
    std::unordered_map<int, std::string> hashed;
    std::set<int> numbers;
    std::deque<int> deque;
    std::list<int> list;
    std::priority_queue<int> queue;
    for (int i = 0; i != 2000; ++i) {
        const int value = (i * 7919) % 2000;
        ordered[std::to_string(value)] = value;
        hashed[value] = std::to_string(value);
        numbers.insert(value);
        deque.push_front(value);
        list.push_back(value);
        queue.push(value);
    }
    EXPECT(ordered.size() == 2000 && hashed.size() == 2000 && numbers.size() == 2000);
    for (const auto& [name, value] : ordered) EXPECT(hashed.at(value) == name);
    EXPECT(std::equal(deque.rbegin(), deque.rend(), list.begin()));
    EXPECT(queue.top() == 1999);
    list.sort();
    EXPECT(std::ranges::equal(list, numbers));
}

GUEST_TEST(algorithms_and_ranges) {
    std::vector<int> values(10'000);
    std::iota(values.begin(), values.end(), 0);
    std::mt19937 generator(1);
    std::ranges::shuffle(values, generator);
    EXPECT(!std::ranges::is_sorted(values));
    std::ranges::sort(values);
    EXPECT(std::ranges::is_sorted(values));
    long sum = 0;
    for (const int square : values | std::views::filter([](int v) { return v % 2 == 0; }) | std::views::take(5) |
                                std::views::transform([](int v) { return v * v; }))
        sum += square;
    EXPECT(sum == 0 + 4 + 16 + 36 + 64);
}

GUEST_TEST(conversions_go_both_ways) {
    EXPECT(std::stod("1e100") == 1e100);
    EXPECT(std::to_string(-123) == "-123");
    char text[64];
    const double value = 0.1 + 0.2;
    const auto end = std::to_chars(text, text + sizeof(text), value).ptr;
    double back = 0;
    EXPECT(std::from_chars(text, end, back).ec == std::errc());
    EXPECT(std::memcmp(&back, &value, sizeof(value)) == 0);
    EXPECT(std::string(text, end) == "0.30000000000000004");
    EXPECT(std::strtoull("18446744073709551615", nullptr, 10) == UINT64_MAX);
}

GUEST_TEST(mathematics) {
    EXPECT(std::abs(std::sin(1.0) - 0.8414709848078965) < 1e-15);
    EXPECT(std::abs(std::pow(2.0, 0.5) - std::sqrt(2.0)) < 1e-15);
    EXPECT(std::abs(std::exp(std::log(10.0)) - 10.0) < 1e-14);
    EXPECT(std::isnan(std::sqrt(-one)));
}

GUEST_TEST(vocabulary_types) {
    std::variant<int, std::string> either = "text";
    EXPECT(std::get<std::string>(either) == "text");
    EXPECT_THROW(std::get<int>(either), std::bad_variant_access);
    std::optional<int> nothing;
    EXPECT_THROW(nothing.value(), std::bad_optional_access);
    std::any anything = 5;
    EXPECT(std::any_cast<int>(anything) == 5);
    const std::function<int(int)> twice = [](int value) { return 2 * value; };
    EXPECT(twice(21) == 42);
    std::array<std::byte, 1024> buffer;
    std::pmr::monotonic_buffer_resource resource(buffer.data(), buffer.size());
    std::pmr::vector<int> numbers({1, 2, 3}, &resource);
    EXPECT(std::accumulate(numbers.begin(), numbers.end(), 0) == 6);
    EXPECT(std::bitset<8>(0b1011).count() == 3);
}

GUEST_TEST(regular_expressions) {
    const std::regex pattern(R"((\w+)@(\w+)\.org)");
    std::smatch match;
    const std::string text = "write to someone@example.org today";
    EXPECT(std::regex_search(text, match, pattern));
    EXPECT(match[1] == "someone" && match[2] == "example");
}
