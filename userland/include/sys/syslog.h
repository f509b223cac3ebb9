// SPDX-License-Identifier: Apache-2.0
// The header's other name.
#include <syslog.h>
