// SPDX-License-Identifier: Apache-2.0
// An exception that nobody catches: names it before the machine stops. Takes the place of libsupc++'s handler, which is
// abort.
#include <cxxabi.h>

#include <exception>
#include <typeinfo>

#include "kernel/trap/panic.h"

namespace {

/// The type's mangled name (c++filt reads it): the demangler alone would be larger than many a program.
[[noreturn]] void report_and_stop() {
    const std::type_info* type = abi::__cxa_current_exception_type();
    if (type == nullptr) tenon::panic("std::terminate() was called without an exception");
    try {
        throw;
    } catch (const std::exception& exception) {
        tenon::panic("uncaught exception of type %s: %s", type->name(), exception.what());
    } catch (...) {
        tenon::panic("uncaught exception of type %s", type->name());
    }
}

}  // namespace

namespace __cxxabiv1 {
extern std::terminate_handler __terminate_handler;
std::terminate_handler __terminate_handler = report_and_stop;
}  // namespace __cxxabiv1
