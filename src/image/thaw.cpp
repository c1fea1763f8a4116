#include <algorithm>

#include "image/state_format.hpp"
#include "image/thawer.hpp"

namespace moonlet::image {

using base::CborMajor;
using base::CborReader;
using heap::Object;
using heap::Value;

namespace {

// What a state may make a reader allocate, when the host sets no limit: emptied tables keep their
// room, so this is more than the bytes themselves would justify.
constexpr std::uint64_t kMemoryMin = std::uint64_t{1} << 30;
constexpr std::uint64_t kMemoryPerByte = 1024;

bool is_null(const base::CborHead& head) {
  return head.major == CborMajor::Simple && !head.is_double && head.argument == base::kCborNull;
}

}  // namespace

std::expected<void, std::string> Thawer::thaw() {
  read_all();
  if (!in_.ok()) {
    return std::unexpected("bad state at byte " + std::to_string(in_.offset()) + ": " +
                           (message_.empty() ? in_.error() : message_));
  }
  return {};
}

void Thawer::read_all() {
  const std::uint64_t fields = in_.array();
  if (fields != 12 && fields != 13) return fail("not a state of this format");
  const std::uint64_t version = in_.unsigned_integer();
  if (in_.ok() && version != kStateVersion) {
    return fail("format version " + std::to_string(version) + ", this program reads version " +
                std::to_string(kStateVersion));
  }
  const std::uint64_t fingerprint = in_.unsigned_integer();
  if (in_.ok() && fingerprint != base_.fingerprint) {
    return fail("made with another version of the library");
  }
  if (template_ != nullptr && !template_->fork_into(vm_)) return no_memory();
  vm_.heap.memory_limit = kMemoryMin + kMemoryPerByte * state_.size();
  read_types();
  read_builtin_names();
  read_settings();
  category_bits_ = vm_.heap.category_bits;
  if (fields == 13) read_categories();
  const std::uint64_t lost = in_.unsigned_integer();
  if (in_.ok() && lost > first_number_) return fail("more lost objects than there were");
  read_changed();
  const std::uint64_t count = in_.unsigned_integer();
  const std::string_view heads = in_.bytes();
  const std::size_t end_of_heads = in_.offset();
  const std::string_view bodies = in_.bytes();
  const std::size_t end_of_bodies = in_.offset();
  if (!in_.ok()) return;
  if (count > heads.size()) return fail("more objects than there are heads");
  if (!categories_.empty() && categories_.back().end > count) {
    return fail("categories of more objects than there are");
  }
  objects_.assign(static_cast<std::size_t>(count), nullptr);
  records_.reserve(changed_.size() + objects_.size());
  in_ = reader_at(end_of_heads - heads.size());
  for (const std::size_t n : changed_) make_object(n, numbered_object(n));
  for (std::size_t n = 0; n < objects_.size() && in_.ok(); ++n) {
    begin_object(first_number_ + n);
    objects_[n] = make_object(first_number_ + n, nullptr);
  }
  if (in_.ok() && in_.offset() != end_of_heads) fail("heads that end elsewhere");
  if (in_.ok()) make_shapes();
  if (in_.ok()) make_functions();
  vm_.heap.category_bits = category_bits_;
  if (!in_.ok()) return;
  in_ = reader_at(end_of_bodies - bodies.size());
  const Record* record = records_.data();
  for (const std::size_t n : changed_) fill_object(numbered_object(n), *record++);
  for (std::size_t n = 0; n < objects_.size() && in_.ok(); ++n) fill_object(objects_[n], *record++);
  if (in_.ok() && in_.offset() != end_of_bodies) fail("bodies that end elsewhere");
  read_roots();
  if (in_.ok() && in_.left() != 0) fail("bytes after the end");
  if (in_.ok()) sort_live();
  if (in_.ok()) link_open_cells();
  if (in_.ok()) check_threads();
  // Before anything is collected: what nothing refers to is restored, too.
  if (in_.ok()) restore_host_objects();
  if (in_.ok()) lose(lost);
  if (in_.ok()) own_template_objects();
  if (in_.ok()) apply_settings(vm_, settings_);
}

CborReader Thawer::reader_at(std::size_t offset) const {
  CborReader reader(state_);
  reader.seek(offset);
  return reader;
}

void Thawer::fail(std::string message) {
  if (!in_.ok()) return;
  message_ = std::move(message);
  in_.fail("");
}

// May there be a reference to what only LibrarySet::All has? In an image; in a state if its image
// has one.
bool Thawer::reach_world() {
  if (template_ == nullptr) libraries_ = vm::LibrarySet::All;
  return libraries_ == vm::LibrarySet::All;
}

void Thawer::read_builtin_names() {
  const std::uint64_t count = in_.array();
  for (std::uint64_t n = 0; n < count && in_.ok(); ++n) {
    const std::string_view name = in_.text();
    const int index = in_.ok() ? vm_.builtins.find(name) : 0;
    if (index < 0) {
      return fail("this engine was made without the function '" + std::string(name) + "'");
    }
    if (vm_.builtins.rows[static_cast<std::size_t>(index)].set == vm::LibrarySet::All &&
        !reach_world()) {
      return fail("the image does not have the function '" + std::string(name) + "'");
    }
    builtins_.push_back(static_cast<std::uint32_t>(index));
  }
}

void Thawer::read_settings() {
  if (in_.array() != kSettingCount) return fail("wrong number of settings");
  for (std::size_t n = 0; n < kSettingCount && in_.ok(); ++n) {
    if (template_ != nullptr && is_null(in_.peek())) {
      in_.skip();
      settings_[n] = template_->settings()[n];
    } else {
      const SettingRule& rule = setting_rule(n);
      const std::int64_t number = rule.is_signed ? in_.integer() : 0;
      settings_[n] = rule.is_signed ? static_cast<std::uint64_t>(number) : in_.unsigned_integer();
      const std::uint64_t size = number < 0 ? 0 - settings_[n] : settings_[n];
      if (in_.ok() && size > rule.max) return fail(std::string(rule.name) + " out of range");
    }
  }
}

void Thawer::read_categories() {
  if (in_.array() != 3) return fail("a wrong list of categories");
  const std::uint64_t current = in_.unsigned_integer(heap::kCategoryCount - 1, "unknown category");
  const std::uint64_t names = in_.array();
  if (in_.ok() && names >= heap::kCategoryCount) return fail("too many categories");
  for (std::uint64_t n = 0; n < names && in_.ok(); ++n) {
    const std::string_view name = in_.bytes();
    if (!in_.ok()) return;
    if (name.size() > heap::kCategoryNameMax || !vm_.heap.set_category(name) ||
        vm_.heap.category_bits >> 4 != n + 1) {
      return fail("a wrong name of a category");
    }
  }
  // The image's come first.
  const std::uint64_t known =
      vm_.heap.categories == nullptr ? 0 : vm_.heap.categories->names.size();
  if (in_.ok() && (known != names || current > known)) return fail("an unknown category");
  const std::uint64_t numbers = in_.array();
  if (in_.ok() && numbers % 2 != 0) return fail("an incomplete list of categories");
  std::uint64_t end = 0;
  for (std::uint64_t n = 0; n < numbers && in_.ok(); n += 2) {
    const std::uint64_t count = in_.unsigned_integer(UINT32_MAX, "too many objects");
    const std::uint64_t category = in_.unsigned_integer(known, "unknown category");
    end += count;
    categories_.push_back({end, static_cast<std::uint8_t>(category << 4)});
  }
  category_bits_ = static_cast<std::uint8_t>(current << 4);
}

void Thawer::begin_object(std::size_t number) {
  const auto run = std::upper_bound(
      categories_.begin(), categories_.end(), number - first_number_,
      [](std::size_t wanted, const CategoryRun& each) { return wanted < each.end; });
  vm_.heap.category_bits = run == categories_.end() ? 0 : run->bits;
}

// ---- Objects of the template that have changed.

void Thawer::read_changed() {
  const std::uint64_t count = in_.array();
  for (std::uint64_t n = 0; n < count && in_.ok(); ++n) {
    const std::uint64_t number = in_.unsigned_integer();
    if (!in_.ok()) return;
    if (number >= first_number_ || (!changed_.empty() && number <= changed_.back())) {
      return fail("a change of an object that the image does not have");
    }
    if (numbered_object(number)->is_permanent())
      return fail("a change of something that cannot change");
    changed_.push_back(static_cast<std::size_t>(number));
  }
}

// Frees what nothing refers to any more of the template's objects. A state is frozen after a full
// collection, so it has to be exactly as many as it says.
void Thawer::lose(std::uint64_t count) {
  std::vector<Object*> inherited;
  if (template_ != nullptr) {
    inherited.reserve(template_->copied().size());
    for (const std::uint32_t n : template_->copied()) {
      inherited.push_back(template_->copy_in(vm_, n));
    }
  }
  relink_objects(vm_.heap, inherited, objects_);
  if (completion_ != nullptr) {
    if (!completion_->complete(vm_)) return no_memory();
    return vm_.heap.collect_full();
  }
  if (count == 0) return;
  vm_.heap.collect_full();
  const auto lost = std::count_if(inherited.begin(), inherited.end(),
                                  [](const Object* object) { return !object->is_of_template(); });
  if (static_cast<std::uint64_t>(lost) != count) fail("a wrong number of lost objects");
}

// ---- Roots.

void Thawer::read_roots() {
  heap::Heap& heap = vm_.heap;
  const std::uint64_t items = in_.array();
  if (items % 2 != 0) return fail("an incomplete list of roots");
  std::uint64_t set = 0;
  for (std::uint64_t n = 0; n < items && in_.ok(); n += 2) {
    const std::uint64_t number = in_.unsigned_integer(kRootCount - 1, "unknown root");
    const Value v = plain_value();
    if (!in_.ok()) return;
    if (!is_root(static_cast<std::size_t>(number), v)) return fail("a root of a wrong kind");
    if ((set >> number) != 0) return fail("roots out of order");
    set |= std::uint64_t{1} << number;
    if (!set_root(heap, static_cast<std::size_t>(number), v)) return no_memory();
  }
  if (!in_.ok()) return;
  if (heap.main_thread == nullptr || heap.current_thread == nullptr || heap.globals == nullptr ||
      heap.registry == nullptr) {
    return fail("a missing root");
  }
  if (is_null(in_.peek())) return in_.skip();
  if (in_.array() != 2) return fail("a wrong list of finalizers");
  for (Object* object : heap.finalizable) {
    object->mark &= static_cast<std::uint8_t>(~heap::kHasFinalizer);
  }
  heap.finalizable.clear();
  heap.pending_finalizers.clear();
  read_finalizers(heap.finalizable, true);
  read_finalizers(heap.pending_finalizers, false);
}

void Thawer::read_finalizers(base::LazyVector<Object*>& list, bool registered) {
  const std::uint64_t count = in_.array();
  for (std::uint64_t n = 0; n < count && in_.ok(); ++n) {
    const Value v = plain_value();
    if (!in_.ok()) return;
    if ((!v.is_table() && !v.is_userdata()) || v.object->is_permanent()) {
      return fail("a finalizer of a wrong object");
    }
    if (registered) {
      if ((v.object->mark & heap::kHasFinalizer) != 0) return fail("two finalizers of one object");
      v.object->mark |= heap::kHasFinalizer;
    }
    list.push_back(v.object);
  }
}

std::expected<void, std::string> thaw(vm::Vm& vm, const BaseObjects& base,
                                      const Template* the_template, std::string_view state) {
  return Thawer(vm, base, the_template, state).thaw();
}

std::expected<std::shared_ptr<const Template>, std::string> make_template(
    std::unique_ptr<vm::Vm> vm, const BaseObjects& base, std::string_view state) {
  Thawer thawer(*vm, base, nullptr, state);
  if (auto done = thawer.thaw(); !done) return std::unexpected(done.error());
  return Template::seal(std::move(vm), thawer.objects(), thawer.libraries());
}

}  // namespace moonlet::image
