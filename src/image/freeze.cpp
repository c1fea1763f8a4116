#include <algorithm>

#include "base/cbor.hpp"
#include "heap/vector.hpp"
#include "image/freezer.hpp"
#include "image/state_format.hpp"
#include "vm/call.hpp"
#include "vm/host_types.hpp"

namespace moonlet::image {

using base::CborWriter;
using heap::Kind;
using heap::Object;
using heap::Proto;
using heap::String;
using heap::Tag;
using heap::Value;

Freezer::Freezer(vm::Vm& vm, const BaseObjects& base, const Template* the_template,
                 const FreezeOptions& options)
    : vm_(vm),
      base_(base),
      template_(the_template),
      options_(options),
      first_number_(
          the_template == nullptr ? 0 : static_cast<std::uint32_t>(the_template->object_count())) {}

Freezer::Freezer(vm::Vm& vm, const BaseObjects& base, const Template& newer,
                 const Transfer& transfer)
    : vm_(vm),
      base_(base),
      template_(&newer),
      transfer_(&transfer),
      first_number_(static_cast<std::uint32_t>(newer.object_count())) {}

std::expected<FrozenMachine, FreezeError> Freezer::freeze() {
  if (transfer_ == nullptr) vm_.heap.collect_full();
  // Objects are found in this order; the parts are written in another one.
  CborWriter roots;
  CborWriter changes;
  write_roots(roots);
  if (transfer_ == nullptr) {
    find_changed(changes);
    for (const std::uint32_t n : changed_) write_object(template_->object_in(vm_, n));
  } else {
    write_taken(changes);
  }
  for (std::size_t n = 0; n < order_.size(); ++n) write_object(order_[n]);
  if (transfer_ == nullptr) relink();
  if (!error_.empty()) return std::unexpected(FreezeError{error_});
  CborWriter out;
  out.array(has_categories() ? 13 : 12);
  out.unsigned_integer(kStateVersion);
  out.unsigned_integer(base_.fingerprint);
  write_types(out);
  write_builtins(out);
  write_settings(out);
  if (has_categories()) write_categories(out);
  FrozenMachine machine;
  machine.parts.reserve(6);
  machine.parts.push_back(std::move(out));
  changes.unsigned_integer(order_.size());
  changes.head(base::CborMajor::Bytes, heads_.size());
  machine.parts.push_back(std::move(changes));
  machine.parts.push_back(std::move(heads_));
  CborWriter between;
  between.head(base::CborMajor::Bytes, bodies_.size());
  machine.parts.push_back(std::move(between));
  machine.parts.push_back(std::move(bodies_));
  machine.parts.push_back(std::move(roots));
  return machine;
}

void Freezer::write_types(CborWriter& out) {
  out.array(2 * types_.size());
  for (const std::uint16_t type : types_) {
    const vm::HostTypeRow& row = vm_.host_types->rows[type - 1u];
    out.text(row.name);
    out.unsigned_integer(row.version);
  }
}

void Freezer::write_builtins(CborWriter& out) {
  out.array(builtin_indices_.size());
  for (const std::uint32_t index : builtin_indices_) out.text(vm_.builtins.rows[index].name);
}

void Freezer::write_settings(CborWriter& out) {
  Settings settings = settings_of(vm_);
  if (transfer_ != nullptr) settings[kNextIdentity] = transfer_->next_identity;
  out.array(kSettingCount);
  for (std::size_t n = 0; n < kSettingCount; ++n) {
    if (template_ != nullptr && settings[n] == template_->settings()[n]) {
      out.null();
    } else if (setting_rule(n).is_signed) {
      out.integer(static_cast<std::int64_t>(settings[n]));
    } else {
      out.unsigned_integer(settings[n]);
    }
  }
}

// Is there anything about categories of memory that the template does not say? Its own objects keep
// those that they have there.
bool Freezer::has_categories() const {
  static const std::vector<std::string> kNone;
  const heap::Heap& heap = vm_.heap;
  const auto& names = heap.categories == nullptr ? kNone : heap.categories->names;
  return names != (template_ == nullptr ? kNone : template_->category_names()) ||
         heap.category_bits != (template_ == nullptr ? 0 : template_->category_bits()) ||
         std::any_of(order_.begin(), order_.end(),
                     [](const Object* object) { return object->category() != 0; });
}

// The one of new objects, all names, and those of the state's objects in runs: how many, category.
void Freezer::write_categories(CborWriter& out) {
  out.array(3);
  out.unsigned_integer(vm_.heap.category_bits >> 4);
  const std::vector<std::string>& names = vm_.heap.categories->names;
  out.array(names.size());
  for (const std::string& name : names) out.bytes(name);
  std::vector<std::uint64_t> runs;
  for (std::size_t n = 0; n < order_.size();) {
    const unsigned category = order_[n]->category();
    std::size_t end = n + 1;
    while (end < order_.size() && order_[end]->category() == category) ++end;
    runs.push_back(end - n);
    runs.push_back(category);
    n = end;
  }
  if (!runs.empty() && runs.back() == 0) runs.resize(runs.size() - 2);
  out.array(runs.size());
  for (const std::uint64_t number : runs) out.unsigned_integer(number);
}

// How many of the template's objects are gone, then the numbers of those that have changed.
void Freezer::find_changed(CborWriter& out) {
  static const std::vector<std::uint32_t> kNone;
  const std::vector<std::uint32_t>& copied = template_ == nullptr ? kNone : template_->copied();
  std::uint64_t lost = 0;
  inherited_.reserve(copied.size());
  for (const std::uint32_t n : copied) {
    Object* object = template_->copy_in(vm_, n);
    if (!object->is_of_template()) {
      ++lost;
      continue;
    }
    inherited_.push_back(object);
    if (!template_->is_unchanged(vm_, n)) changed_.push_back(n);
  }
  out.unsigned_integer(lost);
  out.array(changed_.size());
  for (const std::uint32_t n : changed_) out.unsigned_integer(n);
}

// In a transfer: what takes the place of an object of the template. How many are lost is not known.
void Freezer::write_taken(CborWriter& out) {
  out.unsigned_integer(0);
  out.array(transfer_->taken.size());
  for (const auto& [number, object] : transfer_->taken) {
    out.unsigned_integer(number);
    write_object(object);
  }
}

// Number and value of the roots that are not the template's, then the lists of finalizers, unless
// both are.
void Freezer::write_roots(CborWriter& out) {
  const Roots roots = roots_of(vm_.heap);
  std::vector<std::size_t> changed;
  for (std::size_t n = 0; n < roots.size(); ++n) {
    if (!is_root_of_template(roots[n], n)) changed.push_back(n);
  }
  out.array(2 * changed.size());
  for (const std::size_t n : changed) {
    out.unsigned_integer(n);
    value(out, roots[n]);
  }
  if (has_template_lists()) return out.null();
  out.array(2);
  const auto own = vm_.heap.finalizable.view();
  std::vector<Object*> finalizable(own.begin(), own.end());
  if (transfer_ != nullptr) {
    finalizable.insert(finalizable.end(), transfer_->finalizable.begin(),
                       transfer_->finalizable.end());
  }
  write_list(out, finalizable);
  write_list(out, vm_.heap.pending_finalizers.view());
}

bool Freezer::is_root_of_template(const Value& root, std::size_t number) const {
  if (template_ == nullptr) return root.is_nil();
  const Value& of_template = template_->roots()[number];
  return transfer_ == nullptr ? template_->is_same(vm_, root, of_template)
                              : root.is_nil() && of_template.is_nil();
}

void Freezer::write_list(CborWriter& out, std::span<Object* const> list) {
  out.array(list.size());
  for (Object* object : list) reference(out, object);
}

bool Freezer::has_template_lists() const {
  if (transfer_ != nullptr) return false;
  const auto is_same = [this](std::span<Object* const> mine, std::span<Object* const> theirs) {
    if (mine.size() != theirs.size()) return false;
    for (std::size_t n = 0; n < mine.size(); ++n) {
      if (!template_->is_same(vm_, vm::object_value(mine[n]), vm::object_value(theirs[n]))) {
        return false;
      }
    }
    return true;
  };
  if (template_ == nullptr) {
    return vm_.heap.finalizable.empty() && vm_.heap.pending_finalizers.empty();
  }
  return is_same(vm_.heap.finalizable.view(), template_->finalizable()) &&
         is_same(vm_.heap.pending_finalizers.view(), template_->pending_finalizers());
}

void Freezer::relink() { relink_objects(vm_.heap, std::move(inherited_), order_); }

void relink_objects(heap::Heap& heap, std::vector<Object*> inherited,
                    const std::vector<Object*>& others) {
  std::vector<Object*> order = std::move(inherited);
  order.reserve(order.size() + others.size());
  for (Object* object : others) {
    if (object->is_permanent()) continue;
    if (object->kind != Kind::Proto) {
      order.push_back(object);
      continue;
    }
    // All functions of a chunk stand behind its root, whether something refers to them or not.
    auto* root = static_cast<Proto*>(object);
    if (root->root != root) continue;
    for (std::uint32_t n = 0; n < root->function_count; ++n) order.push_back(root->functions[n]);
  }
  // A state from outside may have the same string twice.
  for (Object* object : order) object->mark &= static_cast<std::uint8_t>(~heap::kBlack);
  std::erase_if(order, [](Object* object) {
    const bool is_known = object->is_black();
    object->mark |= heap::kBlack;
    return is_known;
  });
  for (Object* object : order) object->mark &= static_cast<std::uint8_t>(~heap::kBlack);
  heap.relink(order);
}

// ---- References and values.

std::uint32_t Freezer::new_number(Object* object) {
  order_.push_back(object);
  return first_number_ + static_cast<std::uint32_t>(order_.size() - 1);
}

// Nothing is noted in the objects: some are a template's.
std::uint32_t Freezer::number_in_transfer(Object* object) {
  const auto known = transfer_->numbers.find(object);
  if (known != transfer_->numbers.end()) return known->second;
  const auto [found, is_new] = shared_numbers_.try_emplace(object, 0);
  if (is_new) found->second = new_number(object);
  return found->second;
}

std::uint32_t Freezer::number(Object* object) {
  if (ML_UNLIKELY(transfer_ != nullptr)) return number_in_transfer(object);
  if (ML_LIKELY(!object->is_permanent())) {
    if (object->is_black()) return Template::number_of_shared(object);
    if (template_ != nullptr && object->is_of_template()) {
      return template_->number_of_copy(vm_, object);
    }
    const std::uint32_t n = new_number(object);
    object->mark |= heap::kBlack;
    object->next = reinterpret_cast<Object*>(std::uintptr_t{n});
    return n;
  }
  if (template_ != nullptr) {
    const std::uint32_t n = object->is_of_image()
                                ? Template::number_of_shared(object)
                                : template_->number_of_library_string(static_cast<String*>(object));
    if (n != Template::kNoNumber) return n;
  }
  const auto [found, is_new] = shared_numbers_.try_emplace(object, 0);
  if (is_new) found->second = new_number(object);
  return found->second;
}

// By its position there. Its short strings are found by their text.
bool Freezer::is_of_library(const Object& object) {
  if (!object.is_permanent() || object.is_of_image()) return false;
  return object.kind != Kind::String || static_cast<const String&>(object).is_long();
}

void Freezer::reference(CborWriter& out, Object* object) {
  if (object == nullptr) return out.null();
  if (is_of_library(*object)) {
    out.tag(kTagBase);
    return out.unsigned_integer(object->identity() - vm::kFirstBaseIdentity);
  }
  out.tag(kTagObject);
  out.unsigned_integer(number(object));
}

void Freezer::value(CborWriter& out, const Value& v) {
  switch (v.tag()) {
    case Tag::Nil:
      return out.null();
    case Tag::False:
      return out.boolean(false);
    case Tag::True:
      return out.boolean(true);
    case Tag::Integer:
      return out.integer(v.integer);
    case Tag::Float:
      return out.number(v.number);
    case Tag::Builtin:
      out.tag(kTagBuiltin);
      return out.unsigned_integer(builtin_number(v.builtin()));
    case Tag::LightUserdata:
      out.tag(kTagLight);
      return out.unsigned_integer(v.bits);
    case Tag::DeadKey:
      out.tag(kTagDeadKey);
      return out.unsigned_integer(v.bits);
    case Tag::Vector:
      return vector(out, v);
    case Tag::VectorKey:
      out.tag(kTagVectorKey);
      return out.unsigned_integer(number(v.object));
    default:
      return reference(out, v.object);
  }
}

void Freezer::vector(CborWriter& out, const Value& v) {
  std::string bytes;
  for (const std::uint32_t lane : heap::vector_lane_bits(v)) {
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(lane >> shift);
  }
  out.tag(kTagVector);
  out.bytes(bytes);
}

void Freezer::values(CborWriter& out, const Value* from, const Value* to) {
  for (; from < to; ++from) value(out, *from);
}

// In a transfer, what an image's string or table was given when that was sealed is forgotten.
std::uint64_t Freezer::identity(const Object* object) const {
  if (ML_LIKELY(transfer_ == nullptr)) return object->identity();
  if (object->is_permanent()) return 0;
  const auto found = transfer_->identities.find(object);
  return found == transfer_->identities.end() ? object->identity() : found->second;
}

std::uint32_t Freezer::builtin_number(std::uint32_t index) {
  // Most states name a few: a table of all that there are is made for those with more.
  constexpr std::size_t kFew = 16;
  if (builtin_numbers_.empty()) {
    const auto found = std::ranges::find(builtin_indices_, index);
    if (found != builtin_indices_.end()) {
      return static_cast<std::uint32_t>(found - builtin_indices_.begin());
    }
  } else if (builtin_numbers_[index] != 0) {
    return builtin_numbers_[index] - 1;
  }
  builtin_indices_.push_back(index);
  const auto count = static_cast<std::uint32_t>(builtin_indices_.size());
  if (count == kFew) {
    builtin_numbers_.resize(vm_.builtins.rows.size());
    for (std::uint32_t n = 0; n < count; ++n) builtin_numbers_[builtin_indices_[n]] = n + 1;
  } else if (count > kFew) {
    builtin_numbers_[index] = count;
  }
  return count - 1;
}

// From 1: userdata of no host type have 0, or a number beyond all types.
std::uint32_t Freezer::type_number(std::uint16_t type) {
  const auto found = std::find(types_.begin(), types_.end(), type);
  const auto number = static_cast<std::uint32_t>(found - types_.begin()) + 1;
  if (found == types_.end()) types_.push_back(type);
  return number;
}

std::expected<FrozenMachine, FreezeError> freeze(vm::Vm& vm, const BaseObjects& base,
                                                 const Template* the_template,
                                                 const FreezeOptions& options) {
  return Freezer(vm, base, the_template, options).freeze();
}

}  // namespace moonlet::image
