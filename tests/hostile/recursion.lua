local function descend(n) return n == 0 and 0 or 1 + descend(n - 1) end
while true do pcall(descend, 1000000) end
