// Who takes whose place.
#include "heap/table.hpp"
#include "image/upgrade_plan.hpp"

namespace moonlet::image {

using heap::Cell;
using heap::Closure;
using heap::Kind;
using heap::Object;
using heap::Proto;
using heap::Table;
using heap::Value;

namespace {

bool is_of_main(const ModuleFunctions& functions, const Proto& proto) {
  const Proto* parent = functions.parent_of(proto);
  return parent != nullptr && parent == proto.root;
}

std::string joined(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : path + "." + std::string(key);
}

}  // namespace

void Upgrade::Plan::find_functions() {
  for (Object* object = vm_.heap.objects; object != nullptr; object = object->next) {
    if (object->kind != Kind::Closure) continue;
    auto& closure = static_cast<Closure&>(*object);
    if (!older_functions_.has(*closure.proto)) continue;
    moving_.push_back(&closure);
    mine_.add_all(older_functions_, closure);
    const Proto* proto = match_.of(*closure.proto);
    if (proto != nullptr && is_of_main(newer_functions_, *proto)) {
      my_singles_.add(*proto, closure);
    }
  }
  for (std::size_t n = 0; n < newer_.object_count(); ++n) {
    auto* object = const_cast<Object*>(newer_.object(n));
    if (object->kind != Kind::Closure || object->is_permanent()) continue;
    auto& closure = static_cast<Closure&>(*object);
    theirs_.add_all(newer_functions_, closure);
    if (!newer_functions_.has(*closure.proto)) continue;
    if (is_of_main(newer_functions_, *closure.proto)) {
      their_singles_.add(*closure.proto, closure);
      single_protos_.push_back(closure.proto);
    }
  }
}

// What main chunks return comes first: those are the paths that people know.
void Upgrade::Plan::pair_roots() {
  const Roots mine = roots_of(vm_.heap);
  const Roots& theirs = newer_.roots();
  const auto modules = [this](const Value& registry) -> Value {
    const Table& table = *registry.table();
    Value key;
    Value value;
    for (std::uint64_t at = heap::table_next_position(table, 0, key, value); at != 0;
         at = heap::table_next_position(table, at, key, value)) {
      if (key.is_string() && key.string()->view() == modules_) return value;
    }
    return Value::nil();
  };
  pair(modules(mine[kRootRegistry]), modules(theirs[kRootRegistry]), "");
  pair(mine[kRootGlobals], theirs[kRootGlobals], "_G");
  pair(mine[kRootRegistry], theirs[kRootRegistry], "registry");
  for (std::size_t n = kRootMetatables; n < kRootCount; ++n) {
    pair(mine[n], theirs[n], "the metatable of a basic type");
  }
  take(*mine[kRootMain].object, *theirs[kRootMain].object);
}

void Upgrade::Plan::pair_singles() {
  for (const std::string& name : theirs_.names()) {
    Cell* mine = mine_.cell(name);
    Cell* theirs = theirs_.cell(name);
    if (mine != nullptr && theirs != nullptr) pair(*mine, *theirs, name);
  }
  for (const Proto* proto : single_protos_) {
    Closure* mine = my_singles_.closure(*proto);
    Closure* theirs = their_singles_.closure(*proto);
    if (mine != nullptr && theirs != nullptr) {
      pair(*mine, *theirs, newer_functions_.path_of(*proto));
    }
  }
}

void Upgrade::Plan::pair(const Value& mine, const Value& theirs, const std::string& path) {
  if (mine.is_object() && theirs.is_object()) pair(*mine.object, *theirs.object, path);
}

void Upgrade::Plan::pair(Object& mine, Object& theirs, const std::string& path) {
  if (mine.kind != theirs.kind || mine.is_permanent() != theirs.is_permanent()) return;
  if (mine.is_permanent()) {
    if (mine.kind != Kind::Table || !theirs.is_of_image()) return;
    if (known_.insert(&mine).second) pairs_.push_back({&mine, &theirs, path});
    return;
  }
  switch (mine.kind) {
    case Kind::Table:
      break;
    case Kind::Closure: {
      const Proto& proto = *static_cast<Closure&>(mine).proto;
      if (!older_functions_.has(proto) || match_.of(proto) != static_cast<Closure&>(theirs).proto) {
        return;
      }
      break;
    }
    case Kind::Cell:
      if (static_cast<Cell&>(mine).is_open() || static_cast<Cell&>(theirs).is_open()) return;
      break;
    default:
      return;
  }
  if (take(mine, theirs)) pairs_.push_back({&mine, &theirs, path});
}

bool Upgrade::Plan::take(Object& mine, Object& theirs) {
  if (known_.contains(&mine) || taken_.contains(&theirs)) return false;
  known_.insert(&mine);
  taken_.insert(&theirs);
  transfer.taken.emplace_back(newer_.number_of(&theirs), &mine);
  return true;
}

// ---- What hangs on a pair.

void Upgrade::Plan::compare(std::size_t index) {
  const Pair pair = pairs_[index];
  switch (pair.mine->kind) {
    case Kind::Table:
      return compare_tables(static_cast<Table&>(*pair.mine), static_cast<Table&>(*pair.theirs),
                            pair.path);
    case Kind::Closure:
      return compare_functions(static_cast<Closure&>(*pair.mine),
                               static_cast<Closure&>(*pair.theirs), pair.path);
    default:
      return this->pair(static_cast<Cell&>(*pair.mine).closed,
                        static_cast<Cell&>(*pair.theirs).closed, pair.path);
  }
}

void Upgrade::Plan::compare_tables(Table& mine, Table& theirs, const std::string& path) {
  const auto* before =
      mine.is_of_template()
          ? static_cast<const Table*>(older_.object(older_.number_of_copy(vm_, &mine)))
          : nullptr;
  Value key;
  Value value;
  for (std::uint64_t at = heap::table_next_position(theirs, 0, key, value); at != 0;
       at = heap::table_next_position(theirs, at, key, value)) {
    if (!key.is_string()) continue;
    const std::string_view name = key.string()->view();
    const Value old = heap::get_field(vm_.heap, mine, name);
    if (!old.is_nil()) {
      pair(old, value, joined(path, name));
    } else if (before != nullptr && heap::get_field(vm_.heap, *before, name).is_nil()) {
      additions_.push_back({newer_.number_of(&theirs), std::string(name), value});
      added.push_back(joined(path, name));
    }
  }
  if (mine.metatable != nullptr && theirs.metatable != nullptr) {
    pair(*mine.metatable, *theirs.metatable, path + ".(metatable)");
  }
}

void Upgrade::Plan::compare_functions(Closure& mine, Closure& theirs, const std::string& path) {
  for (int n = 0; n < theirs.flags; ++n) {
    const std::string_view name = text_of(theirs.proto->upvalues[n].name);
    const int old = upvalue_named(*mine.proto, name, n);
    if (old >= 0) {
      pair(*mine.upvalues()[old], *theirs.upvalues()[n], path + "/" + std::string(name));
    }
  }
}

// ---- Tables that all Vms of an image share: the library's.

void Upgrade::Plan::share_tables() {
  for (bool more = true; more;) {
    more = false;
    for (const Pair& pair : pairs_) {
      if (!pair.mine->is_permanent() || transfer.numbers.contains(pair.mine)) continue;
      if (!is_same_table(static_cast<Table&>(*pair.mine), static_cast<Table&>(*pair.theirs))) {
        continue;
      }
      transfer.numbers.emplace(pair.mine, newer_.number_of(pair.theirs));
      more = true;
    }
  }
}

bool Upgrade::Plan::is_same_table(const Table& a, const Table& b) const {
  if ((a.metatable == nullptr) != (b.metatable == nullptr)) return false;
  if (a.metatable != nullptr && !is_shared(*a.metatable, *b.metatable)) return false;
  Value keys[2];
  Value values[2];
  std::uint64_t at[2] = {0, 0};
  for (;;) {
    at[0] = heap::table_next_position(a, at[0], keys[0], values[0]);
    at[1] = heap::table_next_position(b, at[1], keys[1], values[1]);
    if (at[0] == 0 || at[1] == 0) return at[0] == at[1];
    if (!is_same(keys[0], keys[1]) || !is_same(values[0], values[1])) return false;
  }
}

bool Upgrade::Plan::is_same(const Value& a, const Value& b) const {
  if (a.tag() != b.tag()) return false;
  if (a.is_string()) return a.string()->view() == b.string()->view();
  return a.bits == b.bits || (a.is_table() && is_shared(*a.object, *b.object));
}

bool Upgrade::Plan::is_shared(const Object& a, const Object& b) const {
  const auto found = transfer.numbers.find(&a);
  return found != transfer.numbers.end() && b.is_of_image() &&
         found->second == newer_.number_of(&b);
}

}  // namespace moonlet::image
