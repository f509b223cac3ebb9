// SPDX-License-Identifier: Apache-2.0
// The library of the project.
const char* word(void) { return "Hello"; }
