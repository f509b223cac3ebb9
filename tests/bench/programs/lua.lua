-- SPDX-License-Identifier: Apache-2.0
-- Small loads of one kind each: runs the one that is named, or names all.
local loads = {
    { "fib", function()
        local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end
        return fib(30)
    end },
    { "floats", function()
        local x, y, vx, vy = 1.0, 0.0, 0.0, 1.0
        for _ = 1, 2000000 do
            local r3 = (x * x + y * y) ^ 1.5
            vx, vy = vx - 1e-3 * x / r3, vy - 1e-3 * y / r3
            x, y = x + 1e-3 * vx, y + 1e-3 * vy
        end
    end },
    { "sort", function()
        local numbers = {}
        for i = 1, 200000 do numbers[i] = (i * 7919) % 200003 end
        table.sort(numbers)
    end },
    { "strings", function()
        local parts = {}
        for i = 1, 200000 do parts[#parts + 1] = ("item " .. i):upper():sub(2, 7) end
        return #table.concat(parts, ",")
    end },
    { "find", function()
        local text, count = ("the quick brown fox jumps "):rep(20000) .. "needle", 0
        for _ = 1, 20 do count = count + text:find("needle", 1, true) end
        return count
    end },
    { "tables", function()
        for _ = 1, 30 do
            local all = {}
            for i = 1, 20000 do all[i] = { i, name = i } end
        end
    end },
    { "math", function()
        local sum = 0
        for i = 1, 1000000 do sum = sum + math.sin(i) + math.exp(-i / 1e6) + math.log(i) + math.sqrt(i) end
        return sum
    end },
    { "format", function()
        for i = 1, 200000 do string.format("%.14g %5.2f", i / 7, i / 3) end
    end },
    { "output", function()
        local file = io.open("/tmp/lua-output", "w")
        for i = 1, 300000 do file:write("line ", i, "\n") end
        file:close()
        os.remove("/tmp/lua-output")
    end },
}
if arg[1] then
    for _, load in ipairs(loads) do
        if load[1] == arg[1] then load[2]() end
    end
else
    for _, load in ipairs(loads) do print(load[1]) end
end
