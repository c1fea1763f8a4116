#include "frontend/function_names.hpp"

#include <gtest/gtest.h>

#include "frontend/test_listing.hpp"

namespace moonlet::frontend {
namespace {

// The names of a chunk's functions but main, in their order; "-" for none.
std::string names_of(std::string_view source) {
  const bytecode::Chunk chunk = test::compile(source);
  EXPECT_EQ(chunk.functions[0].name, bytecode::kNoString);
  std::string names;
  for (std::size_t n = 1; n < chunk.functions.size(); ++n) {
    const std::uint32_t name = chunk.functions[n].name;
    names += (n == 1 ? "" : " ") + (name == bytecode::kNoString ? "-" : chunk.strings[name]);
  }
  return names;
}

TEST(FunctionNames, OfStatements) {
  EXPECT_EQ(names_of("local function f() end function g() end function M.a.b() end "
                     "function M.a:c() end"),
            "f g M.a.b M.a.c");
}

TEST(FunctionNames, OfAssignments) {
  EXPECT_EQ(names_of("local a, b = function() end, function() end "
                     "c, M.d = function() end, function() end "
                     "local t, k = {}, 1 t[k] = function() end t[2] = function() end "
                     "t['x y'] = function() end t[k + 1] = function() end t[K] = function() end"),
            "a b c M.d t[k] t[2] t.x y t[] t[K]");
  EXPECT_EQ(names_of("local a = 1, function() end"), "-");
  EXPECT_EQ(names_of("function up() k = function() end; up = function() end end"), "up k up");
}

TEST(FunctionNames, OfTables) {
  EXPECT_EQ(names_of("local t = {f = function() end, function() end, ['g'] = function() end, "
                     "[3] = {h = function() end}, i = {j = {function() end}}}"),
            "t.f t[] t.g t[3].h t.i.j[]");
  EXPECT_EQ(names_of("return {f = function() end, {function() end}}"), "f [][]");
  EXPECT_EQ(names_of("return function() end"), "-");
}

TEST(FunctionNames, OfArguments) {
  EXPECT_EQ(names_of("on('start', function() end) bus:on('stop', function() end) "
                     "a.b['c'](function() end); (function() end)() x().y(1, function() end) "
                     "return wrap(function() end)"),
            "on(start) bus.on(stop) a.b.c() - x().y() wrap()");
  // What it is assigned to says more.
  EXPECT_EQ(names_of("local t = setmetatable({f = function() end}, {__index = function() end}) "
                     "M.g = wrap(wrap(function() end))"),
            "t.f t.__index M.g");
}

TEST(FunctionNames, OfAlternatives) {
  EXPECT_EQ(names_of("local f = M.f or function() end local g = a and function() end or "
                     "b and function() end"),
            "f g g");
}

TEST(FunctionNames, AreCut) {
  std::string chain = "a";
  for (int n = 0; n < 10'000; ++n) chain += ".field";
  const std::string name = names_of(chain + " = function() end");
  EXPECT_EQ(name.size(), 120u);
  EXPECT_EQ(name.substr(0, 13), "a.field.field");
  EXPECT_EQ(names_of("on('" + std::string(50, 'x') + "', function() end)"),
            "on(" + std::string(40, 'x') + ")");
}

}  // namespace
}  // namespace moonlet::frontend
