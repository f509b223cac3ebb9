// SPDX-License-Identifier: Apache-2.0
// std::filesystem where it may write; and threads that make and remove names at once.
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "../check.h"
#include "../tree.h"

using namespace conformance;
namespace fs = std::filesystem;

namespace {

/// The result of a call, or the error that it throws; and the tree afterwards.
template <typename Call>
void attempt(const std::string& name, Call&& call) {
    plant_tree();
    const std::string before = tree_text();
    try {
        if constexpr (std::is_void_v<decltype(call())>) {
            call();
            report(name, "done");
        } else {
            report_value(name, call());
        }
    } catch (const fs::filesystem_error& error) {
        report(name, error_name(error.code().value()));
    }
    if (const std::string after = tree_text(); after != before) report(name + ", then", after);
    fell_tree();
}

}  // namespace

CONFORMANCE(filesystem_changes) {
    using Options = fs::copy_options;
    attempt("create_directory", [] { return fs::create_directory("new"); });
    attempt("create_directory that is there", [] { return fs::create_directory("dir"); });
    attempt("create_directory that is a file", [] { return fs::create_directory("text"); });
    attempt("create_directory like another", [] { return fs::create_directory("new", "full"); });
    attempt("create_directories", [] { return fs::create_directories("new/deep/deeper"); });
    attempt("create_directories through a file", [] { return fs::create_directories("text/deep"); });
    attempt("create_symlink", [] { fs::create_symlink("text", "new"); });
    attempt("create_directory_symlink", [] { fs::create_directory_symlink("dir", "new"); });
    attempt("create_symlink that is there", [] { fs::create_symlink("text", "link"); });
    attempt("create_hard_link", [] { fs::create_hard_link("text", "new"); });
    attempt("create_hard_link to nothing", [] { fs::create_hard_link("nothing", "new"); });
    attempt("rename", [] { fs::rename("text", "new"); });
    attempt("rename over", [] { fs::rename("text", "empty"); });
    attempt("rename a directory", [] { fs::rename("full", "dir"); });
    attempt("rename into itself", [] { fs::rename("full", "full/deep/new"); });
    attempt("rename to another file system", [] { fs::rename("text", "/small/new"); });
    attempt("copy_file", [] { return fs::copy_file("text", "new"); });
    attempt("copy_file that is there", [] { return fs::copy_file("text", "empty"); });
    attempt("copy_file, skipping", [] { return fs::copy_file("text", "empty", Options::skip_existing); });
    attempt("copy_file, overwriting", [] { return fs::copy_file("text", "empty", Options::overwrite_existing); });
    attempt("copy_file, updating", [] { return fs::copy_file("/text.txt", "empty", Options::update_existing); });
    attempt("copy_file from the image", [] { return fs::copy_file("/text.txt", "new"); });
    attempt("copy_file to the image", [] { return fs::copy_file("text", "/new"); });
    attempt("copy_file of a directory", [] { return fs::copy_file("dir", "new"); });
    attempt("copy", [] { fs::copy("full", "new"); });
    attempt("copy recursively", [] { fs::copy("full", "new", Options::recursive); });
    attempt("copy from the image", [] { fs::copy("/dir", "new", Options::recursive | Options::copy_symlinks); });
    attempt("copy links", [] { fs::copy("link", "new", Options::copy_symlinks); });
    attempt("copy as hard links", [] { fs::copy("full", "new", Options::recursive | Options::create_hard_links); });
    attempt("copy_symlink", [] { fs::copy_symlink("link", "new"); });
    attempt("resize_file", [] { fs::resize_file("text", 2); });
    attempt("resize_file to more", [] { fs::resize_file("text", 2000); });
    attempt("resize_file of a directory", [] { fs::resize_file("dir", 2); });
    attempt("permissions", [] { fs::permissions("text", fs::perms::owner_all); });
    attempt("permissions added", [] { fs::permissions("text", fs::perms::group_write, fs::perm_options::add); });
    attempt("permissions removed", [] { fs::permissions("text", fs::perms::others_read, fs::perm_options::remove); });
    attempt("last_write_time", [] {
        const auto time = fs::file_time_type::clock::now() - std::chrono::hours(1000);
        fs::last_write_time("text", time);
        return fs::last_write_time("text") == time;
    });
    attempt("remove", [] { return fs::remove("text"); });
    attempt("remove a directory", [] { return fs::remove("dir"); });
    attempt("remove a full directory", [] { return fs::remove("full"); });
    attempt("remove nothing", [] { return fs::remove("nothing"); });
    attempt("remove_all", [] { return fs::remove_all("full"); });
    attempt("remove_all of a link", [] { return fs::remove_all("dirlink"); });
    attempt("remove_all of nothing", [] { return fs::remove_all("nothing"); });
    attempt("temp_directory_path", [] { return fs::temp_directory_path().string(); });
    attempt("current_path", [] {
        fs::current_path("full/deep");
        const std::string path = fs::current_path().string();
        fs::current_path("../..");
        return path;
    });
    attempt("canonical", [] { return fs::canonical("dirlink/deep/../../link").string(); });
    attempt("hard_link_count", [] { return fs::hard_link_count("text"); });
    attempt("equivalent", [] { return fs::equivalent("text", "hard"); });
    attempt("is_empty", [] { return fs::is_empty("empty") && fs::is_empty("dir") && !fs::is_empty("full"); });
}

CONFORMANCE(space) {
    attempt("space", [] { return fs::space("/small").capacity; });
    attempt("space that is free", [] { return fs::space("/small").free; });
    attempt("space of nothing", [] { return fs::space("nothing").capacity; });
    std::error_code code;
    VALUE("space without an exception", fs::space("/small", code).available);
    VALUE("unknown space", fs::space("nothing", code).available == static_cast<std::uintmax_t>(-1));
    CODE("why", code.value());
}

CONFORMANCE(threads_and_names) {
    plant_tree();
    constexpr int count = 300;
    // Each name is made by one thread, and removed by one, whichever comes first.
    std::atomic<int> made = 0, removed = 0, moved = 0;
    const auto work = [&] {
        for (int i = 0; i != count; ++i) {
            const std::string name = "dir/" + std::to_string(i);
            if (mkdir(name.c_str(), 0755) == 0) ++made;
            if (rename(name.c_str(), ("full/" + std::to_string(i)).c_str()) == 0) ++moved;
            if (rmdir(("full/" + std::to_string(i)).c_str()) == 0) ++removed;
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i != 4; ++i) threads.emplace_back(work);
    for (std::thread& thread : threads) thread.join();
    for (int i = 0; i != count; ++i) {
        if (rmdir(("dir/" + std::to_string(i)).c_str()) == 0) ++removed;
        if (rmdir(("full/" + std::to_string(i)).c_str()) == 0) ++removed;
    }
    VALUE("all were made", made >= count);
    // A move may replace an empty directory.
    VALUE("all are gone", removed <= made && removed > 0 && moved > 0);
    VALUE("none is left", std::string_view(tree_text()).find("dir/") == std::string_view::npos);
    struct stat status;
    stat("dir", &status);
    VALUE("links", static_cast<int>(status.st_nlink));
    // Appends of several threads do not overwrite each other.
    threads.clear();
    for (int i = 0; i != 4; ++i)
        threads.emplace_back([] {
            std::ofstream file("text", std::ios::app);
            for (int j = 0; j != 1000; ++j) file << "0123456789" << std::flush;
        });
    for (std::thread& thread : threads) thread.join();
    VALUE("all was appended", fs::file_size("text"));
    fell_tree();
}
