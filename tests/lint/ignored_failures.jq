# SPDX-License-Identifier: Apache-2.0
# Reads scripts as syntax trees of shfmt, and prints the places (FILE:LINE) where `set -e` overlooks a failure: a
# statement `! command`, `a && b`, or `a || ! b`. The last statement of a function, a subshell or a command substitution
# is left out, because its status is the status of the whole.

def overlooks:
    .Negated == true
    or (.Cmd.Type == "BinaryCmd" and (.Cmd.Op == 10 or (.Cmd.Op == 11 and .Cmd.Y.Negated == true)));

def statement_lists:
    (select(.Type == "FuncDecl") | .Body.Cmd.Stmts // [] | .[:-1]),
    (select(.Type == "Subshell" or .Type == "CmdSubst" or .Type == "ProcSubst") | .Stmts // [] | .[:-1]),
    (select((.Type == "Block" and .function_body != true) or .Type == "File" or .Type == "CaseClause") | .Stmts // []),
    (select(.Type == "CaseClause") | .Items[] | .Stmts // []),
    (.Then // []),
    (.Do // []);

.Name as $name
| (.. | objects | select(.Type == "FuncDecl") | .Body.Cmd) |= (.function_body = true)
| [.. | objects | statement_lists | .[] | select(overlooks) | .Pos.Line] | unique
| .[] | "\($name):\(.)"
