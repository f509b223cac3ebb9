// SPDX-License-Identifier: Apache-2.0
// Streams: files, lines, formats, memory.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <wchar.h>

#include <climits>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>

#include "../check.h"

using namespace conformance;

namespace {

template <typename... Arguments>
void format(const char* text, Arguments... arguments) {
    char buffer[600];
    const int length = snprintf(buffer, sizeof(buffer), text, arguments...);
    report(text, std::string("\"") + buffer + "\" " + std::to_string(length));
}

template <typename... Arguments>
void scan(const char* name, const char* text, const char* pattern, Arguments... arguments) {
    report_value(name, sscanf(text, pattern, arguments...));
}

}  // namespace

CONFORMANCE(formats) {
    for (const int number : {0, 1, -1, 42, INT32_MAX, INT32_MIN})
        for (const char* text : {"%d", "%5d", "%-5d|", "%05d", "%+d", "% d", "%.3d", "%8.3d", "%x", "%#x", "%#X", "%o",
                                 "%#o", "%u", "%hd", "%hhd", "%.0d"})
            format(text, number);
    for (const long long number : {0LL, -1LL, LLONG_MAX, LLONG_MIN})
        for (const char* text : {"%lld", "%llx", "%20lld", "%-20lld|", "%jd", "%ld"}) format(text, number);
    format("%zu", SIZE_MAX);
    format("%td", static_cast<std::ptrdiff_t>(-5));
    const double inf = std::numeric_limits<double>::infinity();
    for (const double number : {0.0, -0.0, 1.0, 0.1, 3.14159265358979, 1e10, 1e-10, 1e100, 123456789.0, 0.5, 1.5, 2.5,
                                1e22, 9.995, inf, -inf, std::nan(""), 5e-324, 1.7976931348623157e308})
        for (const char* text :
             {"%f",    "%.0f", "%.3f", "%10.2f", "%-10.2f|", "%010.2f", "%+f", "% f", "%#.0f", "%e", "%.0e",
              "%.10e", "%E",   "%g",   "%.3g",   "%.17g",    "%#g",     "%G",  "%a",  "%.2a",  "%A"})
            format(text, number);
    for (const long double number : {0.0L, 1.0L, 0.1L, 1e10L}) format("%Lf", number);
    for (const char* text : {"%s", "%10s|", "%-10s|", "%.2s", "%10.2s|"}) format(text, "text");
    format("%c%5c%-5c|", 'a', 'b', 'c');
    format("%%");
    format("%*d|%-*d|", 5, 42, 5, 42);
    format("%.*f", 2, 3.14159);
    format("%2$s %1$s", "one", "two");
    format("%1$*2$d", 42, 6);
    format("%ls", L"wide");
    format("%p", static_cast<void*>(nullptr));
    format("%s", "");
    int written = 0;
    char buffer[8];
    snprintf(buffer, sizeof(buffer), "abc%n", &written);
    VALUE("%n", written);
    VALUE("cut", snprintf(buffer, sizeof(buffer), "0123456789"));
    VALUE("what is left", std::string_view(buffer));
    VALUE("only the length", snprintf(nullptr, 0, "%d", 12345));
    char* made = nullptr;
    VALUE("asprintf", asprintf(&made, "%d-%s", 7, "x"));
    VALUE("its text", std::string_view(made));
    free(made);
    wchar_t wide[20];
    VALUE("swprintf", swprintf(wide, 20, L"%d %ls", 7, L"x"));
}

CONFORMANCE(scanning) {
    int a = 0, b = 0;
    char word[20] = {}, letter = 0;
    double number = 0;
    unsigned x = 0;
    long long big = 0;
    scan("two numbers", "10:0x20", "%d:%i", &a, &b);
    VALUE("first", a);
    VALUE("second", b);
    scan("word and rest", "hello 12", "%s %d", word, &a);
    VALUE("word", std::string_view(word));
    scan("set", "abc123", "%[a-z]%d", word, &a);
    VALUE("its text", std::string_view(word));
    VALUE("its number", a);
    scan("inverted set", "key=value", "%[^=]=%s", word, word + 10);
    scan("width", "12345", "%2d%3d", &a, &b);
    VALUE("first", a);
    VALUE("second", b);
    scan("letter", "x", "%c", &letter);
    scan("double", "3.5e2", "%lf", &number);
    VALUE("double", number);
    scan("hex", "ff", "%x", &x);
    VALUE("hex", x);
    scan("long", "-9223372036854775808", "%lld", &big);
    VALUE("long", big);
    scan("left out", "1 2 3", "%*d %d", &a);
    VALUE("second of three", a);
    scan("nothing", "", "%d", &a);
    scan("no number", "x", "%d", &a);
    scan("percent", "50%", "%d%%", &a);
    scan("how far", "12 34", "%d%n", &a, &b);
    VALUE("so far", b);
    char* allocated = nullptr;
    scan("allocated", "word", "%ms", &allocated);
    VALUE("its text", allocated != nullptr ? std::string_view(allocated) : "nothing");
    free(allocated);
}

CONFORMANCE(streams) {
    char text[100] = {};
    FILE* file = fopen("lines.txt", "r");
    VALUE("fgets", std::string_view(fgets(text, sizeof(text), file)));
    VALUE("getc", getc(file));
    VALUE("ungetc", ungetc('T', file));
    VALUE("ftell", ftell(file));
    VALUE("getc", getc(file));
    CALL("fseek", fseek(file, -6, SEEK_END));
    VALUE("fgets", std::string_view(fgets(text, sizeof(text), file)));
    POINTER("fgets at the end", fgets(text, sizeof(text), file));
    VALUE("feof", feof(file) != 0);
    VALUE("ferror", ferror(file) != 0);
    rewind(file);
    VALUE("feof then", feof(file) != 0);
    VALUE("fread", fread(text, 1, 3, file));
    VALUE("fread of larger pieces", fread(text, 4, 100, file));
    CALL("fputc", fputc('x', file));
    VALUE("ferror", ferror(file) != 0);
    clearerr(file);
    fpos_t place;
    rewind(file);
    CALL("fgetpos", fgetpos(file, &place));
    fgets(text, sizeof(text), file);
    CALL("fsetpos", fsetpos(file, &place));
    VALUE("fgets", std::string_view(fgets(text, sizeof(text), file)));
    CALL("fseek, wrong", fseek(file, 0, 77));
    CALL("fseek below zero", fseek(file, -1, SEEK_SET));
    VALUE("fileno", fileno(file) > 2);
    CALL("fflush", fflush(file));
    CALL("fclose", fclose(file));
    for (const auto& [path, mode] : {std::pair{"nothing", "r"},
                                     {"text.txt", "w"},
                                     {"text.txt", "r+"},
                                     {"text.txt", "a"},
                                     {"new", "w"},
                                     {"dir", "w"},
                                     {"text.txt", "x"},
                                     {"text.txt", ""},
                                     {"text.txt", "wx"}})
        POINTER(std::string("fopen ") + path + " " + mode, fopen(path, mode));
    POINTER("fdopen of a wrong descriptor", fdopen(-1, "r"));
    const int fd = open("text.txt", O_RDONLY);
    file = fdopen(fd, "r");
    VALUE("fdopen", std::string_view(fgets(text, sizeof(text), file)));
    fclose(file);
    CALL("closes its descriptor", close(fd));
    file = fopen("text.txt", "r");
    file = freopen("empty", "r", file);
    VALUE("freopen", getc(file));
    fclose(file);
    file = fopen("dir", "r");
    VALUE("reading a directory", getc(file));
    VALUE("ferror", ferror(file) != 0);
    fclose(file);
    file = fopen("/dev/null", "w");
    VALUE("fprintf", fprintf(file, "%s", "into nothing"));
    CALL("setvbuf", setvbuf(file, nullptr, _IOLBF, 100));
    CALL("setvbuf, wrong", setvbuf(file, nullptr, 77, 100));
    CALL("fputs", fputs("x", file) < 0 ? -1 : 0);
    CALL("fclose", fclose(file));
}

CONFORMANCE(lines) {
    FILE* file = fopen("lines.txt", "r");
    char* line = nullptr;
    size_t size = 0;
    for (int i = 0; i != 4; ++i) {
        const ssize_t length = getline(&line, &size, file);
        VALUE("getline", length);
        if (length > 0) VALUE("its text", std::string_view(line, static_cast<std::size_t>(length)));
    }
    rewind(file);
    VALUE("getdelim", getdelim(&line, &size, 'w', file));
    VALUE("its text", std::string_view(line));
    rewind(file);
    CALL("getline without a place", getline(nullptr, &size, file));
    char* own = static_cast<char*>(malloc(2));
    size = 2;
    VALUE("getline into what is too small", getline(&own, &size, file));
    VALUE("its text", std::string_view(own));
    free(own);
    free(line);
    CALL("ftrylockfile", ftrylockfile(file));
    flockfile(file);
    funlockfile(file);
    funlockfile(file);
    fclose(file);
    file = fopen("empty", "r");
    line = nullptr;
    size = 0;
    CALL("getline of an empty file", getline(&line, &size, file));
    fclose(file);
    std::string longest(1000, 'x');
    file = fmemopen(longest.data(), longest.size(), "r");
    VALUE("getline of a long line", getline(&line, &size, file));
    fclose(file);
    free(line);
}

CONFORMANCE(memory_streams) {
    char* text = nullptr;
    size_t size = 0;
    FILE* file = open_memstream(&text, &size);
    fprintf(file, "%d and %s", 42, "more");
    fflush(file);
    VALUE("open_memstream", std::string_view(text, size));
    fseek(file, 0, SEEK_SET);
    fputs("XX", file);
    fclose(file);
    VALUE("written over", std::string_view(text));
    free(text);
    char buffer[10] = "0123456";
    file = fmemopen(buffer, sizeof(buffer), "r+");
    VALUE("fmemopen", getc(file));
    fseek(file, 3, SEEK_SET);
    fputs("ab", file);
    fclose(file);
    VALUE("its memory", std::string_view(buffer));
    const int null = open("/dev/null", O_WRONLY);
    VALUE("dprintf", dprintf(null, "%s", "text"));
    close(null);
    CALL("dprintf to a wrong descriptor", dprintf(-1, "%s", "text"));
}

CONFORMANCE(cxx_streams) {
    std::ifstream file("lines.txt");
    std::string line;
    int lines = 0;
    while (std::getline(file, line)) ++lines;
    VALUE("lines", lines);
    VALUE("at the end", file.eof());
    VALUE("nothing", std::ifstream("nothing").is_open());
    VALUE("for writing", std::ofstream("text.txt").is_open());
    std::ifstream directory("dir");
    VALUE("a directory opens", directory.is_open());
    std::getline(directory, line);
    VALUE("and cannot be read", directory.fail());
}
