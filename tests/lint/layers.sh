# SPDX-License-Identifier: Apache-2.0
# Layering: CONTRIBUTING.md's table against the #include lines.

# forbidden_includes TABLE: the includes on standard input, as grep -n prints them, that TABLE does not allow.
forbidden_includes() { awk -f "$root/tests/lint/layers.awk" "$1" -; }

layers_can_fail() {
    cat >table.md <<'EOF'
| room | what | may use |
| --- | --- | --- |
| `abi/` | what both share | nothing |
| `house/` | see below | `abi/` |
| `house/low/` | the bottom | `abi/` |
| `house/high/` | the top | `low/`, `other/` |
| `other/` | beside it | `house/` |
EOF
    local allowed=('house/high/a.h:1:#include "house/low/b.h"' 'house/high/a.h:2:#include "house/high/c.h"'
        'house/low/b.cpp:3:#include "abi/d.h"'
        'house/high/a.h:4:#include <vector>' 'other/e.cpp:5:#include "house/low/b.h"'
        'house/high/a.h:6:#include "other/e.h"' 'house/low/b.cpp:7:#  include "sibling.h"')
    expect "what is found in a good sample" "$(printf '%s\n' "${allowed[@]}" | forbidden_includes table.md)" ""
    local include
    for include in 'house/low/b.cpp:3:#include "house/high/a.h"' 'abi/d.h:3:#include "house/low/b.h"' \
        'house/low/b.cpp:3:#  include <house/high/a.h>' 'house/low/deep/b.cpp:3:#include "other/e.h"' \
        'house/high/a.h:3:#include "../low/b.h"' \
        'cellar/x.cpp:3:#include <vector>' 'other/e.cpp:3:#include "tests/f.h"'; do
        contains "what is found in $include" "$(forbidden_includes table.md <<<"$include")" "${include%%:*}:3: "
    done
    contains "what is found in a table" \
        "$(sed 's/`low\/`/`lou\/`/' table.md >wrong.md; forbidden_includes wrong.md <<<"$include")" \
        "house/high/ may use lou/, which is no room"
}
test_case "layers: a forbidden include is found, an allowed one is not" layers_can_fail

layers() {
    cd "$root"
    local found includes
    includes=$(git grep -n -E '^\s*#\s*include' -- hypercall kernel pv-drivers balloon tools-agent userland images hv |
        grep -E '^[^:]*\.(h|cpp|c|S):')
    found=$(forbidden_includes CONTRIBUTING.md <<<"$includes")
    expect "includes that CONTRIBUTING.md's table does not allow" "$found" ""
}
test_case "layers: every include is one that CONTRIBUTING.md allows" layers
