// The peer of a fork: a fresh state of the reference with its libraries and the same script.
#include "bench/figures/figures.hpp"
#include "bench/figures/timing.hpp"

#if MOONLET_HAVE_LUA54
#include <lua.hpp>

namespace figures {
namespace {

int invoke(lua_State* lua) { return lua_yield(lua, lua_gettop(lua)); }

int export_function(lua_State* lua) {
  lua_settop(lua, 1);
  return 1;
}

lua_State* make_state(const std::string& script) {
  lua_State* lua = luaL_newstate();
  if (lua == nullptr) fail("no memory for a lua_State");
  luaL_openlibs(lua);
  lua_createtable(lua, 0, 2);
  lua_pushcfunction(lua, invoke);
  lua_setfield(lua, -2, "invoke");
  lua_pushcfunction(lua, export_function);
  lua_setfield(lua, -2, "export");
  lua_setglobal(lua, "sys");
  if (luaL_loadbuffer(lua, script.data(), script.size(), "=small") != LUA_OK ||
      lua_pcall(lua, 0, 1, 0) != LUA_OK) {
    fail(lua_tostring(lua, -1));
  }
  return lua;
}

}  // namespace

LuaStateTimes time_lua_states(const std::string& script) {
  std::vector<lua_State*> states;
  LuaStateTimes times;
  std::vector<double> closing;
  times.make = time_batches([&](std::size_t count) {
                 states.reserve(count);
                 const auto start = Clock::now();
                 for (std::size_t i = 0; i < count; ++i) states.push_back(make_state(script));
                 const double seconds = seconds_since(start);
                 const auto end = Clock::now();
                 for (lua_State* lua : states) lua_close(lua);
                 closing.push_back(seconds_since(end) / static_cast<double>(count));
                 states.clear();
                 return seconds;
               }).median;
  times.close = summarise(closing).median;

  constexpr std::size_t kMany = 10'000;
  states.reserve(kMany);
  const std::size_t before = resident_bytes();
  for (std::size_t i = 0; i < kMany; ++i) states.push_back(make_state(script));
  times.bytes = static_cast<double>(resident_bytes() - before) / kMany;
  for (lua_State* lua : states) lua_close(lua);
  return times;
}

}  // namespace figures

#else

namespace figures {
LuaStateTimes time_lua_states(const std::string&) { return {}; }
}  // namespace figures

#endif
