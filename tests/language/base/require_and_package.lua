-- require: preload, searchers, path, loaded; each module is loaded once.
local loads = 0
package.preload.alpha = function(name, extra)
  loads = loads + 1
  return {name = name, extra = extra}
end
local alpha, how = require("alpha")
print(alpha.name, alpha.extra, how, require("alpha") == alpha, loads)
-- expect: alpha :preload: :preload: true 1
print(package.loaded.alpha == alpha, type(package.path), type(package.cpath), type(package.config))
-- expect: true string string string
package.loaded.alpha = nil
require("alpha")
print(loads) -- expect: 2
-- Modules without a value count as true.
package.preload.beta = function() loads = loads + 1 end
print(require("beta"), require("beta"), package.loaded.beta) -- expect: true true true
package.preload.gamma = function(name) package.loaded[name] = "set by itself" end
print(require("gamma")) -- expect: set by itself :preload:
-- From a file on the path.
local base = os.tmpname()
local dir, file = base:match("^(.*/)([^/]*)$")
local f = assert(io.open(base .. "_mod.lua", "w"))
f:write("local name, path = ... return {name = name, has_path = path ~= nil}")
f:close()
local old = package.path
package.path = dir .. "?.lua"
local mod, where = require(file .. "_mod")
print(mod.name == file .. "_mod", mod.has_path, where == base .. "_mod.lua")
-- expect: true true true
print(package.searchpath(file .. "_mod", package.path) == base .. "_mod.lua") -- expect: true
print(package.searchpath("a.b", "./?.none;/none/?.x"))
-- expect: nil no file './a/b.none'
-- expect: no file '/none/a/b.x'
package.path = old
os.remove(base .. "_mod.lua")
os.remove(base)
-- An own searcher, errors in modules, and modules that are not there.
table.insert(package.searchers, 2, function(name)
  if name:match("^virtual%.") then return function(n, x) return n .. "/" .. x end, "extra" end
  return "\n\tno virtual '" .. name .. "'"
end)
print(require("virtual.one")) -- expect: virtual.one/extra extra
package.preload.broken = function() error("while loading", 0) end
print(pcall(require, "broken")) -- expect: false while loading
package.path, package.cpath = "./?.absent", ""
local ok, message = pcall(require, "not.there")
print(ok, message:match("^module 'not.there' not found:"), message:match("no virtual 'not.there'"))
-- expect: false module 'not.there' not found: no virtual 'not.there'
print(message:match("no field package.preload%['not.there'%]"))
-- expect: no field package.preload['not.there']
print(message:match("no file './not/there.absent'")) -- expect: no file './not/there.absent'
