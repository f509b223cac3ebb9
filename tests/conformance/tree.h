// SPDX-License-Identifier: Apache-2.0
// A small tree of files below /tmp, made anew for each check that changes it.
#pragma once

#include <string>

namespace conformance {

/// Makes the tree, and makes it the working directory: text (5 bytes), empty, dir, full/inner, full/deep/leaf, link,
/// dirlink, dangling, loop, out (to the read-only root), hard (text's second name).
void plant_tree();
/// Removes it; the working directory is / again.
void fell_tree();
/// All of the tree in a line, sorted: each name with type, permissions, links, size and, of links, the target.
[[nodiscard]] std::string tree_text();

}  // namespace conformance
