// SPDX-License-Identifier: Apache-2.0
// A kernel panic on the build machine is an exception.
#include "tests/unit/kernel/panic.h"

#include "kernel/base/format.h"
#include "kernel/trap/panic.h"

namespace tenon {

void panic(const char* format, ...) {
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    format_text_list(text, sizeof(text), format, arguments);
    va_end(arguments);
    throw test::Panic(text);
}

}  // namespace tenon
