// A host type that is a handle: scripts hold the number of something that lives in the host's
// world.
#pragma once

#include <map>
#include <string>

#include <moonlet/moonlet.hpp>

#include "vec3.hpp"

struct Entity {
  std::uint64_t number;
};

// What the numbers stand for. It outlives the engines that were made with it.
struct World {
  struct Thing {
    std::string name;
    Vec3 position{};
    int uses = 0;  // by objects of scripts
  };
  std::map<std::uint64_t, Thing> things;

  Thing* find(Entity entity) {
    const auto found = things.find(entity.number);
    return found == things.end() ? nullptr : &found->second;
  }
  // An object for a script, which counts as a use until it is released.
  moonlet::HostObject give(std::uint64_t number) {
    ++things.at(number).uses;
    return moonlet::HostObject::of(Entity{number});
  }
};

inline moonlet::HostType entity_type(World& world) {
  using moonlet::HostCall;
  using moonlet::HostObject;
  using moonlet::HostResult;
  using moonlet::results;
  // Things can go while scripts still hold their numbers.
  const auto with_thing = [&world](auto action) {
    return [&world, action](Entity& self, const HostCall& call) -> HostResult {
      World::Thing* thing = world.find(self);
      if (thing == nullptr) return std::unexpected("the entity is gone");
      return action(*thing, call);
    };
  };
  return moonlet::HostTypeOf<Entity>("Entity", 1)
      .property("name", with_thing([](World::Thing& thing, const HostCall&) {
                  return results(thing.name);
                }))
      .property("position", with_thing([](World::Thing& thing, const HostCall&) {
                  return results(HostObject::of(thing.position));
                }),
                with_thing([](World::Thing& thing, const HostCall& call) -> HostResult {
                  const Vec3* to = call.object<Vec3>(0);
                  if (to == nullptr) return std::unexpected(call.wrong_argument(0, "Vec3"));
                  thing.position = *to;
                  return results();
                }))
      .method("is_gone", [&world](Entity& self,
                                  const HostCall&) { return results(world.find(self) == nullptr); })
      .metamethod("__eq",
                  [](const HostCall& call) {
                    const Entity* a = call.object<Entity>(0);
                    const Entity* b = call.object<Entity>(1);
                    return results(a != nullptr && b != nullptr && a->number == b->number);
                  })
      .handle([&world](Entity saved, std::uint32_t) -> std::expected<Entity, std::string> {
        World::Thing* thing = world.find(saved);
        if (thing == nullptr) {
          return std::unexpected("there is no entity " + std::to_string(saved.number) +
                                 " in this world");
        }
        ++thing->uses;
        return saved;
      })
      .released([&world](Entity& self) {
        if (World::Thing* thing = world.find(self)) --thing->uses;
      });
}
