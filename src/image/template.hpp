// Templates: what forks of an image are copies of.
//
// Sealing lays the objects of a Vm that was just thawed into one block, in the order of their
// numbers, and notes where the block points into itself. Strings and code are not copied: they
// become permanent and are shared by all forks. A fork is a copy of the block, with the
// displacement added to each noted word; it looks nothing up and writes nothing that is shared.
//
// Every object of an image has a number, its place in the image's own state. States of forks name
// the image's objects by it.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "image/roots.hpp"
#include "image/settings.hpp"
#include "vm/vm.hpp"

namespace moonlet::image {

class Template {
 public:
  // Takes the Vm and its objects, by number, whose list is then not used any more. The error is
  // lack of memory, or a size beyond 4 GiB.
  [[nodiscard]] static std::expected<std::shared_ptr<const Template>, std::string> seal(
      std::unique_ptr<vm::Vm> donor, const std::vector<heap::Object*>& objects,
      vm::LibrarySet libraries);

  Template() = default;
  ~Template();
  Template(const Template&) = delete;
  Template& operator=(const Template&) = delete;

  // Makes a fresh Vm of the same engine a copy. It does not own its host objects yet. False: no
  // memory.
  [[nodiscard]] bool fork_into(vm::Vm& vm) const;
  // Gives the fork host objects of its own, by what the template's save. `restored` are those that
  // it has already. The error is a type's that refuses.
  using ObjectSet = std::unordered_set<const heap::Object*>;
  [[nodiscard]] std::expected<void, std::string> own_host_objects(vm::Vm& fork,
                                                                  const ObjectSet& restored) const;

  bool has_host_objects() const { return !host_objects_.empty(); }
  // All: it refers to functions that Safe does not have, and so may its states.
  vm::LibrarySet libraries() const { return libraries_; }

  std::size_t object_count() const { return objects_.size(); }
  // An object as it stands in the template, or the shared one.
  const heap::Object* object(std::size_t number) const { return objects_[number]; }
  // The same in a fork: shared, or the fork's own copy, which may have died.
  heap::Object* object_in(const vm::Vm& fork, std::size_t number) const {
    heap::Object* object = objects_[number];
    return object->is_permanent() ? object : moved(object, displacement(fork));
  }
  // Numbers of those that forks have copies of, rising.
  const std::vector<std::uint32_t>& copied() const { return copied_; }
  heap::Object* copy_in(const vm::Vm& fork, std::uint32_t number) const {
    return moved(objects_[number], displacement(fork));
  }
  // Numbers of objects: of a fork's copy; of a string or code of this image (kNoNumber: a function
  // that only its chunk knows); of a string of the library (kNoNumber: not in this image).
  static constexpr std::uint32_t kNoNumber = UINT32_MAX;
  std::uint32_t number_of_copy(const vm::Vm& fork, const heap::Object* object) const {
    return numbers_[(reinterpret_cast<std::uintptr_t>(object) - first_block(fork)) / kGranule];
  }
  static std::uint32_t number_of_shared(const heap::Object* object) {
    return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(object->next));
  }
  // Of an object of the template itself, copied or shared; not of the library's.
  std::uint32_t number_of(const heap::Object* object) const {
    return object->is_permanent() ? number_of_shared(object)
                                  : numbers_[(reinterpret_cast<std::uintptr_t>(object) -
                                              reinterpret_cast<std::uintptr_t>(block_.get())) /
                                             kGranule];
  }
  std::uint32_t number_of_library_string(const heap::String* string) const {
    const auto found = library_strings_.find(string);
    return found == library_strings_.end() ? kNoNumber : found->second;
  }

  // Has the fork's copy of this object the contents that it was born with?
  bool is_unchanged(const vm::Vm& fork, std::size_t number) const;

  // Names of categories, and which one is a fork's at first.
  const std::vector<std::string>& category_names() const { return categories_.names; }
  std::uint8_t category_bits() const { return category_bits_; }

  const Settings& settings() const { return settings_; }
  // Pointing into the template.
  const Roots& roots() const { return roots_; }
  bool is_same(const vm::Vm& fork, const heap::Value& of_fork,
               const heap::Value& of_template) const;
  const std::vector<heap::Object*>& finalizable() const { return finalizable_; }
  const std::vector<heap::Object*>& pending_finalizers() const { return pending_finalizers_; }

 private:
  friend class TemplateWriter;
  friend class Comparison;
  // Objects begin at least this far from each other.
  static constexpr std::size_t kGranule = 16;

  struct Release {
    void operator()(char* block) const;
  };

  static std::uintptr_t first_block(const vm::Vm& fork) { return fork.heap.first_block(); }
  std::uintptr_t displacement(const vm::Vm& fork) const {
    return first_block(fork) - reinterpret_cast<std::uintptr_t>(block_.get());
  }
  bool is_inside(const void* pointer) const {
    return reinterpret_cast<std::uintptr_t>(pointer) -
               reinterpret_cast<std::uintptr_t>(block_.get()) <
           bytes_;
  }
  template <typename T>
  static T* moved(T* pointer, std::uintptr_t by) {
    return reinterpret_cast<T*>(reinterpret_cast<std::uintptr_t>(pointer) + by);
  }

  std::unique_ptr<vm::Vm> donor_;  // owns the shared objects and their set of strings
  std::unique_ptr<char[], Release> block_;
  std::size_t bytes_ = 0;
  std::vector<std::uint32_t> relocations_;  // offsets of words
  std::vector<heap::Object*> objects_;
  std::vector<std::uint32_t> copied_;
  std::vector<std::uint32_t> numbers_;  // by granule of the block
  std::unordered_map<const heap::String*, std::uint32_t> library_strings_;
  heap::Object* first_object_ = nullptr;
  heap::Shape* root_shape_ = nullptr;  // shared, as all shapes are
  Settings settings_{};
  Roots roots_{};
  heap::BasicMetatables basic_metatables_;  // what forks share while has_shared_metatables_
  bool has_shared_metatables_ = false;
  std::vector<heap::Object*> finalizable_;
  std::vector<heap::Object*> pending_finalizers_;
  std::vector<heap::Userdata*> host_objects_;  // that the template owns
  std::uint64_t logical_bytes_ = 0;
  heap::Categories categories_;  // of the copies
  std::uint8_t category_bits_ = 0;
  std::uint32_t thread_count_ = 0;
  vm::LibrarySet libraries_ = vm::LibrarySet::Safe;
};

}  // namespace moonlet::image
