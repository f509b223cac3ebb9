// SPDX-License-Identifier: Apache-2.0
// Terminals.
#ifndef TENON_TERMIOS_H
#define TENON_TERMIOS_H

#include <sys/termios.h>

#endif
