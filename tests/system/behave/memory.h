// SPDX-License-Identifier: Apache-2.0
// A guest that takes and frees memory on command.
#pragma once

/// Executes `commands`, then the lines of standard input, and prints a line for each:
///   take N     allocates N MiB and writes to every page        "took N MiB" (how much there was)
///   zero N     the same, but every page is filled with zeros    "zeroed N MiB"
///   scatter N  allocates N MiB in small objects of many sizes, and frees all but one in 64   "kept N KiB"
///   free       frees everything                                 "freed N MiB"
///   check      reads it all                                     "as written", or "N pages are not as written"
///   pressure   lets the memory pressure handler free everything "watching"; later "pressure: freed N MiB"
///   figures    "free N released N ballooned N reported N pressure N", in MiB but for the last
///   wait       does nothing any more                            "waiting"
/// Ends with the end of the input, or with "end".
int play_with_memory(int count, char** commands);
