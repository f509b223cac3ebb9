# SPDX-License-Identifier: Apache-2.0
# What a machine costs its host, as counts.

# The same image in two machines: its read-only segments are one copy. Measured on pages, which do not depend on time.
shared_text() {
    start one "$images/httpd.elf"
    local first=$machine
    start two "$images/httpd.elf"
    local guest shared
    guest=$(pgrep -P "$machine")
    shared=$(awk '/r-xp.*images/ {inside = 1} inside && /^Shared_Clean/ {sum += $2; inside = 0} END {print sum + 0}' "/proc/$guest/smaps")
    [ "$shared" -gt 0 ] || { echo "no page of the text is shared: $shared KiB"; return 1; }
    stop "$machine"
    stop "$first"
}
test_case "two machines of one image share its text" shared_text

small() {
    start small "$images/idle.elf"
    local guest private
    guest=$(pgrep -P "$machine")
    private=$(awk '/^Private/ {sum += $2} END {print sum}' "/proc/$machine/smaps_rollup" "/proc/$guest/smaps_rollup")
    # Twice the aim of 1.5 MiB: what fails here is a mistake of size, not noise.
    [ "$private" -lt 3072 ] || { echo "an idle machine has $private KiB of private memory"; return 1; }
    stop "$machine"
}
test_case "an idle machine has less than 3 MiB of private memory" small
