// SPDX-License-Identifier: Apache-2.0
// Numbers and text: conversions, strings, patterns, sorting; texts of the standard library's exceptions.
#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <iconv.h>
#include <libgen.h>
#include <regex.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include <algorithm>
#include <any>
#include <array>
#include <bitset>
#include <climits>
#include <cmath>
#include <functional>
#include <future>
#include <map>
#include <optional>
#include <regex>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "../check.h"

using namespace conformance;

namespace {

template <typename Convert>
void integer(const char* name, const char* text, int base, Convert&& convert) {
    char* end = nullptr;
    errno = 0;
    const auto value = convert(text, &end, base);
    report(std::string(name) + " \"" + text + "\" " + std::to_string(base),
           std::to_string(value) + " rest \"" + end + "\" " + error_name(errno));
}

void floating(const char* text) {
    char* end = nullptr;
    errno = 0;
    const double value = strtod(text, &end);
    char shown[40];
    snprintf(shown, sizeof(shown), "%a", value);
    report(std::string("strtod \"") + text + "\"", std::string(shown) + " rest \"" + end + "\" " + error_name(errno));
}

/// The text of an exception.
template <typename Throw>
void said(const char* name, Throw&& throws) {
    try {
        throws();
        report(name, "nothing is thrown");
    } catch (const std::exception& exception) {
        report(name, exception.what());
    }
}

}  // namespace

CONFORMANCE(numbers) {
    for (const char* text : {"0",
                             "42",
                             "-42",
                             "+7",
                             "  12",
                             "12x",
                             "x",
                             "",
                             "-",
                             "0x1f",
                             "0x",
                             " -0Xg",
                             "010",
                             "08",
                             "zz",
                             "9223372036854775807",
                             "9223372036854775808",
                             "-9223372036854775808",
                             "-9223372036854775809",
                             "18446744073709551615",
                             "18446744073709551616",
                             "-1"})
        for (const int base : {0, 10, 16, 36}) {
            integer("strtol", text, base, strtol);
            integer("strtoul", text, base, strtoul);
        }
    char* end = nullptr;
    CALL("strtol, wrong base", (errno = 0, strtol("1", &end, 1), errno == EINVAL ? -1 : 0));
    for (const char* text : {"0",
                             "-0",
                             "1",
                             "1.5",
                             ".5",
                             "5.",
                             "1e10",
                             "1e",
                             "1e+",
                             "1e400",
                             "-1e400",
                             "1e-400",
                             "inf",
                             "-INFINITY",
                             "nan",
                             "nan(1)",
                             "0x1p4",
                             "0x1.8",
                             "0x",
                             "  2",
                             "x",
                             "",
                             ".",
                             "4.9406564584124654e-324",
                             "1.7976931348623159e308",
                             "0.1",
                             "123456789012345678901234567890",
                             "2.2250738585072011e-308",
                             "2.2250738585072014e-308",
                             "1e-310",
                             "0e-400",
                             "0x1p-1074",
                             "0x1.8p-1074",
                             "0x1p-1080",
                             "0x1p1024"})
        floating(text);
    VALUE("atoi", atoi("12x"));
    VALUE("atol", atol("-7"));
    VALUE("abs", abs(-5));
    VALUE("div", div(-7, 2).rem);
    VALUE("labs", labs(-5L));
    srand(1);
    const int first = rand();
    srand(1);
    VALUE("rand repeats", rand() == first);
    srandom(1);
    const long random_first = random();
    srandom(1);
    VALUE("random repeats", random() == random_first);
    srand48(1);
    VALUE("drand48", drand48());
    VALUE("lrand48", lrand48());
}

CONFORMANCE(mathematics) {
    volatile double zero = 0.0, minus = -1.0, big = 1e308;
    for (const double value : {sqrt(minus),
                               log(zero),
                               exp(big),
                               pow(zero, minus),
                               fmod(minus, zero),
                               acos(big),
                               1.0 / zero,
                               floor(-0.5),
                               ceil(-0.5),
                               round(2.5),
                               rint(2.5),
                               trunc(-1.7),
                               nearbyint(3.5),
                               hypot(3.0, 4.0),
                               cbrt(27.0),
                               fma(2.0, 3.0, 1.0),
                               copysign(1.0, -0.0),
                               nextafter(1.0, 2.0),
                               ldexp(1.0, 10),
                               logb(8.0),
                               tgamma(5.0),
                               erf(0.0),
                               expm1(0.0),
                               log1p(0.0),
                               remainder(7.0, 4.0),
                               fmax(1.0, 2.0),
                               fdim(3.0, 1.0),
                               asinh(0.0)}) {
        char text[40];
        snprintf(text, sizeof(text), "%.15g", value);
        // The sign of not-a-number is left out.
        report("function", std::isnan(value) ? "nan" : text);
    }
    int exponent = 0;
    VALUE("frexp", frexp(8.0, &exponent));
    VALUE("its exponent", exponent);
    VALUE("lround", lround(-2.5));
    VALUE("ilogb", ilogb(8.0));
    VALUE("fpclassify", std::fpclassify(5e-324) == FP_SUBNORMAL);
    VALUE("signbit", std::signbit(-0.0));
}

CONFORMANCE(text) {
    char buffer[100];
    VALUE("strlen", strlen("text"));
    VALUE("strnlen", strnlen("text", 2));
    VALUE("strcmp", strcmp("a", "b") < 0 && strcmp("b", "a") > 0 && strcmp("a", "a") == 0);
    VALUE("strcasecmp", strcasecmp("TEXT", "text"));
    VALUE("strncasecmp", strncasecmp("TEXTa", "textb", 4));
    VALUE("strchr", std::string_view(strchr("a=b=c", '=')));
    VALUE("strrchr", std::string_view(strrchr("a=b=c", '=')));
    VALUE("strstr", std::string_view(strstr("one two", "two")));
    VALUE("strcasestr", std::string_view(strcasestr("one TWO", "two")));
    VALUE("strspn", strspn("aabbc", "ab"));
    VALUE("strcspn", strcspn("aabbc", "c"));
    VALUE("strpbrk", std::string_view(strpbrk("aabbc", "bc")));
    char tokens[] = "a,b;;c";
    char* state = nullptr;
    for (char* token = strtok_r(tokens, ",;", &state); token != nullptr; token = strtok_r(nullptr, ",;", &state))
        VALUE("strtok_r", std::string_view(token));
    char fields[] = "a::b";
    char* rest = fields;
    while (char* field = strsep(&rest, ":")) VALUE("strsep", std::string_view(field));
    memset(buffer, 'x', sizeof(buffer));
    strncpy(buffer, "ab", 4);
    VALUE("strncpy", std::string_view(buffer, 5) == std::string_view("ab\0\0x", 5));
    VALUE("stpcpy", stpcpy(buffer, "abc") - buffer);
    VALUE("memmem", memmem("hello", 5, "lo", 2) != nullptr);
    VALUE("memrchr", memrchr("abab", 'a', 4) != nullptr);
    VALUE("mempcpy", static_cast<char*>(mempcpy(buffer, "abc", 3)) - buffer);
    VALUE("ffs", ffs(8));
    char* copy = strndup("abcdef", 3);
    VALUE("strndup", std::string_view(copy));
    free(copy);
    for (const int code : {0, ENOENT, EINVAL, EROFS, ETIMEDOUT, ENOSYS})
        report(std::string("strerror ") + error_name(code), strerror(code));
    for (const char* path : {"/usr/lib", "/usr/", "usr", "/", ".", "..", "", "//", "a/b/"}) {
        std::string one = path, other = path;
        report(std::string("basename ") + path, basename(one.data()));
        report(std::string("dirname ") + path, dirname(other.data()));
    }
    VALUE("toupper", toupper('a'));
    VALUE("isalnum", isalnum('_') != 0);
    VALUE("isspace", isspace('\v') != 0);
    VALUE("isprint", isprint(127) != 0);
    VALUE("isxdigit", isxdigit('g') != 0);
    VALUE("iswalpha", iswalpha(L'a') != 0);
    VALUE("towupper", static_cast<int>(towupper(L'a')));
    wchar_t wide[20];
    VALUE("mbstowcs", mbstowcs(wide, "abc", 20));
    VALUE("wcslen", wcslen(wide));
    VALUE("wcstol", wcstol(L"42", nullptr, 10));
    VALUE("wcscmp", wcscmp(L"a", L"a"));
}

CONFORMANCE(sorting) {
    int numbers[] = {3, 1, 2};
    const auto compare = [](const void* a, const void* b) {
        return *static_cast<const int*>(a) - *static_cast<const int*>(b);
    };
    qsort(numbers, 3, sizeof(int), compare);
    VALUE("qsort", numbers[0] * 100 + numbers[1] * 10 + numbers[2]);
    const int key = 2;
    VALUE("bsearch", static_cast<int*>(bsearch(&key, numbers, 3, sizeof(int), compare)) - numbers);
    const int missing = 7;
    POINTER("bsearch of nothing", bsearch(&missing, numbers, 3, sizeof(int), compare));
    VALUE("hcreate", hcreate(10) != 0);
    char name[] = "key";
    ENTRY entry = {name, name};
    POINTER("hsearch enters", hsearch(entry, ENTER));
    POINTER("hsearch finds", hsearch(entry, FIND));
    hdestroy();
    void* tree = nullptr;
    for (int& number : numbers) tsearch(&number, &tree, compare);
    POINTER("tfind", tfind(&key, &tree, compare));
    POINTER("tfind of nothing", tfind(&missing, &tree, compare));
}

CONFORMANCE(patterns) {
    VALUE("fnmatch", fnmatch("*.txt", "a.txt", 0));
    VALUE("fnmatch of another", fnmatch("*.txt", "a.cpp", 0) == FNM_NOMATCH);
    VALUE("fnmatch with a slash", fnmatch("*", "a/b", FNM_PATHNAME) == FNM_NOMATCH);
    VALUE("fnmatch of a hidden one", fnmatch("*", ".a", FNM_PERIOD) == FNM_NOMATCH);
    VALUE("fnmatch of a set", fnmatch("[a-c]?", "bx", 0));
    glob_t found = {};
    VALUE("glob", glob("*.txt", 0, nullptr, &found));
    for (std::size_t i = 0; i != found.gl_pathc; ++i) report_value("glob's path", found.gl_pathv[i]);
    globfree(&found);
    VALUE("glob of nothing", glob("*.none", 0, nullptr, &found) != 0);
    VALUE("glob below", glob("dir/*", GLOB_MARK, nullptr, &found));
    for (std::size_t i = 0; i != found.gl_pathc; ++i) report_value("glob's path", found.gl_pathv[i]);
    regex_t pattern;
    VALUE("regcomp", regcomp(&pattern, "([a-z]+)@([a-z]+)\\.org", REG_EXTENDED));
    regmatch_t matches[3];
    VALUE("regexec", regexec(&pattern, "to someone@example.org", 3, matches, 0));
    VALUE("where", matches[1].rm_so);
    VALUE("regexec of another", regexec(&pattern, "nobody", 3, matches, 0) == REG_NOMATCH);
    regfree(&pattern);
    VALUE("regcomp, wrong", regcomp(&pattern, "(", REG_EXTENDED) != 0);
}

CONFORMANCE(encodings) {
    const iconv_t conversion = iconv_open("ISO-8859-1", "UTF-8");
    VALUE("iconv_open", conversion != reinterpret_cast<iconv_t>(-1));
    char from[] = "gr\xC3\xBC\xC3\x9F", to[20] = {};
    char *input = from, *output = to;
    std::size_t left = 6, room = sizeof(to);
    CALL("iconv", iconv(conversion, &input, &left, &output, &room));
    VALUE("its bytes", static_cast<int>(static_cast<unsigned char>(to[2])) * 1000 + static_cast<unsigned char>(to[3]));
    char wrong[] = "\xFF";
    input = wrong;
    left = 1;
    CALL("iconv of what is no UTF-8", static_cast<long long>(iconv(conversion, &input, &left, &output, &room)));
    CALL("iconv_close", iconv_close(conversion));
    CALL("iconv_open of nothing known",
         iconv_open("NO-SUCH-ENCODING", "UTF-8") == reinterpret_cast<iconv_t>(-1) ? -1 : 0);
}

CONFORMANCE(exceptions) {
    const std::vector<int> three(3);
    const std::string word = "word";
    const std::array<int, 2> two = {};
    const std::map<int, int> none;
    said("vector::at", [&] { (void)three.at(7); });
    said("array::at", [&] { (void)two.at(three.size() + 4); });
    said("string::at", [&] { (void)word.at(9); });
    said("string::substr", [&] { (void)word.substr(9); });
    said("string::insert", [&] { std::string(word).insert(9, "x"); });
    said("string::erase", [&] { std::string(word).erase(9); });
    said("string::compare", [&] { (void)word.compare(9, 1, "x"); });
    said("string_view::substr", [&] { (void)std::string_view(word).substr(9); });
    said("string too long", [] { std::string().resize(SIZE_MAX); });
    said("vector too long", [] { std::vector<int>().reserve(SIZE_MAX); });
    said("map::at", [&] { (void)none.at(1); });
    said("bitset", [] { std::bitset<4>("0102"); });
    said("bitset::test", [] { (void)std::bitset<4>().test(4); });
    said("bitset::to_ulong", [] { (void)std::bitset<100>().set().to_ulong(); });
    said("stoi", [] { (void)std::stoi("x"); });
    said("stoi too large", [] { (void)std::stoi("99999999999"); });
    said("stod", [] { (void)std::stod(""); });
    said("optional", [] { (void)std::optional<int>().value(); });
    said("variant", [] { (void)std::get<int>(std::variant<int, long>(1L)); });
    said("any", [] { (void)std::any_cast<int>(std::any(1L)); });
    said("function", [] { std::function<void()>()(); });
    said("regex", [] { std::regex("("); });
    said("future", [] { (void)std::future<int>().get(); });
    said("promise", [] {
        std::promise<int> promise;
        promise.set_value(1);
        promise.set_value(2);
    });
    said("system_error", [] { throw std::system_error(ENOENT, std::generic_category(), "what"); });
    said("ios failure", [] {
        std::ios stream(nullptr);
        stream.exceptions(std::ios::badbit);
    });
    said("bad_alloc", [] { throw std::bad_alloc(); });
    said("bad_cast", [] {
        struct B {
            virtual ~B() = default;
        } b;
        struct D : B {};
        B& r = b;
        (void)dynamic_cast<D&>(r);
    });
    said("nested", [] { std::rethrow_exception(std::make_exception_ptr(std::runtime_error("inner"))); });
    said("bad array length", [] {
        volatile long below = -1;
        delete[] new int[static_cast<std::size_t>(below)];
    });
}
