# SPDX-License-Identifier: Apache-2.0
# pvbench's report in a browser, and the runner that makes it.
pvbench=$root/build/pvbench-linux
browser=chromium-headless-shell

# result NAME BUILD MEDIANS [CPU]: results with clock_read and these medians, of which the middle one is the median.
result() {
    jq -n --arg name "$1" --arg build "$2" --argjson medians "$3" --arg cpu "${4:-Some CPU}" '
        ($medians | sort | .[length / 2 | floor]) as $median | {
        schema: "tenon-pvbench-1", program: {version: "1.0", build: $build},
        platform: {name: $name, os: "System", kernel: "6.1", hypervisor: "hv", cpu: $cpu, cpus: 1,
            memory_bytes: 67108864, clocksource: "tsc"},
        features: {net: ["MAC", "CSUM"], blk: []}, command_line: "--json",
        measures: [{name: "clock_read", subject: "clock", unit: "ns", better: "lower", samples: 5000, warm_up: 100,
            repetitions: ($medians | length), median: $median, p99: ($median * 2), mean: $median, spread: 0.01,
            medians: $medians}],
        left_out: [{name: "blk_flush", subject: "blk", reason: "there is no disk"}]}' >"$1.json"
}

# What a reader sees, measured in the page itself: a script is added to a copy of it, without the policy that forbids
# scripts. Of each row its texts, and where its bar and whisker begin and end, in parts of the bar's room.
probe_script='
const parts = (row, selector) => {
    const room = row.querySelector("svg.bar")?.getBoundingClientRect();
    const part = row.querySelector(selector)?.getBoundingClientRect();
    return part && [(part.left - room.left) / room.width, (part.right - room.left) / room.width];
};
const lines = row => [...row.children].map(child => child.getBoundingClientRect())
    .map(box => (box.top + box.bottom) / 2).sort((a, b) => a - b)
    .filter((middle, at, all) => at == 0 || middle - all[at - 1] > 8).length;
const text = (row, selector) => row.querySelector(selector)?.textContent ?? null;
const rows = [...document.querySelectorAll("figure")].flatMap(figure =>
    [...figure.querySelectorAll(".row")].map(row => ({
        measure: figure.id, platform: text(row, ".platform"), value: text(row, ".value"), tail: text(row, ".tail"),
        ratio: text(row, ".ratio"), reason: text(row, ".reason"), bar: parts(row, "rect"), whisker: parts(row, "line"),
        color: row.querySelector("rect") && getComputedStyle(row.querySelector("rect")).fill,
        lines: lines(row)})));
const seen = {rows, text: document.body.innerText, room: document.documentElement.clientWidth,
    width: document.documentElement.scrollWidth, background: getComputedStyle(document.body).backgroundColor,
    scripts: document.scripts.length, images: document.images.length,
    subjects: [...document.querySelectorAll("h2")].map(heading => heading.textContent)};
const output = document.createElement("pre");
output.id = "probe";
output.textContent = btoa(unescape(encodeURIComponent(JSON.stringify(seen))));
document.body.append(output);'

# look PAGE WIDTH SCHEME (0 is dark, 1 bright): what is seen, in the file `seen`.
look() {
    sed -e '/Content-Security-Policy/d' -e '/<\/body>/d' -e '/<\/html>/d' "$1" >probe.html
    printf '<script>%s</script></body></html>\n' "$probe_script" >>probe.html
    timeout 120 "$browser" --no-sandbox --disable-gpu --user-data-dir="$PWD/profile" --window-size="$2,800" \
        --blink-settings="preferredColorScheme=$3" --dump-dom "file://$PWD/probe.html" >dom 2>browser.log </dev/null
    sed -n 's/.*<pre id="probe">\([^<]*\).*/\1/p' dom | base64 -d >seen
    [ -s seen ] || { cat browser.log >&2; return 1; }
}
# holds EXPRESSION: of what is seen.
holds() {
    if jq -e "def near(\$to): . - \$to | fabs < 0.005; $1" seen >/dev/null; then return; fi
    echo "not so: $1" >&2
    jq -c ".rows[]" seen >&2
    return 1
}

two_platforms() {
    result hv-pv tenon '[40, 45, 50, 55, 60]'
    result qemu-linux linux '[190, 195, 198, 199, 200]'
    "$pvbench" --report report.html --left-out "gvisor=runsc is not installed" hv-pv.json qemu-linux.json
}

report_shows_the_numbers() {
    two_platforms
    look report.html 1200 1
    holds '.rows[0] | .platform == "hv-pv" and .value == "50.0 ns" and .tail == "p99 100 ns" and .ratio == "baseline"'
    holds '.rows[1] | .platform == "qemu-linux" and .value == "198 ns"'
    holds '.rows[1].ratio | test("^[34][.][0-9]+x worse$")'
    # The room's width stands for the largest value, 200 ns.
    holds '.rows[0] | (.bar[0] | near(0)) and (.bar[1] | near(0.25))'
    holds '.rows[1] | (.bar[0] | near(0)) and (.bar[1] | near(0.99))'
    holds '.rows[0] | (.whisker[0] | near(0.2)) and (.whisker[1] | near(0.3))'
    holds '.rows[1] | (.whisker[0] | near(0.95)) and (.whisker[1] | near(1))'
    holds '.rows[0].color != .rows[1].color'
    holds '[.rows[].lines] | all(. == 1)'
    holds '.rows[2] | .measure == "blk_flush" and .bar == null and .reason == "left out: there is no disk"'
    holds '.subjects == ["Platforms", "clock", "blk"]'
    holds '.text | contains("gvisor: runsc is not installed") and contains("64.0 MiB")'
    holds '.images == 0 and .scripts == 1'
    contains details "$(cat report.html)" "<li>net: MAC, CSUM</li>"
}

report_fits_a_phone() {
    two_platforms
    look report.html 390 1
    holds '.room <= 390 and .width <= .room'
    # The bar has a line to itself, as wide as the page.
    holds '.rows[0] | .lines == 3 and (.bar[1] | near(0.25))'
}

report_is_dark_for_who_wants_it() {
    two_platforms
    look report.html 1200 1
    holds '.background == "rgb(255, 255, 255)"'
    look report.html 1200 0
    holds '[.background | scan("[0-9]+") | tonumber] | add < 120'
}

text_of_files_stays_text() {
    result '<img src=x onerror=document.title=1>' tenon '[1, 1, 1, 1, 1]' '</td><script>document.body.remove()</script>'
    "$pvbench" --report report.html --left-out '<b>x</b>=<script>1</script>' ./*.json
    look report.html 1200 1
    holds '.rows[0].platform == "<img src=x onerror=document.title=1>"'
    holds '.text | contains("</td><script>document.body.remove()</script>")'
    holds '.text | contains("<b>x</b>: <script>1</script>")'
    holds '.images == 0 and .scripts == 1'
}

what_pvbench_writes_is_read() {
    "$pvbench" --json --quick --only clock >console 2>/dev/null
    local status=0
    "$pvbench" --compare --json console console >comparison || status=$?
    expect status "$status" 0
    [ "$(jq '.comparisons[0].measures | length' comparison)" -ge 2 ]
    expect verdicts "$(jq -r '.comparisons[0].measures[].verdict' comparison | sort -u)" "within noise"
    "$pvbench" --report report.html console
    contains page "$(cat report.html)" clock_read
    head -c 300 console >damaged
    status=0
    "$pvbench" --compare console damaged 2>refusal || status=$?
    expect "status of damaged results" "$status" 2
    contains refusal "$(cat refusal)" "pvbench: damaged: "
}

# Two runs have the same name, unless --label gives them others; a file's name may be anything.
names_are_told_apart() {
    result hv-pv tenon '[40, 45, 50, 55, 60]'
    cp hv-pv.json $'again\e[31m.json'
    result other tenon '[40, 45, 50, 55, 60]'
    "$pvbench" --report report.html --left-out $'x\e[31m=\xff' hv-pv.json again*.json other.json
    expect "names in the report" "$(grep -o '<span class="platform">[^<]*' report.html | sed 's/.*>//' | sort -u)" \
        $'hv-pv (again?[31m.json)\nhv-pv (hv-pv.json)\nother'
    contains "what is left out" "$(cat report.html)" "<li>x?[31m: ?</li>"
    contains comparison "$("$pvbench" --compare hv-pv.json again*.json)" "hv-pv (again?[31m.json) against"
    # In JSON it is the file's own.
    expect "file in JSON" "$("$pvbench" --compare --json hv-pv.json again*.json | jq -r '.comparisons[0].file')" \
        $'again\e[31m.json'
}

run_pvbench() { PVBENCH_RESULTS=$PWD PVBENCH_ARGUMENTS="--quick --only clock,net" "$root/images/pvbench/run.sh" "$@"; }

runner_measures_and_reports() {
    run_pvbench hv-pv linux-native gvisor >output
    expect platforms "$(jq -r .platform.name hv-pv.json linux-native.json)" $'hv-pv\nlinux-native'
    expect builds "$(jq -r .program.build hv-pv.json linux-native.json)" $'tenon\nlinux'
    local platform
    for platform in hv-pv linux-native; do
        expect "round trips of $platform" \
            "$(jq '[.measures[] | select(.name == "net_round_trip_tcp")] | length' $platform.json)" 1
    done
    contains report "$(cat report.html)" net_round_trip_tcp
    # This machine's network is as it was.
    not ip link show dev veth0
    expect "what is left of the work" "$(find . -name 'work.*')" ""
}

runner_names_what_fails() {
    local status=0
    mkdir bin
    printf '#!/bin/sh\necho no luck\nexit 3\n' >bin/qemu-system-x86_64
    chmod +x bin/qemu-system-x86_64
    PATH=$PWD/bin:$PATH run_pvbench qemu-q35 linux-native >output 2>errors || status=$?
    expect status "$status" 1
    contains output "$(cat output)" "qemu-q35: failed: ended with status 3"
    contains errors "$(cat errors)" "pvbench: failed: qemu-q35"
    expect console "$(cat qemu-q35.log)" "no luck"
    not test -e qemu-q35.json
    # The others are measured, and the report has the reason.
    contains report "$(cat report.html)" "qemu-q35: ended with status 3"
    contains report "$(cat report.html)" linux-native
    status=0
    run_pvbench hv-kvn 2>errors || status=$?
    expect "status of a wrong name" "$status" 2
    contains errors "$(cat errors)" "'hv-kvn' is none of the platforms"
}

if command -v "$browser" >/dev/null; then
    test_case "report_shows_the_numbers" report_shows_the_numbers
    test_case "report_fits_a_phone" report_fits_a_phone
    test_case "report_is_dark_for_who_wants_it" report_is_dark_for_who_wants_it
    test_case "report_text_of_files_stays_text" text_of_files_stays_text
else
    skip_case report "there is no $browser"
fi
test_case "report_what_pvbench_writes_is_read" what_pvbench_writes_is_read
test_case "report_names_are_told_apart" names_are_told_apart
root_case "a network of its own" "report_runner_measures_and_reports" runner_measures_and_reports
root_case "a network of its own" "report_runner_names_what_fails" runner_names_what_fails
