# SPDX-License-Identifier: Apache-2.0
# From exec to exit of the smallest machine.
row "hv run images/hello on pv, exec to exit" "$(command_ms "$hv run --accel pv $images/hello.elf")" ms 2
row "  beside it: /bin/true" "$(command_ms /bin/true)" ms
