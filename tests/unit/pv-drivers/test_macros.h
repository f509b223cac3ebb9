// SPDX-License-Identifier: Apache-2.0
// Catch2, in files whose headers under test define a CHECK of their own. The last of the includes.
#pragma once

#include "kernel/base/result.h"

#undef CHECK
#include <catch2/catch.hpp>
