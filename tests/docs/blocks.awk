# SPDX-License-Identifier: Apache-2.0
# Takes a page's blocks of commands apart:  awk -v directory=DIR -f blocks.awk PAGE
#
# Each fenced block of sh or console becomes the file DIR/N, and a line of DIR/list: N, its line in the page, its
# language, and what a comment right before it says:
#
#   <!-- test: not run here: REASON -->        the block is skipped
#   <!-- test: needs: COMMAND -->              the block is skipped on a machine where COMMAND fails
#   <!-- test: Ctrl-C after: TEXT -->          its command is interrupted when it has printed TEXT
#
# What would escape the test is an error, one line on standard error each: an indented block, a fence without a language
# or with an unknown one, a comment that is none of these or that stands before nothing.
function wrong(what) { print FILENAME ":" FNR ": " what >"/dev/stderr"; failed = 1 }

BEGIN {
    split("c cpp json text xml", names)
    for (i in names) is_shown[names[i]] = 1
    printf "" >(directory "/list")
}

in_fence {
    if ($0 == "```") {
        in_fence = 0
        if (is_run) close(file)
    } else if (is_run) {
        print >file
    }
    next
}

/^ *```/ {
    language = $0
    sub(/^ *```/, "", language)
    in_fence = 1
    is_run = language == "sh" || language == "console"
    if (is_run) {
        file = directory "/" ++count
        printf "" >file
        print count "\t" FNR "\t" language "\t" directive >(directory "/list")
    } else if (directive != "") {
        wrong("the comment for the test stands before no block of commands")
    }
    if (/^ /) wrong("an indented fence")
    if (language == "") wrong("a block without a language: ```sh for commands, ```console for commands with output")
    if (language == "") wrong("a block without a language: ```sh for commands, ```console if their output follows")
    directive = ""
    next
}

/^<!-- test: / {
    directive = $0
    sub(/^<!-- test: /, "", directive)
    if (directive !~ /^(not run here|needs|Ctrl-C after): .+ -->$/)
        wrong("none of 'not run here: REASON', 'needs: COMMAND', 'Ctrl-C after: TEXT': " directive)
    sub(/ -->$/, "", directive)
    next
}

directive != "" { wrong("the comment for the test stands before no block of commands"); directive = "" }
/^    / && was_empty { wrong("an indented block: a fence has a language, by which it is run or not") }
{ was_empty = /^$/ }

END {
    if (in_fence) wrong("a fence that does not end")
    exit failed
}
