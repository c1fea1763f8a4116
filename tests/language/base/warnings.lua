-- warn writes to stderr when it is switched on; pieces are joined.
warn("@off")
warn("not shown")
warn("@on")
warn("shown ", "in ", "pieces")
warn("@unknown control messages are ignored")
warn("@off")
warn("not shown either")
print(pcall(warn)) -- expect: false bad argument #1 to 'warn' (string expected, got no value)
print(pcall(warn, {})) -- expect: false bad argument #1 to 'warn' (string expected, got table)
print(pcall(warn, "ok", 5, nil))
-- expect: false bad argument #3 to 'warn' (string expected, got nil)
-- expect stderr: Lua warning: shown in pieces
