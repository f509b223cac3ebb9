// SPDX-License-Identifier: Apache-2.0
// Directories: listed by POSIX and by C++.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <vector>

#include "../check.h"

using namespace conformance;
namespace fs = std::filesystem;

namespace {

std::string listed(DIR* directory) {
    std::vector<std::string> names;
    while (const dirent* entry = readdir(directory)) {
        const char* type = entry->d_type == DT_DIR   ? "/"
                           : entry->d_type == DT_LNK ? "@"
                           : entry->d_type == DT_REG ? ""
                                                     : "?";
        names.push_back(std::string(entry->d_name) + type);
    }
    std::sort(names.begin(), names.end());
    std::string all;
    for (const std::string& name : names) all += name + " ";
    return all;
}

void list(const char* path) {
    DIR* directory = opendir(path);
    const std::string name = std::string("opendir ") + path;
    if (directory == nullptr) return report(name, error_name(errno));
    report(name, listed(directory));
    CALL(std::string("closedir ") + path, closedir(directory));
}

/// The result of a call of std::filesystem, or the error that it throws.
template <typename Call>
void attempt(const char* name, Call&& call) {
    try {
        report_value(name, call());
    } catch (const fs::filesystem_error& error) {
        report(name, std::string(error.what()) + " (" + error_name(error.code().value()) + ")");
    } catch (const std::exception& error) {
        report(name, std::string("another error: ") + error.what());
    }
}

std::string all_below(const fs::path& path) {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(path)) names.push_back(entry.path().string());
    std::sort(names.begin(), names.end());
    std::string all;
    for (const std::string& name : names) all += name + " ";
    return all;
}

}  // namespace

CONFORMANCE(directories) {
    for (const char* path : {"dir", "dir/", "dir/deep", "dirlink", "/dir", "text.txt", "nothing", "", "dangling"})
        list(path);
    DIR* directory = opendir("dir");
    const std::string once = listed(directory);
    rewinddir(directory);
    VALUE("again from the beginning", listed(directory) == once);
    rewinddir(directory);
    readdir(directory);
    const long place = telldir(directory);
    const std::string second = readdir(directory)->d_name;
    readdir(directory);
    seekdir(directory, place);
    VALUE("back to a place", readdir(directory)->d_name == second);
    struct stat status, same;
    fstat(dirfd(directory), &status);
    stat("dir", &same);
    VALUE("its descriptor is the directory's", status.st_ino == same.st_ino);
    closedir(directory);
    const int fd = open("dir", O_RDONLY | O_DIRECTORY);
    directory = fdopendir(fd);
    VALUE("of a descriptor", listed(directory));
    VALUE("which it keeps", dirfd(directory) == fd);
    closedir(directory);
    CALL("and closes", close(fd));
    const Descriptor file(open("text.txt", O_RDONLY));
    POINTER("of a file's descriptor", fdopendir(file));
    POINTER("of a wrong descriptor", fdopendir(-1));
    dirent** entries = nullptr;
    const int count = scandir(
        "dir", &entries, [](const dirent* entry) { return entry->d_name[0] != '.' ? 1 : 0; }, alphasort);
    VALUE("scandir", count);
    for (int i = 0; i < count; ++i) {
        report_value("scandir's entry", entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    CALL("scandir of nothing", scandir("nothing", &entries, nullptr, nullptr));
    CALL("scandir of a file", scandir("text.txt", &entries, nullptr, nullptr));
}

CONFORMANCE(filesystem) {
    attempt("all below", [] { return all_below("dir"); });
    attempt("all below nothing", [] { return all_below("nothing"); });
    attempt("all below a file", [] { return all_below("text.txt"); });
    attempt("entries", [] { return std::distance(fs::directory_iterator("dir"), fs::directory_iterator()); });
    attempt("is_empty", [] { return fs::is_empty("dir"); });
    attempt("is_empty of a file", [] { return fs::is_empty("empty"); });
    attempt("is_empty of nothing", [] { return fs::is_empty("nothing"); });
    // A folder with one entry: which of several is met first is the file system's choice.
    attempt("remove_all", [] { return fs::remove_all("dir/deep"); });
    attempt("remove_all of nothing", [] { return fs::remove_all("nothing"); });
    attempt("remove_all of a file", [] { return fs::remove_all("text.txt"); });
    attempt("remove", [] { return fs::remove("text.txt"); });
    attempt("remove of nothing", [] { return fs::remove("nothing"); });
    attempt("exists", [] { return fs::exists("text.txt"); });
    attempt("exists through a link", [] { return fs::exists("link"); });
    attempt("exists at the end of a dangling link", [] { return fs::exists("dangling"); });
    attempt("exists in a loop", [] { return fs::exists("loop"); });
    attempt("file_size", [] { return fs::file_size("text.txt"); });
    attempt("file_size of a directory", [] { return fs::file_size("dir"); });
    attempt("file_size of nothing", [] { return fs::file_size("nothing"); });
    attempt("is_symlink", [] { return fs::is_symlink("link"); });
    attempt("is_directory", [] { return fs::is_directory("dirlink"); });
    attempt("is_character_file", [] { return fs::is_character_file("/dev/null"); });
    attempt("read_symlink", [] { return fs::read_symlink("dir/uplink").string(); });
    attempt("read_symlink of a file", [] { return fs::read_symlink("text.txt").string(); });
    attempt("canonical", [] { return fs::canonical("dirlink/../dir/uplink").string(); });
    attempt("canonical of nothing", [] { return fs::canonical("nothing").string(); });
    attempt("weakly_canonical", [] { return fs::weakly_canonical("dirlink/nothing/x").string(); });
    attempt("absolute", [] { return fs::absolute("text.txt").string(); });
    attempt("relative", [] { return fs::relative("/dir/deep", "/dir").string(); });
    attempt("equivalent", [] { return fs::equivalent("link", "text.txt"); });
    attempt("equivalent of others", [] { return fs::equivalent("empty", "text.txt"); });
    attempt("equivalent of devices", [] { return fs::equivalent("/dev/null", "/dev/zero"); });
    attempt("hard_link_count", [] { return fs::hard_link_count("text.txt"); });
    attempt("permissions", [] { return static_cast<int>(fs::status("program.sh").permissions()); });
    attempt("current_path", [] { return fs::current_path().string(); });
    attempt("current_path set", [] { return (fs::current_path("dir"), fs::current_path().string()); });
    attempt("current_path set back", [] { return (fs::current_path("/"), fs::current_path().string()); });
    attempt("current_path set to nothing", [] { return (fs::current_path("nothing"), 0); });
    attempt("create_directory", [] { return fs::create_directory("new"); });
    attempt("create_directory that is there", [] { return fs::create_directory("dir"); });
    attempt("create_directories", [] { return fs::create_directories("new/deep"); });
    attempt("create_symlink", [] { return (fs::create_symlink("text.txt", "new"), 0); });
    attempt("create_hard_link", [] { return (fs::create_hard_link("text.txt", "new"), 0); });
    attempt("rename", [] { return (fs::rename("text.txt", "new"), 0); });
    attempt("copy_file", [] { return fs::copy_file("text.txt", "new"); });
    attempt("copy_symlink", [] { return (fs::copy_symlink("link", "new"), 0); });
    attempt("resize_file", [] { return (fs::resize_file("text.txt", 0), 0); });
    attempt("permissions set", [] { return (fs::permissions("text.txt", fs::perms::none), 0); });
    attempt("last_write_time", [] { return fs::last_write_time("text.txt") > fs::file_time_type{}; });
    attempt("last_write_time set", [] { return (fs::last_write_time("text.txt", {}), 0); });
}
