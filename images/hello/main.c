// SPDX-License-Identifier: Apache-2.0
// Says hello to each name on the command line.
#include <stdio.h>

int main(int argc, char** argv) {
    if (argc < 2) puts("Hello from Tenon");
    for (int i = 1; i < argc; ++i) printf("Hello %s\n", argv[i]);
    return 0;
}
