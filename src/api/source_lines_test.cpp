#include "moonlet/source_lines.hpp"

#include <gtest/gtest.h>

#include "moonlet/moonlet.hpp"

namespace moonlet {
namespace {

using Lines = std::vector<std::uint32_t>;

TEST(SourceLines, AreThoseOfTheMainChunkAndOfFunctions) {
  const auto lines = lines_with_code({"m",
                                      "-- nothing\n"
                                      "local x = 1\n"
                                      "local function f(a)\n"
                                      "\n"
                                      "  if a then\n"
                                      "    return x\n"
                                      "  end\n"
                                      "end\n"
                                      "return function() return f(2) end\n",
                                      "m.lua"});
  ASSERT_TRUE(lines) << lines.error();
  EXPECT_EQ(lines->functions, (Lines{5, 6, 9}));
  EXPECT_EQ(lines->main_chunk.front(), 2u);
  EXPECT_EQ(lines->main_chunk.back(), 9u);
}

TEST(SourceLines, AreWhereHooksAreCalled) {
  const std::string body =
      "  local t = {}\n"
      "  for i = 1, 3 do\n"
      "    if i == 2 then\n"
      "      t[#t + 1] = i\n"
      "    end\n"
      "  end\n"
      "  while #t < 4 do t[#t + 1] = 0 end\n"
      "  repeat\n"
      "    local a = #t\n"
      "  until a > 0\n"
      "  return function(...)\n"
      "    return ...\n"
      "  end\n";
  const std::string text =
      "local seen = {}\n"
      "local function work()\n" +
      body +
      "end\n"
      "return {main = function()\n"
      "  debug.sethook(function(_, line) seen['l' .. line] = true end, 'l')\n"
      "  work()(1, 2)\n"
      "  debug.sethook()\n"
      "  local list = {}\n"
      "  for line = 3, 16 do if seen['l' .. line] then list[#list + 1] = line end end\n"
      "  return list\n"
      "end}\n";
  const Engine engine = *Engine::make();
  ImageOptions options;
  options.sources = {{"m", text, "m.lua"}};
  Vm vm = *Image::compile(engine, options)->fork();
  ASSERT_TRUE(vm.start("m", {"main"}, {}));
  const Outcome outcome = vm.run();
  ASSERT_TRUE(std::holds_alternative<Finished>(outcome));
  Lines seen;
  for (const Value& line : *std::get<Finished>(outcome).values[0].array()) {
    seen.push_back(static_cast<std::uint32_t>(*line.integer()));
  }
  Lines with_code = lines_with_code(options.sources[0])->functions;
  std::erase_if(with_code, [](std::uint32_t line) { return line < 3 || line > 16; });
  EXPECT_EQ(seen, with_code);
}

TEST(SourceLines, ErrorsAreTheCompilers) {
  const auto lines = lines_with_code({"m", "x = = 1", "m.lua"});
  ASSERT_FALSE(lines);
  EXPECT_EQ(lines.error(), "m.lua:1: unexpected symbol near '='");
}

}  // namespace
}  // namespace moonlet
