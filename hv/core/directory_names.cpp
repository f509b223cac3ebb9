// SPDX-License-Identifier: Apache-2.0
// What is in a directory.
#include "hv/core/directory_names.h"

#include <dirent.h>
#include <fcntl.h>

#include <memory>

namespace hv {

std::vector<std::string> names_in(int directory) {
    std::vector<std::string> names;
    // A second descriptor: closedir() closes the one that it has. Both have one position.
    const int copy = fcntl(directory, F_DUPFD_CLOEXEC, 0);
    const std::unique_ptr<DIR, int (*)(DIR*)> listing(copy < 0 ? nullptr : fdopendir(copy), closedir);
    if (!listing) return names;
    rewinddir(listing.get());
    while (const dirent* entry = readdir(listing.get())) names.emplace_back(entry->d_name);
    return names;
}

}  // namespace hv
