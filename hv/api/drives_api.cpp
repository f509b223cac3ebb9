// SPDX-License-Identifier: Apache-2.0
// Firecracker's path about a drive.
#include "hv/api/drives_api.h"

#include <fmt/format.h>

#include <algorithm>

#include "hv/api/api_body.h"
#include "hv/machine/drives_config.h"
#include "hv/machine/rate_limits_config.h"

namespace hv {

Result<DriveChange> drive_change(const HttpRequest& request, const std::vector<DriveConfig>& drives) {
    const std::string_view id = std::string_view(request.path).substr(sizeof drives_path - 1);
    const auto drive = std::ranges::find(drives, id, &DriveConfig::drive_id);
    if (drive == drives.end())
        return fail(ErrorKind::usage,
                    fmt::format("'{}' is not a drive of this machine (GET /vm/config lists them)", id));
    TRY(const Json body, body_of(request));
    const JsonSection::Origin origin{request.method + " " + request.path, "this request"};
    TRY(JsonSection section, JsonSection::open(body, "", origin));
    TRY(const auto named, section.take_string("drive_id"));
    if (named && *named != id) return section.wrong(fmt::format("'drive_id' is '{}'", *named));
    TRY(const auto path, section.take_string("path_on_host"));
    if (path && *path != drive->path)
        return section.wrong(
            fmt::format("'path_on_host': the image of a running machine stays '{}'; only its size can "
                        "change",
                        drive->path));
    RateLimits limits = drive->limits;
    CHECK(read_rate_limits(section, drive_limiter_key, origin, limits));
    CHECK(section.finish());
    const bool limiting = body.contains(drive_limiter_key);
    return DriveChange{.drive = static_cast<std::size_t>(drive - drives.begin()),
                       .limits = limiting ? std::optional(limits) : std::nullopt,
                       .reread = path || !limiting};
}

HttpResponse patch_drive(const HttpRequest& request, MachineControl& machine) {
    const auto change = drive_change(request, machine.config().drives);
    if (!change) return http_fault(400, change.error().message);
    if (change->reread)
        if (const auto read = machine.reread_disk(change->drive); !read) return http_fault(400, read.error().message);
    if (change->limits) machine.limit_disk(change->drive, *change->limits);
    return no_content();
}

}  // namespace hv
