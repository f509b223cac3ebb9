// SPDX-License-Identifier: Apache-2.0
// Sleeps until the hypervisor asks for a shutdown.
#include <tenon/ready.h>
#include <unistd.h>

int main(void) {
    tenon_ready();
    for (;;) pause();
}
