-- Floor division rounds towards minus infinity, for both subtypes.
print(7 // 2, -7 // 2, 7 // -2, -7 // -2) -- expect: 3 -4 -4 3
print(6 // 2, -6 // 2, 6 // -2, -6 // -2) -- expect: 3 -3 -3 3
print(1 // 3, -1 // 3, 0 // 5, 0 // -5) -- expect: 0 -1 0 0
print(7.5 // 2, -7.5 // 2, 7.5 // -2, -7.5 // -2) -- expect: 3.0 -4.0 -4.0 3.0
print(1 // 0.0, -1 // 0.0, 1.0 // math.huge, -1.0 // math.huge) -- expect: inf -inf 0.0 -0.0
print(5.0 // 0, -5 // 0.0) -- expect: inf -inf
print(0.0 // 1, -0.0 // 1) -- expect: 0.0 -0.0
print(0.0 / 0.0 ~= 0.0 / 0.0, math.huge // 1, -math.huge // 1) -- expect: true inf -inf
print(math.maxinteger // 2, math.mininteger // 2)
-- expect: 4611686018427387903 -4611686018427387904
print(math.maxinteger // -1, math.mininteger // 1)
-- expect: -9223372036854775807 -9223372036854775808
print(2^53 // 1, (2^53 + 1) // 3) -- expect: 9.007199254741e+15 3.0023997515803e+15
-- The identity a == (a // b) * b + a % b.
local failures = 0
for a = -9, 9 do
  for _, b in ipairs {-4, -3, -1, 1, 3, 4} do
    if a ~= (a // b) * b + a % b then failures = failures + 1 end
    if a // b ~= math.floor(a / b) then failures = failures + 1 end
  end
end
print(failures) -- expect: 0
