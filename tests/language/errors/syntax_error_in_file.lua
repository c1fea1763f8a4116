-- A program that does not parse does not start.
print("never")
local x = = 1
-- expect error: unexpected symbol near '='
