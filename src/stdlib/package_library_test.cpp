#include "tests/support/run_script.hpp"

namespace moonlet::stdlib {
namespace {

TEST(PackageLibrary, RequiresFromSearchers) {
  expect_runs(R"lua(
    same(require("string"), string) same(require("_G"), _G)
    package.preload.mine = function(...) return {...} end
    local m, data = require("mine")
    same(m[1], "mine") same(m[2], ":preload:") same(data, ":preload:")
    same(require("mine"), m) same(select("#", require("mine")), 1)
    package.preload.quiet = function() end
    same(require("quiet"), true) same(package.loaded.quiet, true)
    package.preload.own = function(name) package.loaded[name] = "own" end
    same(require("own"), "own")
    package.preload.no = function() return false end
    same(require("no"), false)
    package.preload.bad = function() error("cannot load", 0) end
    fails("cannot load", require, "bad")
    -- A searcher may be anything that can be called, and may say nothing.
    local searchers = package.searchers
    package.searchers = {searchers[1], function() end, function(n) return "\n\ttried " .. n end,
                         setmetatable({}, {__call = function(_, n) return "called" end})}
    local ok, message = pcall(require, "absent")
    same(message, "module 'absent' not found:\n\tno field package.preload['absent']" ..
                  "\n\t\n\ttried absent\n\tcalled")
    package.searchers = {function(n) return function(a, b) return a .. tostring(b) end, 17 end}
    same(require("made"), "made17")
    package.searchers = 3
    fails("'package.searchers' must be a table", require, "x")
    package.searchers = searchers
    -- Replacing the tables in package changes nothing.
    package.loaded, package.preload = {}, {}
    same(require("mine"), m)
    fails("string expected, got nil", require, nil)
  )lua");
}

TEST(PackageLibrary, SearchesPaths) {
  expect_runs(R"lua(
    local name = os.tmpname()
    local folder, file = string.match(name, "^(.*)/([^/]*)$")
    same(package.searchpath(file, folder .. "/?"), name)
    same(package.searchpath(file, "/none/?;" .. folder .. "/?;x"), name)
    local found, message = package.searchpath("a.b", "./?.none;/?/?.x")
    same(found, nil) same(message, "no file './a/b.none'\n\tno file '/a/b/a/b.x'")
    found, message = package.searchpath("a-b", "?", "-", "+")
    same(message, "no file 'a+b'")
    found, message = package.searchpath("a.b", "?", "")
    same(message, "no file 'a.b'")
    found, message = package.searchpath("x", "")
    same(message, "no file ''")
    found, message = package.searchpath("x", "?;;y")
    same(message, "no file 'x'\n\tno file ''\n\tno file 'y'")
    os.remove(name)
    package.path, package.cpath = "?.none;?/?", "?.so;?/init"
    local ok, text = pcall(require, "XXX")
    same(text, "module 'XXX' not found:\n\tno field package.preload['XXX']\n\tno file 'XXX.none'" ..
               "\n\tno file 'XXX/XXX'\n\tno file 'XXX.so'\n\tno file 'XXX/init'")
    package.path = {}
    fails("'package.path' must be a string", require, "XXX")
    package.path, package.cpath = "", 5

    fails("no file '5'", require, "A.B")
    same(package.config, "/\n;\n?\n!\n-\n")
    local lib, why, where = package.loadlib("x", "y")
    same(lib, nil) same(where, "absent")
    fails("string expected, got no value", package.loadlib, "x")
  )lua");
}

}  // namespace
}  // namespace moonlet::stdlib
