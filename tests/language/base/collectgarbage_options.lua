-- Every option of collectgarbage and what it gives back.
print(collectgarbage(), collectgarbage("collect")) -- expect: 0 0
local count = collectgarbage("count")
print(math.type(count), count > 0) -- expect: float true
print(collectgarbage("isrunning"), collectgarbage("stop"), collectgarbage("isrunning"))
-- expect: true 0 false
print(collectgarbage("restart"), collectgarbage("isrunning")) -- expect: 0 true
print(type(collectgarbage("step")), type(collectgarbage("step", 100))) -- expect: boolean boolean
collectgarbage("incremental") -- a program may start in either mode
local mode = collectgarbage("generational")
print(mode, collectgarbage("incremental"), collectgarbage("incremental"))
-- expect: incremental generational incremental
print(type(collectgarbage("setpause", 200)), type(collectgarbage("setstepmul", 100)))
-- expect: number number
print(pcall(collectgarbage, "nonsense"))
-- expect: false bad argument #1 to 'collectgarbage' (invalid option 'nonsense')
print(pcall(collectgarbage, 5))
-- expect: false bad argument #1 to 'collectgarbage' (invalid option '5')
-- Memory goes up with what is held and down when it is dropped.
collectgarbage()
local before = collectgarbage("count")
local held = {}
for i = 1, 100 do held[i] = ("x"):rep(1000) .. i end
local with = collectgarbage("count")
held = nil
collectgarbage()
local after = collectgarbage("count")
print(with - before > 90, with - after > 90) -- expect: true true
repeat until collectgarbage("step", 1000)
print("a cycle ends") -- expect: a cycle ends
