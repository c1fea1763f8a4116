-- %d %i %u-like, %c %x %X %o %e %E %f %g %G %a with flags, width, precision.
print(string.format("%d|%5d|%-5d|%05d|%+d|% d|%.3d", 42, 42, 42, 42, 42, 42, 7))
-- expect: 42|   42|42   |00042|+42| 42|007
print(string.format("%d %d %d", -42, 0, math.mininteger), string.format("%i", 3.0))
-- expect: -42 0 -9223372036854775808 3
print(string.format("%x|%X|%#x|%08x|%o|%#o", 255, 255, 255, 255, 8, 8))
-- expect: ff|FF|0xff|000000ff|10|010
print(string.format("%x %x", -1, math.mininteger)) -- expect: ffffffffffffffff 8000000000000000
print(string.format("%c%c%c", 72, 105, 0) == "Hi\0", string.format("[%3c|%-3c]", 65, 66))
-- expect: true [  A|B  ]
print(string.format("%f|%.2f|%10.3f|%-10.1f|%+.0f|%#.0f", 3.14159, 3.14159, 3.2, 3.3, 2.5, 3))
-- expect: 3.141590|3.14|     3.200|3.3       |+2|3.
print(string.format("%e|%.2E|%.0e", 12345.678, 0.00012, 5)) -- expect: 1.234568e+04|1.20E-04|5e+00
print(string.format("%g|%g|%g|%g|%.3g|%G", 100000, 1e6, 1e20, 0.0001, 3.14159, 1e-10))
-- expect: 100000|1e+06|1e+20|0.0001|3.14|1E-10
print(string.format("%g|%.14g|%.17g|%#g", 0.1, 0.1, 0.1, 1))
-- expect: 0.1|0.1|0.10000000000000001|1.00000
print(string.format("%a|%A", 1, 0.5), string.format("%.3a", 1/3))
-- expect: 0x1p+0|0X1P-1 0x1.555p-2
print(string.format("%f %g %e", math.huge, -math.huge, 1/0), string.format("%5.1f|%d", 2^53, 2^53))
-- expect: inf -inf inf 9007199254740992.0|9007199254740992
print(string.format("%.99f", 1/3):len()) -- expect: 101
print(string.format("%99d", 1):len(), #string.format("%.99f", 1e300)) -- expect: 99 401
print(string.format("%d", "10"), string.format("%x", "0xff"), string.format("%.1f", "2.25"))
-- expect: 10 ff 2.2
print(string.format("%5.2s|%.0s|", "abc", "xyz"), string.format("%.20f", 0.1))
-- expect: ab|| 0.10000000000000000555
print(pcall(string.format, "%d", 1.5))
-- expect: false bad argument #2 to 'string.format' (number has no integer representation)
print(pcall(string.format, "%d", "1.5"))
-- expect: false bad argument #2 to 'string.format' (number has no integer representation)
print(pcall(string.format, "%d", "x"))
-- expect: false bad argument #2 to 'string.format' (number expected, got string)
print(pcall(string.format, "%d")) -- expect: false bad argument #2 to 'string.format' (no value)
print(pcall(string.format, "%c", "x"))
-- expect: false bad argument #2 to 'string.format' (number expected, got string)
print(pcall(string.format, "%100d", 1)) -- expect: false invalid conversion specification: '%100d'
print(pcall(string.format, "%.100f", 1)) -- expect: false invalid conversion specification: '%.100f'
print(pcall(string.format, "%y", 1)) -- expect: false invalid conversion '%y' to 'format'
print(pcall(string.format, "%", 1)) -- expect: false invalid conversion '%' to 'format'
print(pcall(string.format, "%0", 1)) -- expect: false invalid conversion '%0' to 'format'
print(pcall(string.format, "%#d", 1)) -- expect: false invalid conversion specification: '%#d'
print(pcall(string.format, "%ll", 1)) -- expect: false invalid conversion '%l' to 'format'
