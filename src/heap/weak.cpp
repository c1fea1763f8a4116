// Tables with weak keys or values: looking at them, and clearing them.
#include "heap/collector.hpp"

namespace moonlet::heap {
namespace {

// Places of a weak table that are looked at in one piece.
constexpr int kScannedAtOnce = 256;
constexpr std::uint64_t kReferenceWork = 32;

bool is_the(const Value& value, const Object* object) {
  return value.is_object() && value.object == object;
}

// The entry that a reference names; nullptr: it has changed.
Entry* entry_of(const WeakReference& reference) {
  const Table& table = *reference.table;
  if (table.is_shaped() || reference.place >= table.entry_count) return nullptr;
  Entry& entry = table.entries[reference.place];
  const bool is_same =
      is_the(reference.kind == WeakPlace::EntryKey ? entry.key_reference() : entry.value(),
             reference.referent);
  return is_same ? &entry : nullptr;
}

}  // namespace

// An entry without a value keeps its place, but not its key alive: what is left of the key is its
// identity, by which a traversal that stands on it goes on. A string is its own identity and stays.
void Collector::bury_key(Entry& entry) {
  const Value key = entry.key_reference();
  if (!key.is_object()) return;
  // A short string is its own identity and stays; a long one may be large.
  if (key.is_string()) {
    if (!key.string()->is_long() || heap.identity(key.object) == 0) return mark(key);
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

// ---- Looking. From here on the table is black: what is stored into it is marked, keys too, and
// when its entries move, it is looked at again. So a reference that was not noted is to something
// that stays marked.

void Collector::note(WeakPlace kind, std::uint32_t place, Object* referent) {
  Marking& m = marking();
  if (m.references.is_full()) return mark(referent);
  if (!m.scan.has_references) {
    m.scan.has_references = true;
    m.scanned.push_back({m.scan.table, m.scan.mode});
  }
  work += kReferenceWork;
  m.references.push_back(WeakReference{referent, m.scan.table, place, kNoReference, kind});
}

void Collector::scan_some() {
  Marking& m = marking();
  if (m.scan.table == nullptr) {
    Table* table = m.weak.back();
    m.weak.pop_back();
    work += kReferenceWork;
    table->mark |= kBlack;
    const Weakness mode = weakness(heap, *table);
    if (!mode.any()) return traverse_table(*table);
    m.scan = {};
    m.scan.table = table;
    m.scan.mode = mode;
  }
  // What was marked may be somebody's key: it is followed first.
  for (int n = 0; n < kScannedAtOnce && m.gray.empty() && m.awakened.empty(); ++n) {
    if (!scan_next()) {
      m.scan.table = nullptr;
      return;
    }
  }
}

// One place; false: there is none left.
bool Collector::scan_next() {
  WeakScan& scan = marking().scan;
  const auto look_at = [&](const Value& value, WeakPlace kind, std::uint32_t place) {
    work += sizeof(Value);
    if (!scan.mode.values) {
      mark(value);
    } else if (is_dead(value)) {
      note(kind, place, value.object);
    }
    return true;
  };
  Table& table = *scan.table;
  if (scan.element < table.array_count && !table.array.is_packed()) {
    const std::uint32_t place = scan.element++;
    return look_at(table.array[place], WeakPlace::Element, place);
  }
  if (table.is_shaped()) {
    if (scan.field >= table.shape()->count) return false;
    const std::uint32_t place = scan.field++;
    return look_at(table.fields[place], WeakPlace::Field, place);
  }
  if (scan.entry >= table.entry_count) return false;
  work += sizeof(Entry);
  scan_entry(table.entries[scan.entry]);
  ++scan.entry;
  return true;
}

void Collector::scan_entry(Entry& entry) {
  const WeakScan& scan = marking().scan;
  if (entry.value_is_nil()) return bury_key(entry);
  const Value value = entry.value();
  const bool may_go = scan.mode.values && is_dead(value);
  if (may_go) note(WeakPlace::EntryValue, scan.entry, value.object);
  if (!scan.mode.keys) return mark(entry.key_reference());
  // A string goes with its entry. Should that stay, clear_value() marks it; without a note, here.
  if (may_go && entry.key_reference().is_string() && value.object->is_white()) return;
  if (is_dead(entry.key_reference())) {
    Object* key = entry.key_reference().object;
    note(WeakPlace::EntryKey, scan.entry, key);
    if (scan.mode.values || !value.is_object() || !value.object->is_white()) return;
    if (heap.weak_keys_are_held || !key->is_white()) return mark(value);
    key->mark |= kAwaited;
    marking().references.await(static_cast<std::uint32_t>(marking().references.size() - 1));
  } else if (!scan.mode.values) {
    mark(value);
  }
}

// A key has been marked: one entry that waits for it. Each entry is woken at most once, so chains
// of ephemerons cost no more than their length.
void Collector::wake_some() {
  Marking& m = marking();
  const WeakReference& reference = m.references[m.awakened.back()];
  if (reference.next == kNoReference) {
    m.awakened.pop_back();
  } else {
    m.awakened.back() = reference.next;
  }
  work += kReferenceWork;
  if (const Entry* entry = entry_of(reference); entry != nullptr) mark(entry->value());
}

// ---- Clearing. A reference that does not hold any more stands for nothing: what was stored in its
// place was marked, and what was moved was noted anew.

// A table may have been weak in another way when a reference was noted.
Weakness Collector::mode_of(Table& table) {
  if (asked.table != &table) asked = {&table, weakness(heap, table)};
  return asked.mode;
}

void Collector::clear_value(const WeakReference& reference) {
  work += kReferenceWork;
  Table& table = *reference.table;
  if (reference.kind == WeakPlace::EntryValue && !table.is_shaped() &&
      reference.place < table.entry_count) {
    Entry& entry = table.entries[reference.place];
    const Value value = entry.value();
    if (value.is_nil()) bury_key(entry);
    const bool stays = !value.is_nil() && !(value.is_object() && value.object->is_white());
    if (stays && entry.key_reference().is_string()) mark(entry.key_reference());
  }
  if (!reference.referent->is_white() || !mode_of(table).values) return;
  Value* value = nullptr;
  switch (reference.kind) {
    case WeakPlace::EntryKey:
      return;
    case WeakPlace::EntryValue:
      if (Entry* entry = entry_of(reference); entry != nullptr) {
        entry->set_value(Value::nil());
        bury_key(*entry);
      }
      return;
    case WeakPlace::Element:
      if (reference.place < table.array_count && !table.array.is_packed()) {
        value = &table.array.values()[reference.place];
      }
      break;
    case WeakPlace::Field:
      if (table.is_shaped() && reference.place < table.shape()->count) {
        value = &table.fields[reference.place];
      }
      break;
  }
  if (value != nullptr && is_the(*value, reference.referent)) *value = Value::nil();
}

void Collector::clear_key(const WeakReference& reference) {
  work += kReferenceWork;
  if (reference.kind != WeakPlace::EntryKey || !reference.referent->is_white()) return;
  if (!mode_of(*reference.table).keys) return;
  if (Entry* entry = entry_of(reference); entry != nullptr) {
    entry->set_value(Value::nil());
    bury_key(*entry);
  }
}

}  // namespace moonlet::heap
