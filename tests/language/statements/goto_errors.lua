-- What the parser says about labels that cannot be reached or are defined twice.
local function refused(source)
  local f, message = load(source, "=src")
  print(message)
end
refused("goto nowhere") -- expect: src:1: no visible label 'nowhere' for <goto> at line 1
refused("do ::inner:: end goto inner")
-- expect: src:1: no visible label 'inner' for <goto> at line 1
refused("goto f; local x; ::f:: print(x)")
-- expect: src:1: <goto f> at line 1 jumps into the scope of local 'x'
refused("::twice:: ::twice::") -- expect: src:1: label 'twice' already defined on line 1
refused("::a:: do ::a:: end") -- expect: src:1: label 'a' already defined on line 1
refused("break") -- expect: src:1: break outside loop at line 1
refused("goto = 1") -- expect: src:1: <name> expected near '='
refused("repeat if x then goto cont end; local y = 1; ::cont:: until y")
-- expect: src:1: <goto cont> at line 1 jumps into the scope of local 'y'
refused("local function f() goto out end ::out::")
-- expect: src:1: no visible label 'out' for <goto> at line 1
refused("for i = 1, 2 do ::l:: end goto l")
-- expect: src:1: no visible label 'l' for <goto> at line 1
-- A label followed only by void statements ends the scope, so this one is fine.
print(load("do goto e; local x; ::e:: end") ~= nil) -- expect: true
print(load("do goto e; local x; ::e:: ; ; ::f:: end") ~= nil) -- expect: true
