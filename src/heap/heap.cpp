#include "heap/heap.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <utility>

#include "base/address_sanitizer.hpp"
#include "base/entropy.hpp"
#include "base/os/pages.hpp"
#include "heap/block_cache.hpp"
#include "heap/collector.hpp"
#include "heap/long_strings.hpp"
#include "heap/shape.hpp"
#include "heap/table_growth.hpp"

namespace moonlet::heap {
namespace {

constexpr std::size_t kGrain = 8;
constexpr std::size_t kBytesOfSmallHeap = 8 * 1024;
constexpr std::size_t kChunkBytesMax = 64 * 1024;
constexpr std::size_t kBlockBytesMax = std::size_t{1} << 46;

constexpr std::size_t round_up(std::size_t bytes) { return (bytes + kGrain - 1) & ~(kGrain - 1); }

void* allocate_of_host(void*, std::size_t bytes) { return allocate_cached(bytes); }
void release_of_host(void*, void* block, std::size_t bytes) { release_cached(block, bytes); }
void* resize_of_host(void*, void* block, std::size_t, std::size_t wanted) {
  return resize_cached(block, wanted);
}

}  // namespace

static_assert(alignof(Value) == kGrain && alignof(Entry) == kGrain && alignof(Object) == kGrain);
static_assert(alignof(Thread) == kGrain && alignof(Proto) == kGrain);

HostAllocator default_host_allocator() {
#ifdef ML_ADDRESS_SANITIZER
  return {allocate_of_host, release_of_host, resize_of_host, nullptr};
#else
  return {allocate_of_host,
          release_of_host,
          resize_of_host,
          nullptr,
          base::os::forget_contents,
          map_cached,
          unmap_cached,
          base::os::can_resize_pages() ? remap_cached : nullptr};
#endif
}

namespace {
constexpr EventNames kNoNames;
constexpr BasicMetatables kNoMetatables;
}  // namespace

const Heap::ListGroup Heap::kNoLists;

Heap::Heap(const HostAllocator& host)
    : basic_metatables(&kNoMetatables), event_names(&kNoNames), host_(host) {
  static_assert(sizeof(Chunk) == 16 && sizeof(Large) == 32);
  const base::HashKey& key = base::process_hash_key();
  hash_key[0] = key.low;
  hash_key[1] = key.high;
  for (const ListGroup*& group : list_groups_) group = &kNoLists;
}

// Costs what chunks and large blocks cost: objects are not looked at.
Heap::~Heap() {
  delete growth;
  delete string_work;
  while (chunks_ != nullptr) {
    Chunk* chunk = chunks_;
    chunks_ = chunk->next;
    base::permit(chunk, chunk->bytes);
    host_.release(host_.context, chunk, chunk->bytes);
  }
  give_back(SIZE_MAX);
  while (large_ != nullptr) {
    Large* block = large_;
    large_ = block->next;
    block->kept = block->bytes;
    release_to_host(block);
  }
}

// ---- Blocks.

void* Heap::allocate(std::size_t bytes) {
  ML_ASSERT(bytes > 0);
  if (ML_UNLIKELY(bytes > kBlockBytesMax)) return nullptr;
  const std::size_t rounded = round_up(bytes);
  const std::uint64_t after = logical_bytes + rounded;
  if (ML_UNLIKELY(after > memory_limit) && !is_within_limit(rounded)) return nullptr;
  void* block = allocate_block(rounded);
  if (ML_UNLIKELY(block == nullptr)) {
    refusal = Refusal::Host;
    return nullptr;
  }
  logical_bytes = after;
  debt += static_cast<std::int64_t>(rounded);
  return block;
}

void Heap::release(void* block, std::size_t bytes) {
  const std::size_t rounded = round_up(bytes);
  ML_ASSERT(logical_bytes >= rounded);
  logical_bytes -= rounded;
  debt -= static_cast<std::int64_t>(rounded);
  release_block(block, rounded);
}

ML_COLD bool Heap::is_told_to_fail() {
  if (fail_countdown > 0) {
    --fail_countdown;
    return false;
  }
  if (--fail_length <= 0) {
    fail_countdown = -1;
    fail_length = 1;
  }
  return true;
}

Heap::FreeBlock* Heap::take_from_list(std::size_t bytes) {
  FreeBlock* block = first_free(bytes);
  if (block == nullptr) return nullptr;
  *free_list(bytes) = block->next;
  base::permit(block, bytes);
  return block;
}

void Heap::add_to_list(void* block, std::size_t bytes) {
  FreeBlock** list = free_list(bytes);
  // Without memory for the list, the block is lost until its chunk goes back to the host.
  if (ML_UNLIKELY(list == nullptr)) return;
  auto* free_block = static_cast<FreeBlock*>(block);
  free_block->next = *list;
  *list = free_block;
  base::forbid(free_block + 1, bytes - sizeof *free_block);
}

// Once there is more than a little memory, all of them together, because they keep their chunk.
ML_COLD bool Heap::make_group(const ListGroup*& group) {
  static_assert(kGroupCount * sizeof(ListGroup) <= kSmallLimit);
  const bool wants_all = chunk_bytes_ > kBytesOfSmallHeap;
  const std::size_t bytes = (wants_all ? kGroupCount : 1) * sizeof(ListGroup);
  char* place;
  if (static_cast<std::size_t>(bump_end_ - bump_) >= bytes) {
    place = bump_;
    bump_ += bytes;
    base::permit(place, bytes);
  } else {
    place = static_cast<char*>(refill(bytes));
    if (place == nullptr) return false;
  }
  if (!wants_all) {
    // refill() may have made it on its way.
    if (group == &kNoLists) group = ::new (place) ListGroup;
    return true;
  }
  for (const ListGroup*& each : list_groups_) {
    if (each == &kNoLists) each = ::new (place) ListGroup;
    place += sizeof(ListGroup);
  }
  return true;
}

void* Heap::allocate_block(std::size_t rounded) {
  ++allocation_count;
  if (ML_UNLIKELY(fail_countdown >= 0) && is_told_to_fail()) return nullptr;
  if (ML_UNLIKELY(rounded > kSmallLimit)) return allocate_large(rounded);
  if (FreeBlock* block = take_from_list(rounded); block != nullptr) return block;
  if (ML_UNLIKELY(static_cast<std::size_t>(bump_end_ - bump_) < rounded)) return refill(rounded);
  char* block = bump_;
  bump_ += rounded;
  base::permit(block, rounded);
  return block;
}

void Heap::release_block(void* block, std::size_t rounded) {
  if (ML_UNLIKELY(poison_freed)) std::memset(block, 0xdd, rounded);
  if (rounded <= kSmallLimit) return add_to_list(block, rounded);
  if (is_of_first_block(block)) return add_free(static_cast<char*>(block), rounded);
  release_large(block);
}

// The overdraft lets a Vm at its limit raise the error that says so, the reserve lets it handle it.
ML_COLD bool Heap::is_within_limit(std::size_t rounded) {
  const std::uint64_t after = logical_bytes + rounded;
  if (after <= memory_limit) return true;
  const std::uint64_t excess = after - memory_limit;
  if (rounded <= kSmallLimit && excess <= kOverdraftBytes) return true;
  if (reserve_is_open && excess <= kReserveBytes) return true;
  refusal = Refusal::Limit;
  return false;
}

// What the program sees is the same whether the block moves or not: the new one has to fit beside
// the old one.
void* Heap::resize(void* block, std::size_t bytes, std::size_t wanted) {
  const std::size_t from = round_up(bytes);
  const std::size_t to = round_up(wanted);
  void* resized = nullptr;
  if (from > kSmallLimit && to > kSmallLimit && wanted <= kBlockBytesMax &&
      !is_of_first_block(block) && host_.resize != nullptr) {
    if (!is_within_limit(to)) return nullptr;
    refusal = Refusal::Host;
    ++allocation_count;
    if (ML_UNLIKELY(fail_countdown >= 0) && is_told_to_fail()) return nullptr;
    resized = resize_large(block, to);
    if (resized == nullptr) --allocation_count;
  }
  if (resized != nullptr) {
    logical_bytes += to - from;
    debt += static_cast<std::int64_t>(to - from);
    return resized;
  }
  resized = allocate(wanted);
  if (resized == nullptr) return nullptr;
  std::memcpy(resized, block, bytes < wanted ? bytes : wanted);
  release(block, bytes);
  return resized;
}

void* Heap::extend(const Object& owner, void* block, std::size_t wanted) {
  const std::size_t to = round_up(wanted);
  if (wanted > kBlockBytesMax || !is_within_limit(to)) return nullptr;
  refusal = Refusal::Host;
  ++allocation_count;
  if (ML_UNLIKELY(fail_countdown >= 0) && is_told_to_fail()) return nullptr;
  void* longer = resize_mapped(static_cast<Large*>(block) - 1, sizeof(Large) + to);
  if (longer == nullptr) return nullptr;
  logical_bytes += to;
  debt += static_cast<std::int64_t>(to);
  count_part(owner, wanted);
  return longer;
}

void Heap::forget_extended(const Object& owner, std::size_t bytes) {
  const std::size_t rounded = round_up(bytes);
  logical_bytes -= rounded;
  debt -= static_cast<std::int64_t>(rounded);
  if (ML_UNLIKELY(owner.category() != 0)) categories->bytes[owner.category()] -= rounded;
}

char* Heap::begin_with_block(std::size_t bytes, std::size_t room) {
  ML_ASSERT(chunks_ == nullptr && bytes % kGrain == 0);
  const std::size_t size = sizeof(Chunk) + bytes + round_up(room);
  auto* chunk = static_cast<Chunk*>(host_.allocate(host_.context, size));
  if (chunk == nullptr) return nullptr;
  *chunk = {nullptr, size};
  chunks_ = chunk;
  chunk_bytes_ = size;
  auto* block = reinterpret_cast<char*>(chunk + 1);
  first_block_ = reinterpret_cast<std::uintptr_t>(block);
  first_block_bytes_ = bytes;
  bump_ = block + bytes;
  bump_end_ = bump_ + round_up(room);
  base::forbid(bump_, round_up(room));
  return block;
}

// Starts a new stretch of fresh memory. What is left of the current one becomes free.
ML_COLD void* Heap::refill(std::size_t rounded) {
  if (runs_ == nullptr && wants_defragment()) {
    defragment();
    if (FreeBlock* block = take_from_list(rounded); block != nullptr) return block;
  }
  char* begin;
  std::size_t bytes;
  if (FreeRun* run = runs_; run != nullptr) {
    runs_ = run->next;
    begin = reinterpret_cast<char*>(run);
    bytes = run->bytes;
  } else {
    auto* chunk = static_cast<Chunk*>(allocate_from_host(next_chunk_bytes_));
    if (chunk == nullptr) return nullptr;
    ML_ASSERT(reinterpret_cast<std::uintptr_t>(chunk) % 16 == 0);
    *chunk = {chunks_, next_chunk_bytes_};
    chunks_ = chunk;
    chunk_bytes_ += next_chunk_bytes_;
    begin = reinterpret_cast<char*>(chunk + 1);
    bytes = next_chunk_bytes_ - sizeof(Chunk);
    if (next_chunk_bytes_ < kChunkBytesMax) next_chunk_bytes_ *= 2;
  }
  char* rest = bump_;
  const auto left = static_cast<std::size_t>(bump_end_ - bump_);
  bump_ = begin + rounded;
  bump_end_ = begin + bytes;
  base::permit(begin, rounded);
  base::forbid(bump_, bytes - rounded);
  if (left > 0) {
    base::permit(rest, left);
    add_free(rest, left);
  }
  return begin;
}

// ---- Objects.

Object* Heap::new_object(Kind kind, std::size_t bytes) {
  auto* object = static_cast<Object*>(allocate(bytes));
  if (ML_UNLIKELY(object == nullptr)) return nullptr;
  object->kind = kind;
  object->mark = current_white;
  object->flags = 0;
  object->category_and_identity_high = category_bits;
  object->identity_low = 0;
  object->next = objects;
  objects = object;
  if (ML_UNLIKELY(category_bits != 0)) categories->bytes[object->category()] += round_up(bytes);
  return object;
}

std::uint64_t Heap::give_identity(Object* object) {
  if (ML_UNLIKELY(next_identity > kIdentityMax)) return 0;
  const std::uint64_t id = next_identity++;
  object->set_identity(id);
  return id;
}

bool Heap::set_category(std::string_view name) {
  if (name.empty()) {
    category_bits = 0;
    return true;
  }
  if (categories == nullptr) categories = std::make_unique<Categories>();
  std::vector<std::string>& names = categories->names;
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end() && names.size() + 1 == kCategoryCount) return false;
  const auto number = static_cast<unsigned>(found - names.begin()) + 1;
  if (found == names.end()) names.emplace_back(name);
  category_bits = static_cast<std::uint8_t>(number << 4);
  return true;
}

void Heap::forget_bytes(const Object& object, std::size_t rounded) {
  if (ML_UNLIKELY(object.category() != 0)) categories->bytes[object.category()] -= rounded;
}

Table* Heap::new_bare_table(std::uint8_t inline_step) {
  auto* table = static_cast<Table*>(
      new_object(Kind::Table, sizeof(Table) + kInlineFields[inline_step] * sizeof(Value)));
  if (ML_UNLIKELY(table == nullptr)) return nullptr;
  table->flags = static_cast<std::uint8_t>(inline_step << kTableInlineShift);
  table->array_count = 0;
  table->array_capacity = 0;
  table->array = {};
  table->entries = nullptr;
  table->entry_count = 0;
  table->entry_capacity = 0;
  table->metatable = nullptr;
  table->shape_word = kNoIndex;
  return table;
}

Table* Heap::new_record(std::uint32_t array_capacity, std::uint32_t fields) {
  static constexpr auto kSteps = [] {
    std::array<std::uint8_t, kShapeKeysMax + 1> steps{};
    for (std::size_t n = 0, step = 0; n < steps.size(); ++n) {
      while (kInlineFields[step] < n) ++step;
      steps[n] = static_cast<std::uint8_t>(step);
    }
    return steps;
  }();
  Shape* shape = heap::root_shape(*this);
  if (ML_UNLIKELY(shape == nullptr)) return nullptr;
  Table* table = new_bare_table(kSteps[fields]);
  if (ML_UNLIKELY(table == nullptr)) return nullptr;
  table->fields = table->inline_fields();
  table->entry_capacity = fields;
  table->shape_word = reinterpret_cast<std::uintptr_t>(shape);
  if (array_capacity != 0 && !table_reserve_array(*this, *table, array_capacity)) {
    objects = table->next;
    free_object(table);
    return nullptr;
  }
  return table;
}

Table* Heap::new_table(std::uint32_t array_capacity, std::uint32_t entry_capacity) {
  Table* table = new_bare_table(0);
  if (ML_UNLIKELY(table == nullptr)) return nullptr;
  if ((array_capacity != 0 && !table_reserve_array(*this, *table, array_capacity)) ||
      (entry_capacity != 0 && !table_reserve_entries(*this, *table, entry_capacity))) {
    objects = table->next;
    free_object(table);
    return nullptr;
  }
  return table;
}

Closure* Heap::new_closure(Proto* proto) {
  const std::size_t count = proto->upvalue_count;
  ML_ASSERT(count <= 255);
  auto* closure = static_cast<Closure*>(new_object(Kind::Closure, closure_bytes(count)));
  if (ML_UNLIKELY(closure == nullptr)) return nullptr;
  closure->flags = static_cast<std::uint8_t>(count);
  closure->proto = proto;
  for (std::size_t i = 0; i < count; ++i) closure->upvalues()[i] = nullptr;
  return closure;
}

Cell* Heap::new_closed_cell(const Value& value) {
  auto* cell = static_cast<Cell*>(new_object(Kind::Cell, sizeof(Cell)));
  if (ML_UNLIKELY(cell == nullptr)) return nullptr;
  cell->location = &cell->closed;
  cell->closed = value;
  return cell;
}

Userdata* Heap::new_userdata(std::uint32_t size, std::uint16_t user_values) {
  const std::size_t bytes = userdata_bytes(size, user_values);
  auto* userdata = static_cast<Userdata*>(new_object(Kind::Userdata, bytes));
  if (ML_UNLIKELY(userdata == nullptr)) return nullptr;
  userdata->metatable = nullptr;
  userdata->size = size;
  userdata->user_value_count = user_values;
  userdata->type = 0;
  for (int i = 0; i < user_values; ++i) userdata->user_values()[i] = Value::make(0, Tag::Nil);
  std::memset(userdata->payload(), 0, size);
  return userdata;
}

Buffer* Heap::new_buffer(std::uint32_t capacity) {
  auto* buffer = static_cast<Buffer*>(new_object(Kind::Buffer, buffer_bytes(capacity)));
  if (ML_UNLIKELY(buffer == nullptr)) return nullptr;
  buffer->size = 0;
  buffer->capacity = capacity;
  return buffer;
}

namespace {

void release_thread_parts(Heap& heap, Thread& thread) {
  --heap.thread_count;
  heap.release_part(thread, thread.stack, thread.stack_size * sizeof(Value));
  release_nested(heap, thread);
  if (thread.tbc_capacity != 0) {
    heap.release_part(thread, thread.tbc_slots, thread.tbc_capacity * sizeof(std::uint32_t));
  }
}

}  // namespace

// What an object refers to alone.
void Heap::free_parts(Object* object) {
  switch (object->kind) {
    case Kind::Table:
      return release_table_parts(*this, *static_cast<Table*>(object));
    case Kind::Thread:
      close_cells_of_dead(*this, *static_cast<Thread*>(object));
      return release_thread_parts(*this, *static_cast<Thread*>(object));
    case Kind::Cell:
      return unlist_dead_cells(*this, *static_cast<Cell*>(object));
    default:
      return;
  }
}

void Heap::free_object(Object* object) {
  if (ML_UNLIKELY(object->is_of_template())) {
    free_parts(object);
    const std::size_t bytes = round_up(object_bytes(*object));
    logical_bytes -= bytes;
    debt -= static_cast<std::int64_t>(bytes);
    forget_bytes(*object, bytes);
    object->mark = 0;
    return;
  }
  switch (object->kind) {
    case Kind::String: {
      auto* string = static_cast<String*>(object);
      if (!string->is_long()) forget_string(string);
      break;
    }
    case Kind::Table:
    case Kind::Thread:
    case Kind::Cell:
      free_parts(object);
      break;
    default:
      break;
  }
  if (object->kind == Kind::Shape) {
    const std::size_t bytes = round_up(object_bytes(*object));
    logical_bytes -= bytes;
    debt -= static_cast<std::int64_t>(bytes);
    forget_bytes(*object, bytes);
    --shape_count;
    auto* shape = static_cast<Shape*>(object);
    shape->sibling = dead_shapes_;
    dead_shapes_ = shape;
    dead_shape_bytes_ += bytes;
    return;
  }
  const std::size_t bytes = object_bytes(*object);
  forget_bytes(*object, round_up(bytes));
  release(object, bytes);
}

// Caches name shapes by address. All sites have been cleared since these were doomed.
void Heap::release_doomed_shapes() {
  while (doomed_shapes_ != nullptr) {
    Shape* shape = doomed_shapes_;
    doomed_shapes_ = shape->sibling;
    release_block(shape, round_up(object_bytes(*shape)));
  }
  if (dead_shape_bytes_ <= kDeadShapeBytesMax) return;
  doomed_shapes_ = std::exchange(dead_shapes_, nullptr);
  dead_shape_bytes_ = 0;
}

std::size_t object_bytes(const Object& object) {
  switch (object.kind) {
    case Kind::String:
      return string_bytes(static_cast<const String&>(object).size);
    case Kind::Table:
      return sizeof(Table) + static_cast<const Table&>(object).inline_capacity() * sizeof(Value);
    case Kind::Shape:
      return shape_bytes(static_cast<const Shape&>(object).count);
    case Kind::Closure:
      return closure_bytes(object.flags);
    case Kind::Userdata: {
      const auto& userdata = static_cast<const Userdata&>(object);
      return userdata_bytes(userdata.size, userdata.user_value_count);
    }
    case Kind::Thread:
      return sizeof(Thread);
    case Kind::Buffer:
      return buffer_bytes(static_cast<const Buffer&>(object).capacity);
    case Kind::Cell:
      return sizeof(Cell);
    case Kind::Proto:
      return static_cast<const Proto&>(object).bytes;
  }
  ML_UNREACHABLE();
}

void Heap::keep_permanent(const std::vector<Object*>& others) {
  finish_string_move();
  for (Object* object : others) free_object(object);
  objects = nullptr;
  main_thread = current_thread = nullptr;
  globals = registry = nullptr;
  defragment();
}

void Heap::relink(const std::vector<Object*>& order) {
  Object** link = &objects;
  for (Object* object : order) {
    *link = object;
    link = &object->next;
  }
  *link = nullptr;
}

// ---- Basic types.

bool Heap::set_basic_metatable(BasicType type, Table* metatable) {
  if (basic_metatables->of[static_cast<int>(type)] == metatable) return true;
  if (!owns_basic_metatables_) {
    void* place = allocate_block(round_up(sizeof(BasicMetatables)));
    if (place == nullptr) return false;
    basic_metatables = ::new (place) BasicMetatables(*basic_metatables);
    owns_basic_metatables_ = true;
  }
  const_cast<BasicMetatables*>(basic_metatables)->of[static_cast<int>(type)] = metatable;
  return true;
}

BasicType basic_type(const Value& value) {
  switch (value.tag()) {
    case Tag::Nil:
      return BasicType::Nil;
    case Tag::False:
    case Tag::True:
      return BasicType::Boolean;
    case Tag::Integer:
    case Tag::Float:
      return BasicType::Number;
    case Tag::Builtin:
    case Tag::Closure:
      return BasicType::Function;
    case Tag::LightUserdata:
      return BasicType::LightUserdata;
    case Tag::Vector:
      return BasicType::Vector;
    case Tag::String:
      return BasicType::String;
    case Tag::Table:
      return BasicType::Table;
    case Tag::Userdata:
      return BasicType::Userdata;
    case Tag::Thread:
      return BasicType::Thread;
    case Tag::Buffer:
      return BasicType::Buffer;
    case Tag::VectorKey:
    case Tag::DeadKey:
      break;
  }
  ML_UNREACHABLE();
}

std::string_view basic_type_name(BasicType type) {
  static constexpr std::string_view kNames[kBasicTypeCount] = {
      "nil",   "boolean",  "userdata", "number", "vector", "string",
      "table", "function", "userdata", "thread", "buffer"};
  return kNames[static_cast<int>(type)];
}

}  // namespace moonlet::heap
