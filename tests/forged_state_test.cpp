// States that nobody has frozen: what thaw() takes of them has to be sound and to run, whatever it
// does. Bytes of good states are changed at random, always the same ones.
//
// MOONLET_FORGED_STATES   how many are tried (3000)
// MOONLET_FORGED_SEED     where they begin (1)
#include <cstdlib>
#include <random>

#include <gtest/gtest.h>

#include "moonlet/moonlet.hpp"
#include "tests/support/signed_state.hpp"

namespace moonlet {
namespace {

// Waits in most of the places where a program can wait.
constexpr char kProgram[] = R"lua(
local function closed(f) return setmetatable({}, {__close = f}) end
local function spin(n) for i = 1, n do n = n + (i & 1) end return n end
local mt = {__index = function(t, k) return k .. spin(3) end, __lt = function() return spin(2) > 1 end,
            __concat = function(a, b) return "c" end, __gc = function() spin(2) end}
local function everything(depth, ...)
  local list, seen = {}, 0
  local weak = setmetatable({}, {__mode = "k"})
  for i = 1, 4 do weak[setmetatable({}, mt)] = i list[i] = {i} list[list[i]] = i end
  list[list[2]] = nil list[2] = nil
  local floats, integers = {}, {}
  for i = 1, 9 do floats[i], integers[i] = i / 2, i end
  local w = coroutine.wrap(function(...)
    local a <close> = closed(function() seen = seen + spin(2) coroutine.yield("closing") end)
    for k in pairs(list) do coroutine.yield(k) end
    return select("#", ...), (("abc"):gsub("%w", function(c) return c .. spin(2) end))
  end)
  for i = 1, 5 do w(...) end
  local o = setmetatable({}, mt)
  local text = 1 .. (o .. "x") .. o.name .. tostring(o < o) .. string.format("%5s", "a")
  table.sort({3, 1, 2}, function(a, b) return spin(1) > 0 and a < b end)
  local ok, e = xpcall(function(...)
    local b <close> = closed(function(_, m) spin(2) error("again", 0) end)
    local co = coroutine.create(function(...) local x <close> = closed(spin) error({...}) end)
    seen = seen + select("#", coroutine.resume(co), ...)
    error("oh")
  end, function(m) return m .. spin(2) end, 1, ...)
  if depth > 0 then return everything(depth - 1, seen, ...) end
  return pcall(pcall, error, e)
end
return {main = function() return everything(2, 1, "two") end}
)lua";

// The same for what Luau has besides: vectors, buffers, frozen tables, work in pieces.
constexpr char kLuauProgram[] = R"luau(
local function spin(n) for i = 1, n do n += 1 end return n end
local function everything()
  local seen, bytes = {}, buffer.create(100)
  for i = 1, 6 do
    seen[vector.create(i, -i, 0.5)] = vector.create(i, i, i) * spin(2)
    buffer.writef32(bytes, i * 4, i)
    buffer.writebits(bytes, i * 50, 7, i)
  end
  seen[vector.create(2, -2, 0.5)] = nil
  local list = table.create(12, vector.one)
  local still = table.freeze({ bytes, seen, name = vector.zero })
  local co = coroutine.wrap(function(...)
    for key, value in seen do
      list[#list + 1] = key + value
      coroutine.yield(buffer.readf32(bytes, 4))
    end
    return table.find(list, vector.create(9, 9, 9)), ...
  end)
  for _ = 1, 3 do co(bytes) end
  local large = buffer.create(1_100_000)
  buffer.fill(large, 0, 0)
  buffer.copy(large, 0, large, 5, 600_000)
  table.sort(list, function(a, b) return spin(1) > 0 and a.x < b.x end)
  local copy = table.clone(seen)
  local text = buffer.tostring(bytes) .. tostring(list[1]) .. string.format("%*", still.name)
  return pcall(function() still.name = copy end), #text, co(), setmetatable({}, { __index = bytes })
end
return { main = everything }
)luau";

std::size_t number_of(const char* name, std::size_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class ForgedStates : public testing::Test {
 protected:
  void SetUp() override { make_states(Dialect::Lua54, kProgram); }

  void make_states(Dialect dialect, const char* program) {
    ImageOptions options;
    options.dialect = dialect;
    options.sources = {{"forged", program, "forged.lua"}};
    auto image = Image::compile(*Engine::make(), options);
    ASSERT_TRUE(image) << image.error();
    image_ = std::move(*image);
    Vm vm = fork();
    for (int stop = 0; stop < 200; ++stop) {
      if (!std::holds_alternative<Preempted>(vm.run({.fuel = 23}))) vm = fork();
      states_.push_back(vm.freeze().value());
    }
  }

  Vm fork() {
    ForkOptions options;
    options.id = "f";
    options.seed = 1;
    Vm vm = image_->fork(options).value();
    EXPECT_TRUE(vm.start("forged", {"main"}, {}));
    return vm;
  }

  // Tries many of them.
  void expect_refused_or_run();

  std::size_t below(std::size_t limit) { return random_() % limit; }

  std::string forged() {
    const std::string& good = states_[below(states_.size())];
    std::string state = good;
    // The envelope has a check of its own.
    constexpr std::size_t kEnvelope = 56;
    constexpr std::size_t kChecksum = 9;
    for (std::size_t changes = 1 + below(3); changes > 0; --changes) {
      char& byte = state[kEnvelope + below(state.size() - kEnvelope - kChecksum)];
      switch (below(4)) {
        case 0:
          byte = static_cast<char>(byte ^ (1 << below(8)));
          break;
        case 1:
          byte = static_cast<char>(below(24));
          break;
        case 2:
          byte = static_cast<char>(byte + 1);
          break;
        default:
          byte = good[kEnvelope + below(good.size() - kEnvelope)];
      }
    }
    return state;
  }

  std::mt19937_64 random_{number_of("MOONLET_FORGED_SEED", 1)};
  std::optional<Image> image_;
  std::vector<std::string> states_;
};

class ForgedLuauStates : public ForgedStates {
 protected:
  void SetUp() override { make_states(Dialect::Luau, kLuauProgram); }
};

void ForgedStates::expect_refused_or_run() {
  ForkOptions options;
  options.limits.memory_bytes = 16 << 20;
  std::size_t accepted = 0;
  const std::size_t count = number_of("MOONLET_FORGED_STATES", 3000);
  for (std::size_t n = 0; n < count; ++n) {
    const std::string state = signed_again(forged());
    auto vm = Vm::thaw(*image_, state, options);
    if (!vm) {
      EXPECT_LT(vm.error().size(), 200u);
      continue;
    }
    ++accepted;
    ASSERT_EQ(vm->find_damage(), "") << "state " << n;
    (void)vm->run({.fuel = 20'000});
    (void)vm->freeze();
  }
  // Most changes are of texts, numbers and references, which may be anything.
  EXPECT_GT(accepted, count / 10);
  EXPECT_LT(accepted, count);
}

TEST_F(ForgedStates, AreRefusedOrRun) { expect_refused_or_run(); }
TEST_F(ForgedLuauStates, AreRefusedOrRun) { expect_refused_or_run(); }

// What an agent's libraries do not have, its states cannot bring.
TEST(ForgedState, ReachesNoFunctionsThatItsImageLacks) {
  constexpr std::string_view kFloor = "math.floor";
  constexpr std::string_view kExecute = "os.execute";
  static_assert(kFloor.size() == kExecute.size());
  for (const LibrarySet set : {LibrarySet::Safe, LibrarySet::All}) {
    ImageOptions options;
    options.libraries.set = set;
    options.sources = {{"m",
                        "return {main = function() local f = math.floor sys.invoke('wait') "
                        "return f('exit 3') end}",
                        "m.lua"}};
    const Image image = Image::compile(*Engine::make(), options).value();
    Vm vm = image.fork({}).value();
    ASSERT_TRUE(vm.start("m", {"main"}, {}));
    ASSERT_TRUE(std::holds_alternative<Suspended>(vm.run()));
    std::string state = vm.freeze().value();
    const std::size_t at = state.find(kFloor);
    ASSERT_NE(at, std::string::npos);
    state.replace(at, kFloor.size(), kExecute);
    auto forged = Vm::thaw(image, signed_again(state));
    ASSERT_EQ(forged.has_value(), set == LibrarySet::All);
    if (!forged) {
      EXPECT_NE(forged.error().find("does not have the function 'os.execute'"), std::string::npos);
    }
  }
}

TEST_F(ForgedStates, DamageIsFoundByTheChecksum) {
  for (std::size_t n = 0; n < 300; ++n) {
    const std::string& good = states_[below(states_.size())];
    std::string state = good;
    const std::size_t at = below(state.size());
    state[at] = static_cast<char>(state[at] ^ (1 << below(8)));
    EXPECT_FALSE(Vm::thaw(*image_, state).has_value()) << "byte " << at;
  }
}

}  // namespace
}  // namespace moonlet
