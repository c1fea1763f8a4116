// What agents find of the library: what is there, what is not, and that none of it can be changed.
#include <cstdlib>

#include <gtest/gtest.h>

#include "moonlet/moonlet.hpp"

namespace moonlet {
namespace {

// The results of `body` in a fresh Vm of an agent, as JSON, or the error.
std::string run_in(const Engine& engine, const std::string& body, const ForkOptions& fork = {}) {
  ImageOptions options;
  options.sources = {{"m", "return {main = function() " + body + "\nend}", "m.lua"}};
  const auto image = Image::compile(engine, options);
  if (!image) return image.error();
  Vm vm = *image->fork(fork);
  EXPECT_TRUE(vm.start("m", {"main"}, {}));
  const Outcome outcome = vm.run();
  if (const Failed* failed = error_of(outcome)) return failed->message;
  const auto& values = std::get<Finished>(outcome).values;
  return to_json(Value(Value::Array(values.begin(), values.end()))).value_or("no JSON");
}

const Engine& plain_engine() {
  static const Engine engine = *Engine::make();
  return engine;
}

std::string run(const std::string& body, const ForkOptions& fork = {}) {
  return run_in(plain_engine(), body, fork);
}

// ---- What is there.

std::string names_in(const std::string& table) {
  return run("local names = {} for name in pairs(" + table +
             ") do names[#names + 1] = name end table.sort(names) return table.concat(names, ' ')");
}

TEST(AgentLibrary, HasWhatIsSafe) {
  EXPECT_EQ(names_in("_G"),
            R"(["_G _VERSION assert base64 collectgarbage coroutine debug error getmetatable hash )"
            "ipairs json load math next os pairs pcall print rawequal rawget rawlen rawset select "
            R"(setmetatable string sys table tonumber tostring type utc utf8 uuid warn xpcall"])");
  EXPECT_EQ(names_in("sys"), R"(["all config emit export invoke log race settle sleep"])");
  EXPECT_EQ(names_in("os"), R"(["clock date difftime time"])");
}

TEST(AgentLibrary, TimeComesFromTheHost) {
  class Clock final : public Host {
   public:
    std::int64_t time_seconds() override { return 86'400; }
    double clock_seconds() override { return 2.5; }
    bool uses_utc() override { return true; }
  } clock;
  ForkOptions fork;
  fork.host = &clock;
  EXPECT_EQ(run("return os.time(), os.clock(), os.difftime(5, 3)", fork), "[86400,2.5,2.0]");
  EXPECT_EQ(run("return os.date('!%F'), os.date('%F %T %Z'), os.date('*t').hour", fork),
            R"(["1970-01-02","1970-01-02 00:00:00 GMT",0])");
  // February has no 30th day, and the 14th month is in the next year.
  EXPECT_EQ(run("local d = {year = 2023, month = 14, day = 30, hour = 25, min = -1} "
                "return os.time(d), d.year, d.month, d.day, d.hour, d.min, d.yday, d.isdst",
                fork),
            "[1709341140,2024,3,2,0,59,62,false]");
  EXPECT_EQ(
      run("return os.time({year = 1969, month = 12, day = 31, hour = 23, min = 59, sec = 59})",
          fork),
      "[-1]");
  for (int year = -400; year < 2500; year += 37) {
    const std::string text = std::to_string(year);
    EXPECT_EQ(run("local t = os.time({year = " + text +
                      ", month = 3, day = 1, hour = 7}) "
                      "local d = os.date('!*t', t) return d.year, d.month, d.day, d.hour",
                  fork),
              "[" + text + ",3,1,7]");
  }
}

TEST(AgentLibrary, MainChunksHaveNoTimeZone) {
  setenv("TZ", "XYZ-5", 1);
  const auto hash = [] {
    ImageOptions options;
    options.sources = {
        {"m", "hour = os.date('*t', 0).hour noon = os.time{year=1999, month=1, day=1}", "m.lua"}};
    return Image::compile(plain_engine(), options)->hash();
  };
  const std::string there = hash();
  setenv("TZ", "UTC", 1);
  EXPECT_EQ(hash(), there);
  unsetenv("TZ");
}

TEST(AgentLibrary, BinaryChunksAreVerified) {
  EXPECT_EQ(run("return load(string.dump(function(a) return a + 1 end))(41)"), "[42]");
  EXPECT_EQ(run("local text = string.dump(function(a) return a + 1 end) "
                "local bad = 0 "
                "for n = 1, #text do if not load(text:sub(1, n - 1)) then bad = bad + 1 end end "
                "return bad == #text - 1 or bad == #text, load(text:sub(1, -2))"),
            R"_([true,null,"binary string: bad binary format (truncated chunk)"])_");
}

// ---- What cannot be changed.

constexpr char kReadOnly[] = "m.lua:1: attempt to modify a readonly table";

TEST(AgentLibrary, TablesAreReadOnly) {
  EXPECT_EQ(run("string.rep = nil"), kReadOnly + std::string(" (field 'rep' of global 'string')"));
  EXPECT_EQ(run("local t = {s = string} t.s.more = 1"),
            kReadOnly + std::string(" (field 'more' of field 's')"));
  EXPECT_EQ(run("math[1] = 1"), kReadOnly + std::string(" (global 'math')"));
  EXPECT_EQ(run("local m = getmetatable('') m.__index = {}"),
            kReadOnly + std::string(" (field '__index' of local 'm')"));
  EXPECT_EQ(run("function sys.invoke() end"),
            kReadOnly + std::string(" (field 'invoke' of global 'sys')"));
  EXPECT_EQ(run("rawset(table, 'insert', print)"), kReadOnly);
  EXPECT_EQ(run("setmetatable(os, {})"), kReadOnly);
  EXPECT_EQ(run("debug.setmetatable(os, {})"), kReadOnly);
  EXPECT_EQ(run("debug.setmetatable('', {__index = {}})"),
            "m.lua:1: cannot change a protected metatable");
  EXPECT_EQ(run("debug.setmetatable(1, {__index = {x = 7}}) return (1).x, debug.getregistry"),
            "[7,null]");
  EXPECT_EQ(run("setmetatable({}, {__newindex = utf8}).x = 1"),
            kReadOnly + std::string(" (field 'x')"));
}

TEST(AgentLibrary, EveryWayIntoEveryTableIsClosed) {
  EXPECT_EQ(run(R"_(
    local tables = {getmetatable("")}
    for name, value in pairs(_G) do
      if type(value) == "table" and value ~= _G then tables[#tables + 1] = value end
    end
    local ways = {
      function(t, k) t[k] = 1 end,
      function(t, k) rawset(t, k, 1) end,
      function(t, k) t[k] = nil end,
      function(t) t.new = 1 end,
      function(t) t[1] = 1 end,
      function(t) table.insert(t, 1) end,
      function(t) table.insert(t, 1, 1) end,
      function(t) table.remove(t) end,
      function(t) table.move({1, 2}, 1, 2, 1, t) end,
      function(t) setmetatable(t, nil) end,
      function(t) debug.setmetatable(t, {}) end,
    }
    local open = 0
    for _, t in ipairs(tables) do
      for key, value in pairs(t) do
        for _, way in ipairs(ways) do
          if pcall(way, t, key) then open = open + 1 end
        end
        if t[key] ~= value then open = open + 1 end
      end
    end
    return #tables, open)_"),
            "[14,0]");
}

TEST(AgentLibrary, FunctionsOfTheLibraryCannotBeChanged) {
  // They are shared by all Vms. Those written in Lua look native.
  EXPECT_EQ(run(R"_(
    local changed = 0
    for _, library in pairs({string, table, coroutine, math, os, utf8, _G}) do
      for _, f in pairs(library) do
        if type(f) == "function" then
          for n = 1, 8 do
            local _, value = debug.getupvalue(f, n)
            if value ~= nil or debug.setupvalue(f, n, 1) then changed = changed + 1 end
            local mine = function() return library end
            if pcall(debug.upvaluejoin, f, n, mine, 1) then changed = changed + 1 end
            if pcall(debug.upvaluejoin, mine, 1, f, n) then changed = changed + 1 end
          end
        end
      end
    end
    return changed)_"),
            "[0]");
}

TEST(AgentLibrary, TablesOfHostFunctionsAreReadOnly) {
  const auto answer = [](const HostCall&) -> HostResult { return std::vector<Value>{7}; };
  const Engine engine = *Engine::make({{"world.get", answer}, {"look", answer}});
  EXPECT_EQ(run_in(engine, "return world.get(), look()"), "[7,7]");
  EXPECT_EQ(run_in(engine, "world.get = nil"),
            kReadOnly + std::string(" (field 'get' of global 'world')"));
}

TEST(AgentLibrary, GlobalsAreTheAgentsOwn) {
  ImageOptions options;
  options.sources = {{"m",
                      "return {change = function() print, string, answer = 1, nil, 42 end,"
                      " look = function() return type(print), type(string), answer end}",
                      "m.lua"}};
  const Image image = *Image::compile(plain_engine(), options);
  const auto look = [](Vm& vm) {
    EXPECT_TRUE(vm.start("m", {"look"}, {}));
    return std::get<Finished>(vm.run()).values;
  };
  Vm changed = *image.fork();
  ASSERT_TRUE(changed.start("m", {"change"}, {}));
  static_cast<void>(std::get<Finished>(changed.run()));
  Vm other = *image.fork();
  EXPECT_EQ(look(changed), (std::vector<Value>{"number", "nil", 42}));
  EXPECT_EQ(look(other), (std::vector<Value>{"function", "table", Value()}));
  Vm thawed = *Vm::thaw(image, *changed.freeze());
  EXPECT_EQ(look(thawed), (std::vector<Value>{"number", "nil", 42}));
}

// ---- The collector.

TEST(AgentLibrary, ParametersOfTheCollectorAreBounded) {
  EXPECT_EQ(run("collectgarbage('setpause', -5) return collectgarbage('setpause', 1 << 40)"),
            "[0]");
  EXPECT_EQ(run("collectgarbage('setpause', 1 << 40) return collectgarbage('setpause')"),
            "[10000]");
  EXPECT_EQ(run("collectgarbage('setstepmul', 1 << 40) return collectgarbage('setstepmul')"),
            "[10000]");
  EXPECT_EQ(
      run("return collectgarbage('incremental', -1, -1, -1), "
          "collectgarbage('incremental', 1 << 40, 1 << 40, 1 << 40), "
          "collectgarbage('generational', 1 << 40, 1 << 40), collectgarbage('step', 1 << 60), "
          "collectgarbage('step', -1 << 60), collectgarbage('setpause')"),
      R"(["incremental","incremental","incremental",true,true,10000])");
}

TEST(AgentLibrary, AStoppedCollectorDoesNotBeatTheMemoryLimit) {
  ForkOptions fork;
  fork.limits.memory_bytes = 1'000'000;
  EXPECT_EQ(run("collectgarbage('stop') local s "
                "for n = 1, 10000 do s = ('x'):rep(1000) .. n end return #s",
                fork),
            "[1005]");
  EXPECT_EQ(run("collectgarbage('stop') local t = {} "
                "for n = 1, 10000 do t[n] = ('x'):rep(1000) .. n end return #t",
                fork),
            "not enough memory");
}

TEST(AgentLibrary, CollectionsThatAreAskedForCostFuel) {
  const auto fuel = [](const std::string& body) {
    ImageOptions options;
    options.sources = {{"m",
                        "return {main = function() local t = {} "
                        "for n = 1, 5000 do t[n] = {n} end " +
                            body + " return #t end}",
                        ""}};
    Vm vm = *Image::compile(plain_engine(), options)->fork();
    EXPECT_TRUE(vm.start("m", {"main"}, {}));
    EXPECT_TRUE(std::holds_alternative<Finished>(vm.run()));
    return vm.usage().fuel;
  };
  const std::uint64_t without = fuel("");
  // The 5000 tables are at least 64 bytes each, a unit is 16 bytes.
  EXPECT_GT(fuel("collectgarbage()"), without + 5000 * 64 / 16);
  EXPECT_GT(fuel("collectgarbage('step', 1 << 40)"), without + 5000 * 64 / 16);
  EXPECT_LT(fuel("collectgarbage('step')"), without + 5000);
}

}  // namespace
}  // namespace moonlet
