// SPDX-License-Identifier: Apache-2.0
// Firecracker's path about a drive.
#include "hv/api/drives_api.h"

#include <fmt/format.h>

#include <algorithm>

#include "hv/api/api_body.h"

namespace hv {

namespace {

Result<std::size_t> named_drive(const HttpRequest& request, const std::vector<DriveConfig>& drives) {
    const std::string_view id = std::string_view(request.path).substr(sizeof drives_path - 1);
    const auto drive = std::ranges::find(drives, id, &DriveConfig::drive_id);
    if (drive == drives.end())
        return fail(ErrorKind::usage,
                    fmt::format("'{}' is not a drive of this machine (GET /vm/config lists them)", id));
    TRY(const Json body, body_of(request));
    TRY(JsonSection section, JsonSection::open(body, "", {request.method + " " + request.path, "this request"}));
    TRY(const auto named, section.take_string("drive_id"));
    if (named && *named != id) return section.wrong(fmt::format("'drive_id' is '{}'", *named));
    TRY(const auto path, section.take_string("path_on_host"));
    if (path && *path != drive->path)
        return section.wrong(
            fmt::format("'path_on_host': the image of a running machine stays '{}'; only its size can "
                        "change",
                        drive->path));
    CHECK(section.refuse("rate_limiter"));
    CHECK(section.finish());
    return static_cast<std::size_t>(drive - drives.begin());
}

}  // namespace

HttpResponse patch_drive(const HttpRequest& request, MachineControl& machine) {
    const auto drive = named_drive(request, machine.config().drives);
    if (!drive) return http_fault(400, drive.error().message);
    if (const auto read = machine.reread_disk(*drive); !read) return http_fault(400, read.error().message);
    return no_content();
}

}  // namespace hv
