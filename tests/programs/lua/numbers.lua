-- SPDX-License-Identifier: Apache-2.0
assert(7 // 2 == 3 and -7 // 2 == -4 and 7 % -3 == -2 and 7.5 // 2 == 3.0)
assert(math.maxinteger + 1 == math.mininteger and math.type(2^31) == "float")
assert(string.format("%.14g %.17g %a %5.1f %d", 0.1, 0.1, 0.5, 2.25, -3) == "0.1 0.10000000000000001 0x1p-1   2.2 -3")
assert(tostring(1e15) == "1e+15" and tostring(-0.0) == "-0.0" and tostring(1/0) == "inf" and tostring(2^63) == "9.2233720368548e+18")
assert(tonumber("0x1p4") == 16 and tonumber("1e1") == 10 and tonumber("10", 2) == 2 and tonumber("abc") == nil)
for _, x in ipairs { 1.5, 1e-300, 1e300, 123456.789, 2^-1074 } do
    assert(tonumber(string.format("%.17g", x)) == x)
end
assert(math.abs(math.sin(1) - 0.8414709848078965) < 1e-15 and math.abs(math.exp(1) - 2.718281828459045) < 1e-15)
assert(math.fmod(-5, 3) == -2 and math.ult(1, -1) and 5 ~ 3 == 6 and 1 << 63 == math.mininteger)
print("checked")
