// What functions become, and what comes along.
#include <algorithm>

#include "heap/collector.hpp"
#include "heap/table.hpp"
#include "image/upgrade_plan.hpp"

namespace moonlet::image {

using heap::Cell;
using heap::Closure;
using heap::Kind;
using heap::Object;
using heap::Proto;
using heap::Table;
using heap::Thread;
using heap::Value;

int upvalue_named(const Proto& proto, std::string_view name, int guess) {
  const auto is_it = [&](int n) { return text_of(proto.upvalues[n].name) == name; };
  if (guess < proto.upvalue_count && is_it(guess)) return guess;
  for (int n = 0; n < proto.upvalue_count; ++n) {
    if (is_it(n)) return n;
  }
  return -1;
}

void Upgrade::Plan::move_functions() {
  for (Closure* closure : moving_) {
    Proto* proto = match_.of(*closure->proto);
    if (proto == nullptr) {
      problem(older_functions_.path_of(*closure->proto), match_.why_not(*closure->proto));
      continue;
    }
    Transfer::Function function{proto, {}};
    for (int n = 0; n < proto->upvalue_count; ++n) {
      function.cells.push_back(cell_for(*closure, *proto, n));
    }
    name_proto(*proto);
    transfer.functions.emplace(closure, std::move(function));
  }
}

void Upgrade::Plan::name_proto(const Proto& proto) {
  const std::uint32_t number = Template::number_of_shared(&proto);
  if (number != Template::kNoNumber) transfer.numbers.emplace(&proto, number);
  transfer.numbers.emplace(proto.root, Template::number_of_shared(proto.root));
}

// Null, with a problem: there is none.
Cell* Upgrade::Plan::cell_for(Closure& closure, const Proto& proto, int upvalue) {
  const std::string_view name = text_of(proto.upvalues[upvalue].name);
  const auto refuse = [&](const std::string& why) -> Cell* {
    problem(newer_functions_.path_of(proto), why);
    return nullptr;
  };
  if (name.empty()) return refuse("it captures variables whose names the image does not have");
  if (const int own = upvalue_named(*closure.proto, name, upvalue); own >= 0) {
    return closure.upvalues()[own];
  }
  const std::string what = "it captures '" + std::string(name) + "', ";
  const std::string variable =
      newer_functions_.variable_of(proto, static_cast<std::size_t>(upvalue));
  if (variable.empty()) return refuse(what + "a variable of a call that is over");
  if (mine_.has(variable)) {
    Cell* cell = mine_.cell(variable);
    return cell != nullptr ? cell : refuse(what + "of which the Vm has several");
  }
  Cell* cell = theirs_.cell(variable);
  if (cell == nullptr) return refuse(what + "of which the newer image has several");
  if (transfer.numbers.emplace(cell, newer_.number_of(cell)).second && !taken_.contains(cell)) {
    if (!variable.ends_with('/')) added.push_back(variable);
    reach(cell);
  }
  return cell;
}

// ---- What the newer template's objects bring along.

void Upgrade::Plan::follow_additions() {
  for (const Addition& addition : additions_) reach(addition.value);
  for (std::size_t n = 0; n < reached_.size(); ++n) follow(*reached_[n]);
  for (Object* object : newer_.finalizable()) {
    if (known_.contains(object)) {
      transfer.finalizable.push_back(object);
      transfer.numbers.emplace(object, newer_.number_of(object));
    }
  }
}

void Upgrade::Plan::reach(Object* object) {
  if (object == nullptr || object->is_permanent() || taken_.contains(object)) return;
  if (known_.insert(object).second) reached_.push_back(object);
}
void Upgrade::Plan::reach(const Value& value) {
  if (value.is_object()) reach(value.object);
}

void Upgrade::Plan::follow(Object& object) {
  const auto see = [this](const auto& reference) { reach(reference); };
  if (object.kind == Kind::Thread) {
    return heap::for_each_reference_of_thread(static_cast<Thread&>(object), see);
  }
  if (object.kind != Kind::Table) {
    if (object.kind == Kind::Closure) check_added(static_cast<Closure&>(object));
    return heap::for_each_reference(&object, see);
  }
  const auto& table = static_cast<Table&>(object);
  reach(table.metatable);
  Value key;
  Value value;
  for (std::uint64_t at = heap::table_next_position(table, 0, key, value); at != 0;
       at = heap::table_next_position(table, at, key, value)) {
    reach(key);
    reach(value);
  }
}

// It shares its variables with the functions that are there, or else has its own.
void Upgrade::Plan::check_added(Closure& closure) {
  if (!newer_functions_.has(*closure.proto)) return;
  for (int n = 0; n < closure.flags; ++n) {
    if (taken_.contains(closure.upvalues()[n])) continue;
    const std::string variable =
        newer_functions_.variable_of(*closure.proto, static_cast<std::size_t>(n));
    if (variable.empty() || !mine_.has(variable)) continue;
    problem(newer_functions_.path_of(*closure.proto),
            "it captures '" + std::string(text_of(closure.proto->upvalues[n].name)) +
                "', of which there are several");
  }
}

// ---- Numbers of objects, which tostring() shows.

void Upgrade::Plan::give_identities() {
  transfer.next_identity = std::max(vm_.heap.next_identity, newer_.settings()[kNextIdentity]);
  std::unordered_set<std::uint64_t> used;
  for (std::size_t n = 0; n < newer_.object_count(); ++n) {
    const Object* object = newer_.object(n);
    const bool stays = object->is_permanent() ? object->is_of_image() : known_.contains(object);
    if (object->kind == Kind::String || object->kind == Kind::Proto || !stays) continue;
    if (object->identity() != 0) used.insert(object->identity());
  }
  for (Object* object = vm_.heap.objects; object != nullptr; object = object->next) {
    if (used.contains(object->identity())) {
      transfer.identities.emplace(object, transfer.next_identity++);
    }
  }
}

}  // namespace moonlet::image
