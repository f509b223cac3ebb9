// SPDX-License-Identifier: Apache-2.0
// Under this name programs include what chooses the declarations that headers have.
#ifndef TENON_FEATURES_H
#define TENON_FEATURES_H

#include <sys/features.h>

#endif
