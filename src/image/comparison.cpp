// What a fork has left as its template has it. Caches and addresses do not count.
#include <algorithm>
#include <cstring>

#include "image/template.hpp"

namespace moonlet::image {

using heap::Buffer;
using heap::Cell;
using heap::Closure;
using heap::Entry;
using heap::Kind;
using heap::Object;
using heap::Table;
using heap::Thread;
using heap::Userdata;
using heap::Value;

class Comparison {
 public:
  Comparison(const Template& the_template, const vm::Vm& fork)
      : template_(the_template), displacement_(the_template.displacement(fork)) {}

  bool is_same(const Object& mine, const Object& theirs) const {
    // A Buffer may have become a string.
    if (mine.kind != theirs.kind || mine.identity() != theirs.identity() ||
        mine.flags != theirs.flags) {
      return false;
    }
    switch (mine.kind) {
      case Kind::Table:
        return is_same_table(static_cast<const Table&>(mine), static_cast<const Table&>(theirs));
      case Kind::Closure:
        return is_same_closure(static_cast<const Closure&>(mine),
                               static_cast<const Closure&>(theirs));
      case Kind::Cell:
        return is_same_cell(static_cast<const Cell&>(mine), static_cast<const Cell&>(theirs));
      case Kind::Userdata:
        return is_same_userdata(static_cast<const Userdata&>(mine),
                                static_cast<const Userdata&>(theirs));
      case Kind::Thread:
        return is_same_thread(static_cast<const Thread&>(mine), static_cast<const Thread&>(theirs));
      case Kind::Buffer: {
        const auto& a = static_cast<const Buffer&>(mine);
        const auto& b = static_cast<const Buffer&>(theirs);
        return a.size == b.size && a.capacity == b.capacity &&
               std::memcmp(a.data(), b.data(), a.size) == 0;
      }
      case Kind::String:
      case Kind::Proto:
      case Kind::Shape:
        return true;
    }
    ML_UNREACHABLE();
  }

  bool is_same_value(const Value& mine, const Value& theirs) const {
    if (mine.meta != theirs.meta) return false;
    if (mine.is_nil()) return true;
    return mine.is_object() ? is_same_bits(mine.bits, theirs.bits) : mine.bits == theirs.bits;
  }

 private:
  // The template's pointers into itself are those that a fork has displaced.
  bool is_same_bits(std::uint64_t mine, std::uint64_t theirs) const {
    return template_.is_inside(reinterpret_cast<const void*>(theirs))
               ? mine == theirs + displacement_
               : mine == theirs;
  }
  bool is_same_pointer(const void* mine, const void* theirs) const {
    return is_same_bits(reinterpret_cast<std::uintptr_t>(mine),
                        reinterpret_cast<std::uintptr_t>(theirs));
  }
  bool are_same(const Value* mine, const Value* theirs, std::size_t count) const {
    return std::equal(mine, mine + count, theirs,
                      [this](const Value& a, const Value& b) { return is_same_value(a, b); });
  }

  // Their elements.
  bool are_same(const Table& a, const Table& b) const {
    if (a.array.packed() != b.array.packed()) return false;
    if (!a.array.is_packed()) return are_same(a.array.values(), b.array.values(), a.array_count);
    return std::equal(a.array.payloads(), a.array.payloads() + a.array_count, b.array.payloads());
  }

  bool is_same_table(const Table& a, const Table& b) const {
    if (a.array_count != b.array_count || a.array_capacity != b.array_capacity ||
        a.entry_count != b.entry_count || a.entry_capacity != b.entry_capacity ||
        !is_same_pointer(a.metatable, b.metatable) || !are_same(a, b)) {
      return false;
    }
    if (a.is_shaped() || b.is_shaped()) {
      return a.shape_word == b.shape_word && are_same(a.fields, b.fields, a.shape()->count);
    }
    return std::equal(a.entries, a.entries + a.entry_count, b.entries,
                      [this](const Entry& x, const Entry& y) { return is_same_entry(x, y); });
  }

  bool is_same_entry(const Entry& a, const Entry& b) const {
    return a.key_tag() == b.key_tag() && is_same_value(a.value(), b.value()) &&
           (heap::is_key_object(a.key_tag()) ? is_same_bits(a.key_bits, b.key_bits)
                                             : a.key_bits == b.key_bits);
  }

  bool is_same_closure(const Closure& a, const Closure& b) const {
    const auto* mine = const_cast<Closure&>(a).upvalues();
    const auto* theirs = const_cast<Closure&>(b).upvalues();
    for (int n = 0; n < a.flags; ++n) {
      if (!is_same_pointer(mine[n], theirs[n])) return false;
    }
    return a.proto == b.proto;
  }

  bool is_same_cell(const Cell& a, const Cell& b) const {
    // Open ones belong to a frame, and threads with frames count as changed.
    return !a.is_open() && !b.is_open() && is_same_value(a.closed, b.closed);
  }

  bool is_same_userdata(const Userdata& a, const Userdata& b) const {
    auto& mine = const_cast<Userdata&>(a);
    auto& theirs = const_cast<Userdata&>(b);
    return a.size == b.size && a.type == b.type && a.user_value_count == b.user_value_count &&
           is_same_pointer(a.metatable, b.metatable) &&
           are_same(mine.user_values(), theirs.user_values(), a.user_value_count) &&
           std::memcmp(mine.payload(), theirs.payload(), a.size) == 0;
  }

  // Of those with frames, none: they are about to run.
  bool is_same_thread(const Thread& a, const Thread& b) const {
    return heap::has_no_frames(a) && heap::has_no_frames(b) && a.status == b.status &&
           a.entry == b.entry && a.stack_size == b.stack_size && a.tbc_count == 0 &&
           b.tbc_count == 0 && a.tbc_capacity == b.tbc_capacity &&
           a.native_depth == b.native_depth && a.inherited_depth == b.inherited_depth &&
           !a.in_hook && !b.in_hook && a.hook_function.is_nil() && b.hook_function.is_nil() &&
           is_same_pointer(a.resumer, b.resumer) && is_same_value(a.error, b.error) &&
           has_same_slots(a, b);
  }

  bool has_same_slots(const Thread& a, const Thread& b) const {
    if (heap::has_plain_slots(a) != heap::has_plain_slots(b)) return false;
    if (!heap::has_plain_slots(a)) return true;
    const auto count = a.number(a.top);
    return count == b.number(b.top) && are_same(a.stack, b.stack, count);
  }

  const Template& template_;
  std::uintptr_t displacement_;
};

bool Template::is_unchanged(const vm::Vm& fork, std::size_t number) const {
  return Comparison(*this, fork).is_same(*object_in(fork, number), *objects_[number]);
}

bool Template::is_same(const vm::Vm& fork, const Value& of_fork, const Value& of_template) const {
  return Comparison(*this, fork).is_same_value(of_fork, of_template);
}

}  // namespace moonlet::image
