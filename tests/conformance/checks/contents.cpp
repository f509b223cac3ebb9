// SPDX-License-Identifier: Apache-2.0
// What files contain: writing, appending, holes, truncation, positions, files without a name, full file systems.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstring>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "../check.h"
#include "../tree.h"

using namespace conformance;

namespace {

std::string content(int fd) {
    char text[200] = {};
    const ssize_t size = pread(fd, text, sizeof(text), 0);
    std::string shown;
    for (ssize_t i = 0; i < size; ++i) shown += text[i] != '\0' ? text[i] : '.';
    return shown;
}

struct stat status_of(int fd) {
    struct stat status = {};
    fstat(fd, &status);
    return status;
}

}  // namespace

CONFORMANCE(writing) {
    plant_tree();
    const Descriptor file(open("new", O_RDWR | O_CREAT, 0644));
    CALL("write", write(file, "abcdef", 6));
    CALL("place", lseek(file, 0, SEEK_CUR));
    CALL("pwrite", pwrite(file, "XY", 2, 1));
    VALUE("content", content(file));
    CALL("place stays", lseek(file, 0, SEEK_CUR));
    CALL("pwrite beyond the end", pwrite(file, "Z", 1, 10));
    VALUE("a gap is zeros", content(file));
    CALL("seek beyond the end", lseek(file, 14, SEEK_SET));
    CALL("write there", write(file, "!", 1));
    VALUE("content then", content(file));
    CALL("write nothing beyond the end", pwrite(file, "", 0, 100));
    VALUE("makes nothing", status_of(file).st_size);
    const iovec parts[] = {{const_cast<char*>("one "), 4}, {const_cast<char*>("two"), 3}};
    lseek(file, 0, SEEK_SET);
    CALL("writev", writev(file, parts, 2));
    VALUE("content of parts", content(file));
    CALL("shrink", ftruncate(file, 3));
    VALUE("shrunk", content(file));
    CALL("grow", ftruncate(file, 8));
    VALUE("grown", content(file));
    CALL("cut below zero", ftruncate(file, -1));
    CALL("pwrite below zero", pwrite(file, "x", 1, -1));
    CALL("seek to the end", lseek(file, 0, SEEK_END));
    CALL("seek below zero", lseek(file, -100, SEEK_END));
    CALL("seek too far", lseek(file, std::numeric_limits<off_t>::max(), SEEK_CUR));
    CALL("write at the largest offset", pwrite(file, "x", 1, std::numeric_limits<off_t>::max()));
    const Descriptor reader(open("new", O_RDONLY)), writer(open("new", O_WRONLY));
    CALL("write to what is read", write(reader, "x", 1));
    CALL("read of what is written", read(writer, nullptr, 1));
    CALL("cut of what is read", ftruncate(reader, 0));
    CALL("cut of what is written", ftruncate(writer, 0));
    const Descriptor append(open("new", O_WRONLY | O_APPEND));
    CALL("append", write(append, "12", 2));
    CALL("place behind", lseek(append, 0, SEEK_CUR));
    CALL("to the beginning", lseek(append, 0, SEEK_SET));
    CALL("append again", write(append, "34", 2));
    CALL("pwrite appends", pwrite(append, "56", 2, 0));
    VALUE("appended", content(reader));
    CALL("without O_APPEND", fcntl(append, F_SETFL, 0));
    CALL("overwrite", pwrite(append, "ab", 2, 0));
    VALUE("overwritten", content(reader));
    const Descriptor same(dup(reader));
    char byte;
    CALL("one position", read(reader, &byte, 1));
    CALL("of two descriptors", lseek(same, 0, SEEK_CUR));
    CALL("fsync", fsync(file));
    CALL("fdatasync", fdatasync(file));
    CALL("syncfs", syncfs(file));
    CALL("cut when opened", close(open("new", O_WRONLY | O_TRUNC)));
    VALUE("empty", status_of(file).st_size);
    fell_tree();
}

CONFORMANCE(holes) {
    plant_tree();
    const Descriptor file(open("new", O_RDWR | O_CREAT, 0644));
    constexpr off_t page = 4096, far = 1000 * page;
    pwrite(file, "x", 1, 2 * page);
    pwrite(file, "y", 1, far + 5);
    VALUE("size", status_of(file).st_size);
    VALUE("blocks", status_of(file).st_blocks);
    for (const off_t from :
         {off_t{0}, page, 2 * page, 2 * page + 7, 3 * page, far, far + 5, far + 6, far + page, off_t{-1}}) {
        CALL("data from " + std::to_string(from), lseek(file, from, SEEK_DATA));
        CALL("hole from " + std::to_string(from), lseek(file, from, SEEK_HOLE));
    }
    char byte = 1;
    CALL("read in a hole", pread(file, &byte, 1, 100 * page));
    VALUE("is zero", static_cast<int>(byte));
    CALL("cut in the middle", ftruncate(file, 2 * page + 1));
    VALUE("blocks then", status_of(file).st_blocks);
    CALL("grow far", ftruncate(file, off_t{1} << 40));
    VALUE("size far", status_of(file).st_size);
    VALUE("blocks far", status_of(file).st_blocks);
    CALL("write far", pwrite(file, "z", 1, (off_t{1} << 40) - 1));
    CALL("data far", lseek(file, 3 * page, SEEK_DATA));
    CALL("read far", pread(file, &byte, 1, (off_t{1} << 40) - 1));
    VALUE("what was written", static_cast<int>(byte));
    CALL("cut to nothing", ftruncate(file, 0));
    VALUE("no blocks", status_of(file).st_blocks);
    CALL("holes of nothing", lseek(file, 0, SEEK_HOLE));
    fell_tree();
}

CONFORMANCE(without_a_name) {
    plant_tree();
    const Descriptor file(open("text", O_RDWR));
    VALUE("links", static_cast<int>(status_of(file).st_nlink));
    CALL("unlink", unlink("text"));
    VALUE("fewer links", static_cast<int>(status_of(file).st_nlink));
    CALL("unlink the other", unlink("hard"));
    VALUE("no link", static_cast<int>(status_of(file).st_nlink));
    VALUE("content stays", content(file));
    CALL("write", pwrite(file, "H", 1, 0));
    VALUE("content changes", content(file));
    SUCCEEDS("another of that name", Descriptor(open("text", O_WRONLY | O_CREAT, 0644)));
    VALUE("is another", content(file));
    const Descriptor inner(open("full/inner", O_RDONLY));
    CALL("rename over what is open", rename("empty", "full/inner"));
    VALUE("content of the former", content(inner));
    const Descriptor dir(open("dir", O_RDONLY | O_DIRECTORY));
    CALL("rmdir of what is open", rmdir("dir"));
    CALL("create in it", openat(dir, "new", O_WRONLY | O_CREAT, 0644));
    CALL("mkdir in it", mkdirat(dir, "new", 0755));
    CALL("stat in it", faccessat(dir, "new", F_OK, 0));
    SUCCEEDS("its parent", Descriptor(openat(dir, "..", O_RDONLY)));
    VALUE("its links", static_cast<int>(status_of(dir).st_nlink));
    CALL("move into it", renameat(AT_FDCWD, "link", dir, "new"));
    mkdir("here", 0755);
    chdir("here");
    CALL("rmdir of where we are", rmdir("../here"));
    char text[100];
    POINTER("getcwd", getcwd(text, sizeof(text)));
    CALL("create where we were", open("new", O_WRONLY | O_CREAT, 0644));
    CALL("up", chdir(".."));
    VALUE("is the tree", std::string_view(getcwd(text, sizeof(text))));
    mkdir("one", 0755);
    chdir("one");
    CALL("move where we are", rename("../one", "../full/two"));
    VALUE("is where it was moved", std::string_view(getcwd(text, sizeof(text))));
    fell_tree();
}

CONFORMANCE(changing_directories) {
    plant_tree();
    mkdir("many", 0755);
    chdir("many");
    std::set<std::string> stay;
    for (int i = 0; i != 500; ++i) {
        const std::string name = (i % 2 == 0 ? "stay" : "go") + std::to_string(i);
        close(open(name.c_str(), O_WRONLY | O_CREAT, 0644));
        if (i % 2 == 0) stay.insert(name);
    }
    DIR* directory = opendir(".");
    std::multiset<std::string> met;
    for (int step = 0; const dirent* entry = readdir(directory); ++step) {
        if (std::string_view(entry->d_name).starts_with("stay")) met.insert(entry->d_name);
        if (step % 2 == 0) unlink(("go" + std::to_string(step + 1)).c_str());
        if (step < 200) close(open(("came" + std::to_string(step)).c_str(), O_WRONLY | O_CREAT, 0644));
    }
    VALUE("what stays is met once", std::multiset<std::string>(stay.begin(), stay.end()) == met);
    rewinddir(directory);
    std::vector<std::string> names;
    std::vector<long> places;
    for (;;) {
        places.push_back(telldir(directory));
        const dirent* entry = readdir(directory);
        if (entry == nullptr) break;
        names.push_back(entry->d_name);
    }
    seekdir(directory, places[names.size() / 2]);
    const dirent* again = readdir(directory);
    VALUE("back to a place", again != nullptr && names[names.size() / 2] == again->d_name);
    closedir(directory);
    struct stat status;
    stat(".", &status);
    VALUE("links of a directory of files", static_cast<int>(status.st_nlink));
    mkdir("below", 0755);
    stat(".", &status);
    VALUE("links with one below", static_cast<int>(status.st_nlink));
    fell_tree();
}

CONFORMANCE(full) {
    struct statvfs before, now;
    CALL("statvfs", statvfs("/small", &before));
    VALUE("block size", before.f_bsize);
    VALUE("blocks", static_cast<unsigned long>(before.f_blocks));
    VALUE("name", before.f_namemax);
    VALUE("flags", before.f_flag & ST_RDONLY);
    const Descriptor file(open("/small/file", O_RDWR | O_CREAT, 0644));
    const std::string block(4096, 'b');
    std::size_t total = 0;
    for (ssize_t size = 0; (size = write(file, block.data(), block.size())) > 0;)
        total += static_cast<std::size_t>(size);
    VALUE("why it is full", error_name(errno));
    VALUE("how much it holds", total);
    CALL("fstatvfs", fstatvfs(file, &now));
    VALUE("nothing free", static_cast<unsigned long>(now.f_bfree));
    CALL("overwrite what is there", pwrite(file, "x", 1, 0));
    CALL("cut", ftruncate(file, 4096));
    const std::string much(100'000, 'm');
    CALL("a part of it fits", pwrite(file, much.data(), much.size(), 4096));
    CALL("a hole needs no room", ftruncate(file, 1 << 20));
    CALL("but writing in it does", pwrite(file, "x", 1, 1 << 19));
    SUCCEEDS("a name needs none", Descriptor(open("/small/empty", O_WRONLY | O_CREAT, 0644)));
    CALL("unlink", unlink("/small/file"));
    statvfs("/small", &now);
    VALUE("still held", static_cast<unsigned long>(now.f_bfree));
    CALL("cut when it has no name", ftruncate(file, 0));
    statvfs("/small", &now);
    VALUE("all is free", now.f_bfree == before.f_bfree);
    unlink("/small/empty");
    CALL("statvfs of the root", statvfs("/", &now));
    VALUE("is read-only", (now.f_flag & ST_RDONLY) != 0);
    CALL("statvfs of nothing", statvfs("/nothing", &now));
    CALL("fstatvfs of a wrong descriptor", fstatvfs(-1, &now));
}
