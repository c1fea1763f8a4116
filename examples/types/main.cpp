// A guard walks from point to point. On the way the program becomes bytes, and goes on in another
// engine.
#include <cstdio>
#include <cstdlib>

#include "entity.hpp"
#include "vec3.hpp"

using namespace moonlet;

constexpr char kScript[] = R"lua(
  local function patrol(guard, points)
    local walked = 0
    for _, point in ipairs(points) do
      local way = point - guard.position
      walked = walked + way:length()
      guard.position = guard.position + way
      sys.emit("arrived", guard)
    end
    return walked, guard.position
  end
  return {patrol = patrol}
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

Engine new_engine(World& world) {
  return must(Engine::make({{"Vec3", new_vec3}}, {vec3_type(), entity_type(world)}));
}

Image new_image(const Engine& engine) {
  return must(Image::compile(engine, {.sources = {{"guards", kScript}}}));
}

int main() {
  World world;
  world.things[7].name = "Ada";
  std::string state;
  {
    Vm vm = must(new_image(new_engine(world)).fork());
    const Value::Array points = {HostObject::of(Vec3{3, 4, 0}), HostObject::of(Vec3{3, 4, 12})};
    must(vm.start("guards", {"patrol"}, {world.give(7), points}));
    const Outcome outcome = vm.run();
    const Command& command = std::get<Suspended>(outcome).command;
    const HostObject* who = command.arguments.at(0).host_object();
    std::printf("%s has %s\n", world.find(*who->as<Entity>())->name.c_str(), command.name.c_str());
    state = must(vm.freeze());
  }
  std::printf("%zu bytes, %d uses of the entity\n", state.size(), world.things[7].uses);

  Vm vm = must(Vm::thaw(new_image(new_engine(world)), state));
  Outcome outcome = vm.run();
  while (const Suspended* waits = std::get_if<Suspended>(&outcome)) {
    must(vm.resume(waits->command.id, {}));
    outcome = vm.run();
  }
  const std::vector<Value>& values = std::get<Finished>(outcome).values;
  const Vec3* at = values.at(1).host_object()->as<Vec3>();
  std::printf("walked %g to (%g, %g, %g)\n", *values[0].number(), at->x, at->y, at->z);
}
