-- SPDX-License-Identifier: Apache-2.0
assert(("hello world"):find("o w") == 5 and ("hello"):rep(3, "-") == "hello-hello-hello")
assert(("key = value"):match("^(%w+)%s*=%s*(%w+)$") == "key" and ("x"):byte() == 120)
assert(("hello"):gsub("l", { l = "L" }) == "heLLo" and select(2, ("banana"):gsub("a", "")) == 3)
assert(string.pack("<i4z", 7, "ab") == "\7\0\0\0ab\0" and string.unpack("<i4", "\7\0\0\0") == 7)
assert(utf8.char(228, 8364) == "ä€" and utf8.len("ä€") == 2 and #"ä€" == 5)
local parts = {}
for word in ("the quick brown fox"):gmatch("%a+") do parts[#parts + 1] = word:upper() end
assert(table.concat(parts, " ") == "THE QUICK BROWN FOX")
local long = ("0123456789"):rep(100000)
assert(#long == 1000000 and long:find("9", 999999, true) == 1000000 and long:reverse():sub(1, 2) == "98")
assert("a" < "b" and "Z" < "a" and not ("b" < "a"))
print("checked")
