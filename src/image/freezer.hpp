// The freezer at work: internal to this folder.
//
// Objects are numbered when a reference to them is first written, and written in the order of their
// numbers. While that goes on a numbered object of the Vm is black, and its `next` holds the
// number; at the end all objects are linked anew, in the order of the format, so that the program
// goes on with the same list wherever it goes on.
#pragma once

#include <span>
#include <unordered_map>

#include "base/cbor.hpp"
#include "image/state.hpp"
#include "image/state_format.hpp"
#include "image/template.hpp"
#include "image/transfer.hpp"

namespace moonlet::image {

class Freezer {
 public:
  Freezer(vm::Vm& vm, const BaseObjects& base, const Template* the_template,
          const FreezeOptions& options);
  // Writes the Vm as a state of another image. It was collected in full, and stays as it is.
  Freezer(vm::Vm& vm, const BaseObjects& base, const Template& newer, const Transfer& transfer);

  std::expected<FrozenMachine, FreezeError> freeze();

 private:
  using Out = base::CborWriter;

  // ---- The whole (freeze.cpp).
  void write_types(Out& out);
  void write_builtins(Out& out);
  void write_settings(Out& out);
  bool has_categories() const;
  void write_categories(Out& out);
  void find_changed(Out& out);
  void write_roots(Out& out);
  void write_list(Out& out, std::span<heap::Object* const> list);
  bool has_template_lists() const;
  bool is_root_of_template(const heap::Value& root, std::size_t number) const;
  void write_taken(Out& out);
  void relink();

  // ---- References and values.
  void reference(Out& out, heap::Object* object);
  void value(Out& out, const heap::Value& v);
  static void vector(base::CborWriter& out, const heap::Value& v);
  void values(Out& out, const heap::Value* from, const heap::Value* to);
  std::uint32_t number(heap::Object* object);
  static bool is_of_library(const heap::Object& object);
  std::uint32_t new_number(heap::Object* object);
  std::uint32_t number_in_transfer(heap::Object* object);
  std::uint64_t identity(const heap::Object* object) const;
  std::uint32_t builtin_number(std::uint32_t index);
  std::uint32_t type_number(std::uint16_t type);

  // ---- Objects (freeze_objects.cpp): each has a head, by which a reader can make it, and a body,
  // which needs all objects to be there.
  void write_object(heap::Object* object);
  void begin(Record kind) { heads_.unsigned_integer(static_cast<std::uint64_t>(kind)); }
  void write_string(heap::String* s);
  std::uint8_t table_flags(const heap::Table& t) const;
  void write_table(heap::Table* t);
  void write_array_room(const heap::Table& t);
  void write_elements(const heap::Table& t);
  void write_shape(heap::Shape* s);
  void write_closure(heap::Closure* c);
  void write_cell(heap::Cell* c);
  void write_userdata(heap::Userdata* u);
  void write_host_object(heap::Userdata* u);
  void refuse(const heap::Userdata& u, std::string_view why);
  void write_buffer(heap::Buffer* b);
  // The whole chunk is written with its root; other functions name root and index.
  void write_proto(heap::Proto* p);
  void write_function(Out& out, const heap::Proto& p);

  // ---- Threads (freeze_threads.cpp).
  void write_thread(heap::Thread* t);
  void write_hook(Out& out, const heap::Thread& t);
  void list(Out& out, const heap::Value* from, const heap::Value* to);
  void write_frames(Out& out, const heap::Thread& t);
  void write_frame(Out& out, const heap::Thread& t, const heap::Frame& f);

  vm::Vm& vm_;
  const BaseObjects& base_;
  const Template* template_;  // null: the state stands alone
  FreezeOptions options_;
  const Transfer* const transfer_ = nullptr;
  std::uint32_t first_number_;  // of objects that the template does not have
  Out heads_;
  Out bodies_;
  std::vector<std::uint32_t> changed_;    // numbers of the template's objects
  std::vector<heap::Object*> order_;      // those, by number
  std::vector<heap::Object*> inherited_;  // live copies of the template's objects, by number
  // Numbers of permanent objects that are in nobody's template.
  std::unordered_map<const heap::Object*, std::uint32_t> shared_numbers_;
  std::vector<std::uint32_t> builtin_indices_;  // by number
  std::vector<std::uint32_t> builtin_numbers_;  // by index, + 1; 0: none yet. Empty: there are few
  std::vector<std::uint16_t> types_;            // Userdata::type, in the order of the state's list
  std::string error_;
};

}  // namespace moonlet::image
