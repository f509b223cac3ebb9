// SPDX-License-Identifier: Apache-2.0
// ELF notes by which a part of the image announces itself to hypervisors (hypercall/note.h).
#pragma once

#define TENON_NOTE_TEXT_OF(value) #value
#define TENON_NOTE_TEXT(value) TENON_NOTE_TEXT_OF(value)

/// At namespace scope. `type` is a number; `descriptor` are assembler directives. In assembler, as the compiler aligns
/// variables more than notes may be, and does not know the type of their section.
#define TENON_IMAGE_NOTE(type, descriptor) \
    asm(".pushsection .note.Tenon, \"a\", @note\n" \
        ".balign 4\n"                             \
        ".long 6, 2f - 1f, " TENON_NOTE_TEXT(type) "\n" \
        ".asciz \"Tenon\"\n"                      \
        ".balign 4\n"                             \
        "1: " descriptor "\n"                     \
        "2: .balign 4\n"                          \
        ".popsection")
