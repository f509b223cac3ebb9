# SPDX-License-Identifier: Apache-2.0
# Who includes whom, against the table of rooms: awk -f layers.awk CONTRIBUTING.md INCLUDES
#
# CONTRIBUTING.md: each row `| `room/` | what it is | `name/`, ... |`. A name of the third column is a room beside the
# row's own, or else one of the root; it stands for what is below it too. INCLUDES: lines "FILE:LINE:#include ...", from
# grep -n. Prints each include that the table does not allow, and each file that is in no room.

# The room of a path: the longest row of the table that it is below.
function room_of(path,    room, best) {
    best = ""
    for (room in allowed)
        if (index(path, room) == 1 && length(room) > length(best)) best = room
    return best
}

FILENAME ~ /\.md$/ {
    if ($0 !~ /^\| `[^`]*\/` \|/) next
    split($0, column, "|")
    room = column[2]
    gsub(/[ `]/, "", room)
    parent = room
    sub(/[^\/]*\/$/, "", parent)
    allowed[room] = " "
    rest = column[4]
    while (match(rest, /`[^`]*\/`/)) {
        name = substr(rest, RSTART + 1, RLENGTH - 2)
        rest = substr(rest, RSTART + RLENGTH)
        names[room, ++count[room]] = name
        parents[room] = parent
    }
    next
}

# All rows are known: the names of the third column become paths.
!resolved {
    resolved = 1
    for (room in allowed)
        for (i = 1; i <= count[room]; ++i) {
            name = names[room, i]
            path = parents[room] name
            if (!(path in allowed)) path = name
            if (!(path in allowed)) print "the table: " room " may use " name ", which is no room"
            allowed[room] = allowed[room] path " "
        }
}

{
    file = $0
    sub(/:.*/, "", file)
    place = $0
    match(place, /:[0-9]+:/)
    place = substr(place, 1, RSTART + RLENGTH - 2)
    if (!match($0, /["<][^">]*[">]/)) next
    header = substr($0, RSTART + 1, RLENGTH - 2)
    from = room_of(file)
    if (from == "") {
        print place ": in no room of the table"
        next
    }
    if (header ~ /(^|\/)\.\.\//) print place ": " header ": a path with .."
    to = room_of(header)
    if (header ~ /^tenon\//) to = "userland/include/"
    if (to == "") {
        if (header ~ /^(tests|build|images)\//) print place ": " from " uses " header
        next
    }
    if (index(to, from) == 1) next
    permitted = 0
    total = split(allowed[from], paths, " ")
    for (i = 1; i <= total; ++i)
        if (index(to, paths[i]) == 1) permitted = 1
    if (!permitted) print place ": " from " must not use " to " (" header ")"
}
