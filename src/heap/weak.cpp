// Tables with weak keys or values.
#include "heap/collector.hpp"

namespace moonlet::heap {

// An entry without a value keeps its place, but not its key alive: what is left of the key is its
// identity, by which a traversal that stands on it goes on. A string is its own identity and stays.
void Collector::bury_key(Entry& entry) {
  const Value key = entry.key();
  if (!key.is_object()) return;
  // A short string is its own identity and stays; a long one may be large.
  if (key.is_string()) {
    if (!key.string()->is_long()) return mark(key);
    heap.identity(key.object);
  }
  entry.set_key(key.object->identity(), Tag::DeadKey);
}

bool Collector::is_dead(const Value& value) {
  if (!value.is_object()) return false;
  if (value.is_string()) {
    mark(value);
    return false;
  }
  return value.object->is_white();
}

void Collector::traverse_weak_values(Table& table) {
  bool may_have_dead = table.array_count > 0 || table.is_shaped();
  for (std::uint32_t i = 0; i < table.entry_count; ++i) {
    Entry& entry = table.entries[i];
    work += sizeof(Entry);
    if (entry.value_is_nil()) {
      bury_key(entry);
      continue;
    }
    mark(entry.key());
    if (!may_have_dead && is_dead(entry.value())) may_have_dead = true;
  }
  if (is_atomic && may_have_dead) weak_values.push_back(&table);
}

void Collector::traverse_ephemeron(Table& table) {
  mark_range(table.array, table.array + table.array_count);
  // Strings are no weak keys.
  if (table.is_shaped()) mark_range(table.fields, table.fields + table.shape()->count);
  bool has_dead = false;
  for (std::uint32_t i = 0; i < table.entry_count; ++i) {
    Entry& entry = table.entries[i];
    work += sizeof(Entry);
    if (entry.value_is_nil()) {
      bury_key(entry);
    } else if (!is_dead(entry.key())) {
      mark(entry.value());
    } else {
      has_dead = true;
      const Value value = entry.value();
      if (is_atomic && value.is_object() && value.object->is_white()) {
        add_pending(entry.key().object, value.object);
      }
    }
  }
  if (is_atomic && has_dead) ephemerons.push_back(&table);
}

void Collector::add_pending(Object* key, Object* value) {
  const auto number = static_cast<std::uint32_t>(pending_.size());
  const auto [place, is_new] = pending_heads_.try_emplace(key, kNoPending);
  pending_.push_back({value, place->second});
  place->second = number;
}

// Marks the values of keys that were marked after their entry had been looked at. Each marked
// object is looked up once, so chains of ephemerons cost no more than their length.
void Collector::converge_ephemerons() {
  while (!newly_marked_.empty()) {
    Object* key = newly_marked_.back();
    newly_marked_.pop_back();
    const auto place = pending_heads_.find(key);
    if (place == pending_heads_.end()) continue;
    for (std::uint32_t i = place->second; i != kNoPending; i = pending_[i].next) {
      mark(pending_[i].value);
    }
    pending_heads_.erase(place);
    propagate_all();
  }
}

void Collector::clear_values(const std::vector<Table*>& tables, std::size_t first) {
  for (std::size_t t = first; t < tables.size(); ++t) {
    Table& table = *tables[t];
    for (std::uint32_t i = 0; i < table.array_count; ++i) {
      if (is_dead(table.array[i])) table.array[i] = Value::nil();
    }
    while (table.array_count > 0 && table.array[table.array_count - 1].is_nil()) {
      --table.array_count;
    }
    if (table.is_shaped()) {
      for (std::uint32_t i = 0; i < table.shape()->count; ++i) {
        if (is_dead(table.fields[i])) table.fields[i] = Value::nil();
      }
    }
    for (std::uint32_t i = 0; i < table.entry_count; ++i) {
      Entry& entry = table.entries[i];
      if (is_dead(entry.value())) entry.set_value(Value::nil());
      if (entry.value_is_nil()) bury_key(entry);
    }
    work += table.array_count * sizeof(Value) + table.entry_count * sizeof(Entry);
  }
}

void Collector::clear_keys(const std::vector<Table*>& tables) {
  for (Table* table : tables) {
    for (std::uint32_t i = 0; i < table->entry_count; ++i) {
      Entry& entry = table->entries[i];
      if (is_dead(entry.key())) entry.set_value(Value::nil());
      if (entry.value_is_nil()) bury_key(entry);
    }
    work += table->entry_count * sizeof(Entry);
  }
}

}  // namespace moonlet::heap
