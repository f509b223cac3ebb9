// SPDX-License-Identifier: Apache-2.0
// Mangled names of C++ (Itanium C++ ABI, section 5.1), as people write them.
#pragma once

#include <string>

namespace hv {

/// Of a function or a type; what is no mangled name stays as it is, and so does one that would be longer than 4 KiB: a
/// guest chooses its names, and a few bytes of one can stand for gigabytes.
[[nodiscard]] std::string demangled(const std::string& name);

/// The same for functions only: those of C may have names that would be types.
[[nodiscard]] std::string demangled_function(const std::string& name);

/// A panic's reason, with the type of an exception that nobody caught demangled: the guest leaves that to hv.
[[nodiscard]] std::string with_type_demangled(const std::string& reason);

}  // namespace hv
