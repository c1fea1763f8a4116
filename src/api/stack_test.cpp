#include "moonlet/stack.hpp"

#include <gtest/gtest.h>

#include "moonlet/moonlet.hpp"

namespace moonlet {
namespace {

const char kSource[] =
    "local function ask(item, list)\n"
    "  local copy = {item = item, n = #list}\n"
    "  local answer = sys.invoke('price', copy)\n"
    "  return answer\n"
    "end\n"
    "return {run = function(input)\n"
    "  local co = coroutine.wrap(function(x)\n"
    "    local inner = ask(x, {1, 2})\n"
    "    return inner\n"
    "  end)\n"
    "  local result = co(input)\n"
    "  return result\n"
    "end}\n";

Vm suspended(const Engine& engine) {
  ImageOptions options;
  options.sources = {{"main", kSource, "main.lua"}};
  Vm vm = *Image::compile(engine, options)->fork();
  EXPECT_TRUE(vm.start("main", {"run"}, {Value("tea")}));
  EXPECT_TRUE(std::holds_alternative<Suspended>(vm.run()));
  return vm;
}

std::string text(const std::vector<StackFrame>& frames) {
  std::string out;
  for (const StackFrame& frame : frames) {
    out += std::to_string(frame.coroutine) + " " + frame.source + ":" + std::to_string(frame.line) +
           " " + frame.function;
    for (const StackVariable& local : frame.locals) out += " " + local.name + "=" + local.text;
    out += "\n";
  }
  return out;
}

const char kExpected[] =
    "0 [C]:0 field 'invoke'\n"
    "0 main.lua:3 upvalue 'ask' item=\"tea\" list=[1,2] copy={\"item\":\"tea\",\"n\":2}\n"
    "0 main.lua:8 function <main.lua:7> x=\"tea\"\n"
    "1 [C]:0 local 'co'\n"
    "1 main.lua:11 function <main.lua:6> input=\"tea\" co=function\n";

TEST(Stack, ShowsWhereAProgramStands) {
  const Engine engine = *Engine::make();
  const Vm vm = suspended(engine);
  EXPECT_EQ(text(vm.stack()), kExpected);
  EXPECT_EQ(vm.stack(2).size(), 2u);
}

TEST(Stack, IsTheSameInAThawedProgram) {
  const Engine engine = *Engine::make();
  ImageOptions options;
  options.sources = {{"main", kSource, "main.lua"}};
  const Image image = *Image::compile(engine, options);
  Vm vm = suspended(engine);
  const Vm thawed = *Vm::thaw(image, *vm.freeze());
  EXPECT_EQ(text(thawed.stack()), kExpected);
}

TEST(Stack, OfAnIdleVmIsEmpty) {
  const Engine engine = *Engine::make();
  Vm vm = suspended(engine);
  ASSERT_TRUE(vm.cancel());
  EXPECT_TRUE(vm.stack().empty());
}

TEST(Stack, LongValuesAreCut) {
  const Engine engine = *Engine::make();
  ImageOptions options;
  options.sources = {{"main", "return {run = function(x) sys.invoke('f') return x end}", ""}};
  Vm vm = *Image::compile(engine, options)->fork();
  ASSERT_TRUE(vm.start("main", {"run"}, {Value(std::string(1000, 'x'))}));
  static_cast<void>(vm.run());
  EXPECT_EQ(vm.stack()[1].locals[0].text.size(), 203u);
}

}  // namespace
}  // namespace moonlet
