// SPDX-License-Identifier: Apache-2.0
// The version of the system that a program is built for.
#ifndef TENON_VERSION_H
#define TENON_VERSION_H

#define TENON_VERSION "0.1.0"
#define TENON_VERSION_MAJOR 0
#define TENON_VERSION_MINOR 1
#define TENON_VERSION_PATCH 0

#endif
