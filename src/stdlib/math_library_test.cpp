#include "tests/support/run_script.hpp"

namespace moonlet::stdlib {
namespace {

TEST(MathLibrary, RoundsAndConverts) {
  expect_runs(R"lua(
    same(math.floor(3.7), 3) same(math.floor(-3.2), -4) same(math.floor(5), 5)
    same(math.ceil(3.2), 4) same(math.ceil(-3.7), -3)
    same(math.floor(2^70), 2^70) same(math.ceil(-2^70), -2^70)
    same(math.floor(1/0), 1/0) same(math.ceil(-1/0), -1/0)
    same(math.floor("3.7"), 3)
    same(math.floor(2^63), 2^63) same(math.floor(-2^63), math.mininteger)
    same(math.abs(-3), 3) same(math.abs(-3.5), 3.5) same(math.abs(math.mininteger), math.mininteger)
    same(math.tointeger(3.0), 3) same(math.tointeger("8"), 8) same(math.tointeger("0x10"), 16)
    same(math.tointeger(3.5), nil) same(math.tointeger({}), nil) same(math.tointeger(2^63), nil)
    same(math.type(1), "integer") same(math.type(1.0), "float") same(math.type("1"), nil)
    same(math.ult(1, -1), true) same(math.ult(-1, 1), false)
    local whole, fraction = math.modf(3.5)
    same(whole, 3) same(fraction, 0.5)
    whole, fraction = math.modf(-3.5)
    same(whole, -3) same(fraction, -0.5)
    whole, fraction = math.modf(-1/0)
    same(whole, -1/0) same(fraction, 0.0)
    whole, fraction = math.modf(7)
    same(whole, 7) same(fraction, 0.0)
    same(math.fmod(-6, 4), -2) same(math.fmod(6, -4), 2) same(math.fmod(-6.5, 4), -2.5)
    same(math.fmod(math.mininteger, -1), 0)
    same(math.fmod(5, math.huge), 5.0)
    fails("bad argument #2 to 'math.fmod' (zero)", math.fmod, 1, 0)
    fails("number expected, got no value", math.floor)
    fails("number expected, got table", math.sqrt, {})
    fails("value expected", math.type)
    fails("number has no integer representation", math.ult, 1.5, 1)
  )lua");
}

TEST(MathLibrary, ComparesExactly) {
  expect_runs(R"lua(
    same(math.max(1, 2.5, -3), 2.5) same(math.min(1, 2.5, -3), -3)
    same(math.max(1, 1.0), 1) same(math.max(1.0, 1), 1.0)
    same(math.max(2^53, (1 << 53) + 1), (1 << 53) + 1)
    same(math.min(2^53 + 2, (1 << 53) + 1), (1 << 53) + 1)
    same(math.max(math.maxinteger, 2^63), 2^63) same(math.max(math.maxinteger, 1e300), 1e300)
    same(math.min(math.mininteger, -1/0), -1/0) same(math.max(math.mininteger, -1/0), math.mininteger)
    same(math.min(math.mininteger, -2^63), math.mininteger)
    same(math.max("a", "b", "aa"), "b") same(math.min("10", "9"), "10")
    local v = setmetatable({}, {__lt = function() return true end})
    same(math.max(1, v), v)
    fails("value expected", math.max)
    fails("attempt to compare", math.min, 1, {})
    local many = {}
    for i = 1, 5000 do many[i] = i % 4999 end
    same(math.max(table.unpack(many)), 4998) same(math.min(table.unpack(many)), 0)
  )lua");
}

TEST(MathLibrary, KnowsElementaryFunctions) {
  expect_runs(R"lua(
    same(math.pi, 0x1.921fb54442d18p+1) same(math.huge, 1/0)
    same(math.maxinteger, 0x7fffffffffffffff) same(math.mininteger, -math.maxinteger - 1)
    same(math.sin(0), 0.0) same(math.cos(0), 1.0) same(math.sqrt(16), 4.0)
    same(math.exp(0), 1.0) same(math.log(1), 0.0) same(math.log(8, 2), 3.0)
    same(math.log(1000, 10), 3.0) same(math.log(125, 5), 3.0)
    same(math.atan(1), math.pi / 4) same(math.atan(-1, -1), -3 * math.pi / 4)
    same(math.asin(1), math.pi / 2) same(math.acos(-1), math.pi)
    same(math.deg(math.pi), 180.0) same(math.rad(180), math.pi)
    same(math.tan(0.5), 0x1.17b4f5bf3474ap-1)
    assert(math.log(-1) ~= math.log(-1))
    same(2^10, 1024.0) same((-8)^3, -512.0)
  )lua");
}

TEST(MathLibrary, RepeatsRandomSequences) {
  expect_runs(R"lua(
    math.randomseed(1007)
    same(math.random(0), 0x7a7040a5a323c9d6)
    math.randomseed(42, 7)
    same(math.random(0), 0xd4f84e156cc64a30 | 0)
    same(math.random(), 0x1.f1bc360385883p-1)
    same(math.random(6), 2)
    local a, b = math.randomseed()
    local x = math.random(0)
    math.randomseed(a, b)
    same(math.random(0), x)
    same(select("#", math.randomseed(5)), 2)
    for i = 1, 100 do
      local n = math.random(3, 7)
      assert(n >= 3 and n <= 7)
      same(math.random(5, 5), 5)
    end
    fails("interval is empty", math.random, 0, -1)
    fails("interval is empty", math.random, -5)
    fails("wrong number of arguments", math.random, 1, 2, 3)
    fails("number has no integer representation", math.random, 1.5)
    fails("number has no integer representation", math.randomseed, 1.5)
  )lua");
}

}  // namespace
}  // namespace moonlet::stdlib
