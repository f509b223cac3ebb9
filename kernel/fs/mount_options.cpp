// SPDX-License-Identifier: Apache-2.0
// Mounting at the machine's start.
#include "kernel/fs/mount_options.h"

#include <array>

#include "kernel/base/cut.h"
#include "kernel/base/init_step.h"
#include "kernel/console/console.h"
#include "kernel/fs/archive.h"
#include "kernel/fs/path_walk.h"
#include "kernel/options/command_line.h"

namespace tenon {

namespace {

constinit IntrusiveList<FileSystemType> types;

struct Request {
    std::string_view type, path, options;
};

Request parse(std::string_view text) {
    Request request;
    request.type = cut(text, ':');
    request.path = cut(text, ',');
    request.options = text;
    return request;
}

/// Calls visit(request) for each mount: the types' defaults, unless an option names the place, and the options.
template <typename Visit>
void for_each_request(Visit&& visit) {
    types.for_each([&](const FileSystemType& type) {
        bool is_named = type.default_path.empty();
        for_each_kernel_option("mount",
                               [&](std::string_view text) { is_named |= parse(text).path == type.default_path; });
        if (!is_named) visit(Request{type.name, type.default_path, {}});
    });
    for_each_kernel_option("mount", [&](std::string_view text) { visit(parse(text)); });
}

/// Says why a mount is missing. The machine runs: the program finds out at once, and can say more.
void complain(const Request& request, const char* reason) {
    warn("mount=%.*s:%.*s is ignored: %s", static_cast<int>(request.type.size()), request.type.data(),
         static_cast<int>(request.path.size()), request.path.data(), reason);
}

/// Makes the directories of `path` that are missing. The path of a mount is short.
Outcome<InodeReference> directory_at(std::string_view path) {
    InodeReference place = root_directory();
    while (!path.empty()) {
        const std::string_view name = cut(path, '/');
        if (name.empty()) continue;
        auto next = place->look_up(name);
        if (!next && next.error().code == ENOENT) next = place->create(name, S_IFDIR | 0755, {});
        if (!next) return next;
        place = cross_mounts(std::move(*next));
    }
    if (!place->is_directory()) return fail_with(ENOTDIR);
    return place;
}

void mount(const Request& request) {
    FileSystemType* type = types.find([&](const FileSystemType& each) { return each.name == request.type; });
    if (type == nullptr) return complain(request, "the image has no such file system (FEATURES)");
    if (!request.path.starts_with('/')) return complain(request, "the path does not begin with a slash");
    auto place = directory_at(request.path);
    if (!place) return complain(request, "there is no such directory, and none can be made");
    const auto made = type->make(request.options);
    if (!made)
        return complain(request, made.error().code == EINVAL ? "there is an unknown or wrong option behind the path"
                                                             : "the file system cannot be opened");
    if (!(*made)->mount_on(std::move(*place), request.path)) complain(request, "something is mounted there");
}

void mount_file_systems() {
    for_each_request([](const Request& request) {
        if (!add_archive_directory(request.path)) complain(request, "there are too many mounts");
    });
    for_each_request(mount);
}

TENON_INIT_STEP(filesystems, mount_file_systems);

}  // namespace

void register_file_system_type(FileSystemType& type) { types.push_back(type); }

bool take_option(std::string_view& options, std::string_view& key, std::string_view& value) {
    if (options.empty()) return false;
    value = cut(options, ',');
    key = cut(value, '=');
    return true;
}

}  // namespace tenon
