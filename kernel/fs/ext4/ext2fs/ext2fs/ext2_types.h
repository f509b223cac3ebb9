// SPDX-License-Identifier: Apache-2.0
// The integer types of libext2fs, in place of those that its configure makes: Linux's own, so that one source may
// include both.
#pragma once

#include <linux/types.h>
#include <stdint.h>

#ifndef __force
#define __force
#endif
