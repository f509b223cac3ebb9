// SPDX-License-Identifier: Apache-2.0
// The code that starts other vCPUs of a hardware-assisted machine: an image whose program runs in one thread does not
// contain it, and such an image uses one vCPU there.
#pragma once

/// Defined beside that code. Code that makes threads for a program refers to it by a constant of its own, which the
/// linker then leaves out.
extern "C" const char tenon_other_vcpus_are_linked;
