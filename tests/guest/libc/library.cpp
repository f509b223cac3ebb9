// SPDX-License-Identifier: Apache-2.0
// Newlib and libstdc++ on the kernel: calls that would fail if they were configured or connected wrongly.
#include <malloc.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <map>
#include <new>
#include <random>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/guest/test.h"

GUEST_TEST(streams_format_and_parse) {
    std::ostringstream out;
    out << std::hex << 255 << ' ' << 1.5 << ' ' << std::boolalpha << true;
    EXPECT(out.str() == "ff 1.5 true");
    std::istringstream in("12 3.5 abc");
    int number = 0;
    double real = 0;
    std::string word;
    in >> number >> real >> word;
    EXPECT(number == 12 && real == 3.5 && word == "abc");
    EXPECT(std::to_string(3.5) == "3.500000" && std::stold("1.5") == 1.5L);
}

GUEST_TEST(printf_knows_c99_and_positions) {
    char text[128];
    std::snprintf(text, sizeof(text), "%lld %zu %Lf %.3e %hhd %td", -1LL, std::size_t{2}, 3.0L, 4.0, 44,
                  std::ptrdiff_t{-5});
    EXPECT(std::strcmp(text, "-1 2 3.000000 4.000e+00 44 -5") == 0);
    std::snprintf(text, sizeof(text), "%2$s %1$d", 7, "seven");
    EXPECT(std::strcmp(text, "seven 7") == 0);
}

GUEST_TEST(mathematics_has_c99) {
    EXPECT(std::round(2.5) == 3 && std::lround(-2.5) == -3 && std::log2(8.0) == 3 && std::cbrt(27.0) == 3);
    EXPECT(std::isnan(std::nan("")) && std::hypot(3.0L, 4.0L) == 5 && std::ldexp(1.0L, 70) == 0x1p70L);
    EXPECT(std::fabs(std::sin(1.0) - 0.8414709848078965) < 1e-15);
}

GUEST_TEST(memory_functions_move_ranges_that_overlap) {
    std::vector<unsigned char> moved(20'000), expected(20'000);
    // The sizes at which the implementation changes its way, and their neighbours.
    for (const std::size_t size :
         {0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 200, 1500, 8191, 8192, 9000})
        for (const int distance : {-4096, -65, -64, -17, -1, 0, 1, 15, 64, 65, 300}) {
            for (std::size_t i = 0; i != moved.size(); ++i) moved[i] = static_cast<unsigned char>(i * 131 + i / 256);
            expected = moved;
            const std::vector<unsigned char> source(moved.begin() + 5000,
                                                    moved.begin() + 5000 + static_cast<long>(size));
            std::copy(source.begin(), source.end(), expected.begin() + 5000 + distance);
            std::memmove(&moved[static_cast<std::size_t>(5000 + distance)], &moved[5000], size);
            EXPECT(moved == expected);
            std::memset(&moved[5003], 0x1AB, size);
            std::fill_n(expected.begin() + 5003, size, static_cast<unsigned char>(0xAB));
            EXPECT(moved == expected);
        }
}

GUEST_TEST(malloc_keeps_its_promises) {
    const auto address = [](const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer); };
    // Where the compiler sees a size that cannot be, it warns.
    volatile std::size_t too_much = SIZE_MAX;
    errno = 0;
    EXPECT(std::malloc(too_much) == nullptr && errno == ENOMEM);
    EXPECT(std::calloc(too_much / 2, 4) == nullptr);
    EXPECT_THROW(::operator new(too_much / 2), std::bad_alloc);
    void* nothing = std::malloc(0);
    EXPECT(nothing != nullptr);
    std::free(nothing);

    void* page = memalign(4096, 100);
    EXPECT(address(page) % 4096 == 0);
    std::memset(page, 7, 100);
    page = std::realloc(page, 10'000);
    EXPECT(malloc_usable_size(page) >= 10'000 && static_cast<char*>(page)[99] == 7);
    std::free(page);
    void* result = nullptr;
    EXPECT(posix_memalign(&result, 3, 1) == EINVAL);

    auto* cleared = static_cast<unsigned char*>(std::calloc(10, 10));
    EXPECT(std::all_of(cleared, cleared + 100, [](unsigned char byte) { return byte == 0; }));
    std::free(cleared);
    void* aligned = ::operator new (10, std::align_val_t{256});
    EXPECT(address(aligned) % 256 == 0);
    ::operator delete (aligned, std::align_val_t{256});
}

GUEST_TEST(threads_format_at_once_each_with_its_own_state) {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread != 4; ++thread)
        threads.emplace_back([] {
            for (int i = 0; i != 300; ++i) {
                char text[64];
                std::snprintf(text, sizeof(text), "%f", i * 1.1);
                EXPECT(std::fabs(std::atof(text) - i * 1.1) < 1e-5);
                std::ostringstream stream;
                stream << i * 1.1;
                EXPECT(std::fabs(std::stod(stream.str()) - i * 1.1) < 1e-2);
            }
        });
}

GUEST_TEST(the_rest_of_the_library_is_there) {
    std::map<int, std::string> map;
    for (int i = 0; i != 1000; ++i) map[i * 7 % 1000] = std::to_string(i);
    EXPECT(map.size() == 1000 && map[7] == "1");
    EXPECT(std::regex_match("ab123", std::regex("[a-z]+[0-9]+")));
    EXPECT(std::filesystem::path("/a/b.txt").extension() == ".txt");
    std::error_code error;
    EXPECT(!std::filesystem::exists("/there/is/no/such/file", error));
    std::random_device random;
    EXPECT(random() != random() || random() != random());
    EXPECT(std::thread::hardware_concurrency() >= 1);
}
