// The thawer at work: internal to this folder.
//
// Every object has a head, by which it is made, and a body, by which it is filled when every
// reference has something to point to. Objects of the template that have changed are emptied by
// their heads, and filled as new ones are. What concerns several
// objects is checked at the end.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/cbor.hpp"
#include "bytecode/analysis.hpp"
#include "bytecode/register_set.hpp"
#include "image/state.hpp"
#include "image/state_format.hpp"
#include "image/template.hpp"

namespace moonlet::image {

// What is done to a Vm of which everything is read, before what nothing refers to is freed. How
// many objects of the template that will be, the state then does not know.
class Completion {
 public:
  virtual ~Completion() = default;
  [[nodiscard]] virtual bool complete(vm::Vm& vm) = 0;  // false: no memory
};

class Thawer {
 public:
  Thawer(vm::Vm& vm, const BaseObjects& base, const Template* the_template, std::string_view state,
         Completion* completion = nullptr)
      : vm_(vm),
        base_(base),
        template_(the_template),
        libraries_(the_template == nullptr ? vm::LibrarySet::Safe : the_template->libraries()),
        first_number_(the_template == nullptr ? 0 : the_template->object_count()),
        completion_(completion),
        in_(state),
        state_(state) {}

  std::expected<void, std::string> thaw();
  // Those of the state, by number; of one that stands alone.
  const std::vector<heap::Object*>& objects() const { return objects_; }
  vm::LibrarySet libraries() const { return libraries_; }

 private:
  // Where a record goes on.
  struct Place {
    std::size_t number;
    std::size_t offset;
  };
  struct OpenCellPlace {
    heap::Thread* thread;
    std::uint64_t slot;
    heap::Cell* cell;
  };
  // The frame below the one that is being read.
  struct FrameState {
    heap::Value* base = nullptr;
    heap::Value* end = nullptr;  // of its values
    heap::Closure* closure = nullptr;
    std::uint32_t builtin = 0;  // when there is no closure
    std::uint32_t position = 0;
  };
  struct LuaFrame {
    heap::Thread* thread;
    heap::Value* base;
    heap::Value* end;
    heap::Closure* closure;
    std::uint32_t position;
    bool is_top;
    bool is_inside = false;  // of its instruction, whose metamethod is running
  };
  // A host type of the state's list, as this engine knows it.
  struct TypePlace {
    std::uint16_t type;  // Userdata::type
    std::uint32_t version;
  };
  struct HostObjectPlace {
    heap::Userdata* object;
    std::size_t offset;  // of its payload
    std::uint32_t version;
  };
  struct LiveRange {
    const heap::Thread* thread;
    const heap::Value* from;
    const heap::Value* to;
    const heap::Proto* proto;  // null: a native function's frame
    std::uint32_t position;
  };

  // ---- The whole (thaw.cpp).
  void read_all();
  bool reach_world();
  void read_builtin_names();
  void read_settings();
  void read_categories();
  // Makes what is made next of the category of this object of the state.
  void begin_object(std::size_t number);
  void read_roots();
  void read_finalizers(base::LazyVector<heap::Object*>& list, bool registered);
  void read_changed();
  void lose(std::uint64_t count);
  base::CborReader reader_at(std::size_t offset) const;
  void fail(std::string message);
  bool bad(const char* message) {
    fail(message);
    return false;
  }
  void no_memory() { fail("not enough memory"); }

  // ---- References and values (thaw_values.cpp).
  heap::Object* numbered_object(std::uint64_t number) const;
  heap::Object* tagged_object(std::uint64_t tag);
  heap::Object* object_or_null(heap::Kind kind);
  heap::Object* object(heap::Kind kind);
  heap::Value value();
  heap::Value tagged_value();
  heap::Value vector();
  heap::Value object_value(std::uint64_t tag);
  // A value as scripts may hold it.
  heap::Value plain_value();

  // ---- Objects by their heads (thaw_heads.cpp). `old` is the copy of the template's object that
  // has changed, or null.
  heap::Object* make_object(std::size_t number, heap::Object* old);
  heap::Object* make_string(std::uint64_t id, heap::Object* old);
  heap::Object* make_table(heap::Table* old, bool is_shaped);
  heap::Object* make_closure(std::size_t number, heap::Closure* old);
  heap::Object* make_cell(heap::Cell* old);
  heap::Object* make_userdata(heap::Userdata* old);
  heap::Object* make_thread(heap::Thread* old);
  heap::Object* make_buffer(heap::Buffer* old);
  heap::Object* make_script_buffer(heap::Buffer* old);
  static constexpr std::uint64_t kNoCapacity = UINT64_MAX;  // it is the size
  heap::Object* fill_buffer(std::uint64_t id, std::uint64_t capacity, std::uint8_t flags,
                            heap::Buffer* old);
  std::uint64_t identity() { return in_.unsigned_integer(kIdentityMax, "identity out of range"); }

  // ---- Their bodies (thaw_bodies.cpp).
  void fill_object(heap::Object* object, Record record);
  void fill_table(heap::Table& t);
  void fill_packed(heap::Table& t);
  void fill_entries(heap::Table& t);
  void fill_fields(heap::Table& t);
  void fill_closure(heap::Closure& c);
  void fill_open_cell(heap::Cell& c);
  void fill_userdata(heap::Userdata& u);

  // ---- Shapes, when all strings are there (thaw_heads.cpp).
  void make_shapes();
  heap::Shape* make_shape(const Place& place, int depth);

  // ---- Host objects (thaw_host_objects.cpp). Their payloads are the types' to make, when
  // everything else is known to be right.
  void read_types();
  heap::Object* make_host_object(std::uint64_t identity, std::uint16_t number, heap::Userdata* old);
  void restore_host_objects();
  bool restore_host_object(const HostObjectPlace& place);
  void own_template_objects();

  // ---- Code (thaw_code.cpp).
  void make_functions();
  heap::Object* make_chunk();
  std::uint32_t string_of(bytecode::Chunk& chunk, std::vector<heap::String*>& strings);
  void read_function(bytecode::Function& f, bytecode::Chunk& chunk,
                     std::vector<heap::String*>& strings);
  std::vector<std::uint32_t> words();
  bytecode::Constant read_constant(bytecode::Chunk& chunk, std::vector<heap::String*>& strings);

  // ---- Threads (thaw_threads.cpp).
  void fill_thread(heap::Thread& t);
  void fill_hook(heap::Thread& t);
  heap::Value* place_values(heap::Thread& t, heap::Value* at);
  void fill_frames(heap::Thread& t);
  void fill_frame(heap::Thread& t, FrameState& below, bool is_first, bool is_last);
  bool may_wait(const FrameState& below, heap::LinkKind link, bool is_open,
                const heap::Value* slot);
  bool make_link(const FrameState& below, bool is_first, std::uint64_t code,
                 std::uint64_t link_position, heap::Value* slot, std::uint64_t& link);
  static bool is_instruction(const heap::Proto& proto, std::uint32_t position);
  static bool has_list_at(bytecode::Instruction i, const heap::Value* base, const heap::Value* top);
  static bool is_tail_call_with_results(const FrameState& frame, const heap::Value* end);

  // ---- What can be checked only when everything is there (thaw_checks.cpp).
  void link_open_cells();
  void check_threads();
  void check_frame(const LuaFrame& f);
  void check_top(const LuaFrame& f);
  void check_thread(heap::Thread& t);
  void check_resumers();
  void check_resumer(const heap::Thread& resumer, const heap::Thread& resumed);
  void check_closing(const FrameState& frame);
  void sort_live();
  bool is_open(const heap::Thread& t, std::uint64_t slot);
  const std::vector<bytecode::RegisterSet>& open_registers(const heap::Proto& proto);

  vm::Vm& vm_;
  const BaseObjects& base_;
  const Template* template_;  // null: the state stands alone
  vm::LibrarySet libraries_;  // of the image
  const std::size_t first_number_;
  Completion* const completion_;  // null: the state is one that was frozen
  base::CborReader in_;
  std::string_view state_;
  std::string message_;
  Settings settings_{};
  // The category of new objects, and those of the state's objects: where each run ends, and its
  // own.
  struct CategoryRun {
    std::uint64_t end;
    std::uint8_t bits;
  };
  std::uint8_t category_bits_ = 0;
  std::vector<CategoryRun> categories_;
  std::vector<TypePlace> types_;
  std::vector<std::uint32_t> builtins_;
  std::vector<heap::Object*> objects_;  // from first_number_ on
  std::vector<std::size_t> changed_;    // numbers
  std::vector<Record> records_;         // of the changed ones, then of objects_
  std::vector<heap::Thread*> threads_;  // whose frames were read
  std::vector<Place> chunks_;
  std::vector<Place> functions_;
  std::vector<Place> shapes_;  // by number
  std::vector<Place> closures_;
  std::vector<OpenCellPlace> open_cells_;
  std::vector<HostObjectPlace> host_objects_;
  std::unordered_set<const heap::Object*> pending_;  // wait for their finalizers
  std::vector<LuaFrame> pending_frames_;
  std::vector<LiveRange> live_;
  std::vector<const heap::Thread*> closing_;  // that frames are closing
  // Of functions whose frames have open registers, at each position.
  std::unordered_map<const heap::Proto*, std::vector<bytecode::RegisterSet>> open_registers_;
};

}  // namespace moonlet::image
