local function ping(f, g) return g(g, f) end
local function pong(f, g) return g(g, f) end
ping(ping, pong)
