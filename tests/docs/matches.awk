# SPDX-License-Identifier: Apache-2.0
# Whether output is as a page shows it:  awk -f matches.awk EXPECTED OUTPUT
# In EXPECTED a line of … alone stands for any lines, … in a line for any text within it; the width of columns is free.
FILENAME == ARGV[1] { expected[++expected_count] = $0; next }
{ output[++output_count] = $0 }

function pattern(text) {
    gsub(/[][\\.*^$+?(){}|]/, "\\\\&", text)
    gsub(/  +/, " +", text)
    gsub(/…/, ".*", text)
    return "^" text "$"
}
function matches(e, o) {
    while (e <= expected_count) {
        if (expected[e] == "…") {
            for (; o <= output_count + 1; ++o)
                if (matches(e + 1, o)) return 1
            return 0
        }
        if (o > output_count || output[o] !~ pattern(expected[e])) return 0
        ++e
        ++o
    }
    return o > output_count
}
END { exit !matches(1, 1) }
