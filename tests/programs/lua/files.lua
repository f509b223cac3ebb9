-- SPDX-License-Identifier: Apache-2.0
local name = "/tmp/lines"
local file = assert(io.open(name, "w"))
for i = 1, 1000 do assert(file:write(i, " ", i / 4, "\n")) end
assert(file:close())
local count, sum = 0, 0
for line in io.lines(name) do
    count = count + 1
    sum = sum + tonumber(line:match(" (%S+)$"))
end
assert(count == 1000 and sum == 125125)
file = assert(io.open(name, "r+"))
assert(file:seek("end") == #("1 0.25\n") + file:seek("cur") - 7)
assert(file:seek("set", 0) == 0 and file:read("n") == 1 and file:read("n") == 0.25 and file:read("L") == "\n")
file:close()
assert(os.rename(name, name .. ".old") and os.remove(name .. ".old"))
local nothing, message, number = io.open(name)
assert(nothing == nil and message == name .. ": No such file or directory" and number == 2)
local temporary = io.tmpfile()
temporary:write("kept")
temporary:seek("set")
assert(temporary:read("a") == "kept")
assert(os.tmpname():find("^/tmp/"))
assert(os.time { year = 2020, month = 1, day = 1, hour = 12 } == 1577880000 and os.date("!%Y-%m-%d", 0) == "1970-01-01")
assert(os.clock() > 0 and load("return 1 + 1")() == 2 and select(2, load("return +")):find("unexpected"))
print("checked")
