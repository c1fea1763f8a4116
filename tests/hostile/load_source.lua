local piece = "local x = 1 + 2 * 3 "
local source = string.rep(piece, 100)
while true do
  load(source)
  load(function() return piece end, "=endless")
end
