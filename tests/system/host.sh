# SPDX-License-Identifier: Apache-2.0
# A machine's cost for its host, as counts.

# text_of HV: the file (device:inode) that its guest's text is mapped from, and how much of it others map too and only
# this guest maps, in KiB. Pages of a file on tmpfs count as dirty, whoever maps them.
text_of() {
    awk '/^[0-9a-f]+-/ {inside = /r-xp.*images/; if (inside) file = $4 ":" $5}
        inside && /^Shared_/ {shared += $2}
        inside && /^Private_/ {private += $2}
        END {print file, shared + 0, private + 0}' "/proc/$(pgrep -P "$1")/smaps"
}

# The same image in two machines: its read-only segments are one copy. Measured on pages, which do not depend on time.
shared_text() {
    start one "$images/httpd.elf"
    local first=$machine file shared private
    start two "$images/httpd.elf"
    read -r file shared private < <(text_of "$machine")
    expect "the file of the other's text" "$(text_of "$first" | cut -d ' ' -f 1)" "$file"
    [ "$shared" -gt "$private" ] || { echo "of the text $shared KiB are shared, $private KiB are not"; return 1; }
    stop "$machine"
    stop "$first"
}
test_case "two machines of one image share its text" shared_text

small() {
    start small "$images/idle.elf"
    local guest private
    guest=$(pgrep -P "$machine")
    private=$(awk '/^Private/ {sum += $2} END {print sum}' "/proc/$machine/smaps_rollup" "/proc/$guest/smaps_rollup")
    # Twice the aim of 1.5 MiB, so that noise does not fail the case.
    [ "$private" -lt 3072 ] || { echo "an idle machine has $private KiB of private memory"; return 1; }
    stop "$machine"
}
test_case "an idle machine has less than 3 MiB of private memory" small

# README names the images in one cell of its table, and their sizes in the next.
documented_sizes() {
    local cells
    IFS='|' read -ra cells < <(grep '^| stripped images: ' "$root/README.md")
    paste -d ' ' <(tr / '\n' <<<"${cells[1]#*: }" | awk '{ print $1 }') \
        <(tr / '\n' <<<"${cells[2]% KiB*}" | tr -d ' ')
}

sizes() {
    local name kib seen=()
    while read -r name kib; do
        strip --strip-all -o stripped "$images/$name.elf"
        between "stripped size of $name" "$(stat -c %s stripped)" 1 $((kib * 1024 * 103 / 100))
        seen+=("$name")
    done < <(documented_sizes)
    expect "images with a documented size" "${seen[*]}" "hello hello-cpp httpd"
}
test_case "stripped images are no larger than README says, and 3 %" sizes
