// A script asks its host for a price. While it waits, it is bytes; another Vm finishes the work.
#include <cstdio>
#include <cstdlib>

#include <moonlet/moonlet.hpp>

using namespace moonlet;

constexpr char kScript[] = R"lua(
  local orders = 0
  local function buy(item)
    orders = orders + 1
    local price = sys.invoke("price_of", item)
    return {item = item, total = tax(price), orders = orders}
  end
  return {handlers = {buy = sys.export(buy)}}
)lua";

// Whatever fails says why.
template <typename T>
T must(std::expected<T, std::string> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// An immediate host function. One without a body would suspend the script with a Command instead.
HostResult tax(const HostCall& call) {
  const std::int64_t* price = call.argument(0).integer();
  if (price == nullptr) return std::unexpected(Value("tax: a price is a whole number"));
  return std::vector<Value>{*price + *price / 5};
}

int main() {
  const Engine engine = must(Engine::make({{"tax", tax}}));
  const Image image = must(Image::compile(engine, {.sources = {{"shop", kScript}}}));

  std::string state;
  {
    Vm vm = must(image.fork());
    must(vm.start("shop", {"handlers", "buy"}, {"lamp"}));
    const Outcome outcome = vm.run({.fuel = 1'000'000});
    const Command& command = std::get<Suspended>(outcome).command;
    std::printf("%s asks for %s\n", command.id.text().c_str(), command.name.c_str());
    state = must(vm.freeze());
  }

  // Any time later, on any machine that has the image.
  Vm vm = must(Vm::thaw(image, state));
  must(vm.resume(vm.pending()->id, {1500}));
  const Outcome outcome = vm.run();
  const Value& result = std::get<Finished>(outcome).values.at(0);
  std::printf("%zu bytes later: %s\n", state.size(), must(to_json(result)).c_str());
}
