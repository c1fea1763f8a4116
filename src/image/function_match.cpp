#include "image/function_match.hpp"

#include <algorithm>
#include <map>

namespace moonlet::image {

using heap::Kind;
using heap::Proto;

namespace {

// Of a longer path the middle is left out.
constexpr std::size_t kStepsMax = 16;

std::string_view name_of(const Proto& proto) {
  return proto.name == nullptr ? std::string_view() : proto.name->view();
}

// Children by name, in their order.
std::map<std::string_view, std::vector<Proto*>> groups_of(const Proto& proto) {
  std::map<std::string_view, std::vector<Proto*>> groups;
  for (std::uint32_t n = 0; n < proto.child_count; ++n) {
    groups[name_of(*proto.children[n])].push_back(proto.children[n]);
  }
  return groups;
}

}  // namespace

ModuleFunctions::ModuleFunctions(const Template& the_template) {
  for (std::size_t n = 0; n < the_template.object_count(); ++n) {
    const heap::Object* object = the_template.object(n);
    if (object->kind != Kind::Proto || !object->is_of_image()) continue;
    Proto* main = static_cast<const Proto*>(object)->root;
    if (main->name == nullptr || places_.contains(main)) continue;
    mains_.push_back(main);
    places_.emplace(main, places_of(*main));
  }
}

ModuleFunctions::Places ModuleFunctions::places_of(const Proto& main) {
  Places places(main.function_count);
  places[0].variables.assign(main.upvalue_count, {Scope::Globals, nullptr});
  for (std::uint32_t f = 0; f < main.function_count; ++f) {
    Proto* parent = main.functions[f];
    std::map<std::string_view, std::uint32_t> counts;
    for (std::uint32_t c = 0; c < parent->child_count; ++c) {
      const Proto& child = *parent->children[c];
      Place& place = places[child.function_index];
      place.parent = parent;
      place.position = ++counts[name_of(child)];
      for (int u = 0; u < child.upvalue_count; ++u) {
        const heap::UpvalueInfo& info = child.upvalues[u];
        if (!info.from_parent_register) {
          place.variables.push_back(places[f].variables[info.index]);
        } else if (f == 0 && info.name != nullptr) {
          place.variables.emplace_back(Scope::Main, info.name);
        } else {
          place.variables.emplace_back(Scope::Inner, nullptr);
        }
      }
    }
  }
  return places;
}

Proto* ModuleFunctions::main_of(std::string_view module) const {
  const auto found = std::find_if(mains_.begin(), mains_.end(),
                                  [module](const Proto* main) { return name_of(*main) == module; });
  return found == mains_.end() ? nullptr : *found;
}

std::string ModuleFunctions::path_of(const Proto& proto) const {
  std::vector<const Proto*> steps;
  for (const Proto* at = &proto; at != nullptr; at = parent_of(*at)) steps.push_back(at);
  std::string path;
  for (std::size_t n = steps.size(); n-- > 0;) {
    if (n != steps.size() - 1) path += '/';
    if (steps.size() > kStepsMax && n == steps.size() - kStepsMax / 2) {
      n = kStepsMax / 2;
      path += "...";
      continue;
    }
    path += name_of(*steps[n]).empty() ? "()" : name_of(*steps[n]);
    const std::uint32_t position = place_of(*steps[n]).position;
    if (position > 1) path += "#" + std::to_string(position);
  }
  return path;
}

std::string ModuleFunctions::variable_of(const Proto& proto, std::size_t upvalue) const {
  const auto [scope, name] = place_of(proto).variables[upvalue];
  if (scope == Scope::Inner) return {};
  const std::string module(name_of(*proto.root));
  return module + "/" + (scope == Scope::Main ? std::string(name->view()) : "");
}

FunctionMatch::FunctionMatch(const ModuleFunctions& older, const ModuleFunctions& newer) {
  for (Proto* main : older.mains()) {
    Proto* other = newer.main_of(name_of(*main));
    if (other == nullptr) continue;
    matches_.emplace(main, other);
    pending_.emplace_back(main, other);
  }
  while (!pending_.empty()) {
    const auto [a, b] = pending_.back();
    pending_.pop_back();
    match_children(*a, *b);
  }
}

// Those with the same name are told apart by their order, as long as there are as many.
void FunctionMatch::match_children(const Proto& older, const Proto& newer) {
  auto others = groups_of(newer);
  for (const auto& [name, group] : groups_of(older)) {
    const auto found = others.find(name);
    if (found == others.end()) continue;
    if (found->second.size() != group.size()) {
      for (const Proto* proto : group) ambiguous_.insert(proto);
      continue;
    }
    for (std::size_t n = 0; n < group.size(); ++n) {
      matches_.emplace(group[n], found->second[n]);
      pending_.emplace_back(group[n], found->second[n]);
    }
  }
}

Proto* FunctionMatch::of(const Proto& proto) const {
  const auto found = matches_.find(&proto);
  return found == matches_.end() ? nullptr : found->second;
}

const char* FunctionMatch::why_not(const Proto& proto) const {
  return ambiguous_.contains(&proto)
             ? "the newer image has another number of functions of this name here"
             : "the newer image has no such function";
}

}  // namespace moonlet::image
