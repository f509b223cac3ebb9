-- SPDX-License-Identifier: Apache-2.0
local numbers = {}
for i = 1, 100000 do numbers[i] = (i * 7919) % 100003 end
table.sort(numbers)
for i = 2, #numbers do assert(numbers[i - 1] < numbers[i]) end
local words = { "pear", "apple", "fig" }
table.sort(words, function(a, b) return #a < #b end)
assert(words[1] == "fig" and table.unpack(words, 2, 2) == "pear")
local vector = setmetatable({ 1, 2 }, { __add = function(a, b) return a[1] + b[1] end, __index = function(_, k) return k .. "?" end })
assert(vector + vector == 2 and vector.other == "other?")
local generate = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i * i) end end)
assert(generate() == 1 and generate() == 4 and generate() == 9)
local ok, message = coroutine.resume(coroutine.create(function() error("inside") end))
assert(not ok and message:find("inside"))
-- Weak references and finalizers.
local finalized, weak = 0, setmetatable({}, { __mode = "v" })
for i = 1, 100 do weak[i] = setmetatable({}, { __gc = function() finalized = finalized + 1 end }) end
collectgarbage()
collectgarbage()
assert(finalized == 100 and next(weak) == nil)
local function depth(n) return n == 0 and 0 or 1 + depth(n - 1) end
assert(depth(10000) == 10000)
local ok, overflow = pcall(function() local function f() return 1 + f() end return f() end)
assert(not ok and overflow:find("stack overflow"))
print("checked")
