// SPDX-License-Identifier: Apache-2.0
// Streams of files that are written.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "../check.h"
#include "../tree.h"

using namespace conformance;

namespace {

std::string content(const char* path) {
    char text[20000];
    const Descriptor file(open(path, O_RDONLY));
    const ssize_t size = read(file, text, sizeof(text));
    return size < 0 ? error_name(errno) : std::string(text, static_cast<std::size_t>(size));
}

}  // namespace

CONFORMANCE(file_modes) {
    for (const char* mode : {"r", "r+", "w", "w+", "a", "a+", "rb", "wx", "w+x", "wb+", "ab"})
        for (const char* path : {"text", "new", "dir", "nothing/new", "/text.txt", "link", "dangling"}) {
            plant_tree();
            const std::string name = std::string(mode) + " " + path;
            errno = 0;
            FILE* file = fopen(path, mode);
            report("fopen " + name, file != nullptr ? "a file" : error_name(errno));
            if (file != nullptr) {
                char text[10] = {};
                report_value("fread " + name, fread(text, 1, 3, file));
                report_value("text " + name, std::string_view(text));
                fseek(file, 0, SEEK_CUR);
                report_value("place " + name, ftell(file));
                report_value("fputs " + name, fputs("XY", file) >= 0);
                CALL("fclose " + name, fclose(file));
                report_value("content " + name, content(path));
            }
            fell_tree();
        }
}

CONFORMANCE(files_of_streams) {
    plant_tree();
    FILE* file = fopen("new", "w+");
    for (int i = 0; i != 1000; ++i) fprintf(file, "line %d\n", i);
    CALL("fflush", fflush(file));
    VALUE("size", content("new").size());
    CALL("fseek", fseek(file, 7, SEEK_SET));
    char line[50];
    VALUE("line", std::string_view(fgets(line, sizeof(line), file)));
    CALL("rename while it is open", rename("new", "moved"));
    CALL("to the end", fseek(file, 0, SEEK_END));
    VALUE("more", fputs("end\n", file) >= 0);
    CALL("unlink while it is open", unlink("moved"));
    CALL("back", fseek(file, -4, SEEK_END));
    VALUE("the end", std::string_view(fgets(line, sizeof(line), file)));
    file = freopen("text", "r", file);
    VALUE("freopen", file != nullptr);
    VALUE("reads another", std::string_view(fgets(line, sizeof(line), file)));
    file = freopen("text", "a", file);
    VALUE("appended", fputs("!", file) >= 0);
    CALL("fclose", fclose(file));
    VALUE("content", content("text"));
    POINTER("freopen of nothing", freopen("nothing/x", "r", fopen("text", "r")));
    FILE* temporary = tmpfile();
    VALUE("tmpfile", temporary != nullptr);
    fputs("kept", temporary);
    rewind(temporary);
    VALUE("tmpfile's text", std::string_view(fgets(line, sizeof(line), temporary)));
    struct stat status;
    fstat(fileno(temporary), &status);
    VALUE("tmpfile has no name", static_cast<int>(status.st_nlink));
    fclose(temporary);
    std::string pattern = "/tmp/tree/nameXXXXXX";
    const Descriptor made(mkstemp(pattern.data()));
    VALUE("mkstemp", made >= 0 && !pattern.ends_with("XXXXXX"));
    fstat(made, &status);
    VALUE("mkstemp's mode", static_cast<unsigned>(status.st_mode));
    pattern = "/tmp/tree/dirXXXXXX";
    VALUE("mkdtemp", mkdtemp(pattern.data()) == pattern.data());
    stat(pattern.c_str(), &status);
    VALUE("mkdtemp's mode", static_cast<unsigned>(status.st_mode));
    pattern = "/tmp/nothing/dirXXXXXX";
    POINTER("mkdtemp in nothing", mkdtemp(pattern.data()));
    POINTER("mkdtemp without a place", mkdtemp(std::string("dir").data()));
    {
        std::fstream stream("stream", std::ios::in | std::ios::out | std::ios::trunc);
        stream << "number " << 42;
        stream.seekg(7);
        int number = 0;
        stream >> number;
        VALUE("fstream", number);
    }
    std::ofstream("stream", std::ios::app) << "!";
    VALUE("ofstream appends", content("stream"));
    VALUE("ofstream of a directory", std::ofstream("dir").is_open());
    CALL("remove", remove("stream"));
    CALL("remove a directory", remove("dir"));
    CALL("remove a full directory", remove("full"));
    fell_tree();
}
