#include "image/path.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <vector>

#include "heap/table.hpp"
#include "vm/builtin.hpp"
#include "vm/debug.hpp"

namespace moonlet::image {

using heap::Cell;
using heap::Closure;
using heap::Frame;
using heap::Kind;
using heap::Object;
using heap::Proto;
using heap::Table;
using heap::Tag;
using heap::Thread;
using heap::Userdata;
using heap::Value;

namespace {

// A longer way is cut in the middle.
constexpr std::size_t kStepsMax = 16;
constexpr std::size_t kKeyBytesMax = 40;

bool is_name(std::string_view text) {
  const auto is_letter = [](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  if (text.empty() || text.size() > kKeyBytesMax || !is_letter(text[0])) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text.substr(0, kKeyBytesMax)) {
    out += c >= 0x20 && c < 0x7f && c != '"' && c != '\\' ? c : '?';
  }
  return out + (text.size() > kKeyBytesMax ? "...\"" : "\"");
}

std::string key_step(const Value& key) {
  if (key.is_string()) {
    const std::string_view text = key.string()->view();
    return is_name(text) ? "." + std::string(text) : "[" + quoted(text) + "]";
  }
  if (key.is_number()) {
    char buffer[vm::kNumberTextSize];
    return "[" + std::string(vm::number_text(key, buffer)) + "]";
  }
  if (key.is_boolean()) return key.tag() == Tag::True ? "[true]" : "[false]";
  return "[a " + std::string(vm::basic_type_name(key)) + "]";
}

std::string function_text(const Proto& proto) {
  if (proto.source == nullptr) return "a function";
  if (proto.line_defined == 0) return "the main chunk of " + vm::short_source(proto);
  return "the function at " + vm::short_source(proto) + ":" + std::to_string(proto.line_defined);
}

// Calls see(object, name) for each object that this one refers to; name() is how, as a step of a
// path. Weak references hold nothing, so they are no way.
template <typename See>
class References {
 public:
  References(heap::Heap& heap, See& see) : heap_(heap), see_(see) {}

  void visit(Object& object) {
    switch (object.kind) {
      case Kind::Table:
        return visit_table(static_cast<Table&>(object));
      case Kind::Closure:
        return visit_closure(static_cast<Closure&>(object));
      case Kind::Cell:
        return value(*static_cast<Cell&>(object).location, [] { return std::string(); });
      case Kind::Userdata: {
        auto& u = static_cast<Userdata&>(object);
        pointer(u.metatable, [] { return std::string(".(metatable)"); });
        for (int n = 0; n < u.user_value_count; ++n) {
          value(u.user_values()[n], [n] { return ".(user value " + std::to_string(n + 1) + ")"; });
        }
        return;
      }
      case Kind::Thread:
        return visit_thread(static_cast<Thread&>(object));
      case Kind::String:
      case Kind::Buffer:
      case Kind::Proto:
      case Kind::Shape:
        return;
    }
  }

  template <typename Name>
  void pointer(Object* object, Name&& name) {
    if (object != nullptr) see_(*object, name);
  }
  template <typename Name>
  void value(const Value& v, Name&& name) {
    if (v.is_object()) see_(*v.object, name);
  }

 private:
  void visit_table(Table& t) {
    const Value mode = heap::table_event(heap_, t.metatable, heap::Event::Mode);
    const std::string_view weak = mode.is_string() ? mode.string()->view() : "";
    const bool has_values = weak.find('v') == std::string_view::npos;
    const bool has_keys = weak.find('k') == std::string_view::npos;
    Value key;
    Value found;
    for (std::uint64_t at = heap::table_next_position(t, 0, key, found); at != 0;
         at = heap::table_next_position(t, at, key, found)) {
      if (has_values) value(found, [&key] { return key_step(key); });
      if (has_keys) value(key, [] { return std::string(".(key)"); });
    }
    pointer(t.metatable, [] { return std::string(".(metatable)"); });
  }

  void visit_closure(Closure& c) {
    for (int n = 0; n < c.flags; ++n) {
      pointer(c.upvalues()[n], [&c, n] {
        const heap::String* name = c.proto->upvalues[n].name;
        return ".(upvalue " +
               (name != nullptr ? std::string(name->view()) : std::to_string(n + 1)) + ")";
      });
    }
  }

  void visit_thread(Thread& t) {
    if (heap::has_no_frames(t)) {
      if (!heap::has_plain_slots(t)) return;
      for (Value* slot = t.stack; slot < t.top; ++slot) {
        value(*slot, [] { return std::string(".(value)"); });
      }
    } else {
      Frame frame;
      for (bool more = heap::top_frame(t, frame); more; more = heap::next_frame(t, frame)) {
        visit_frame(frame);
      }
    }
    value(t.hook_function, [] { return std::string(".(hook)"); });
    value(t.error, [] { return std::string(".(error)"); });
    pointer(t.resumer, [] { return std::string(".(resumer)"); });
  }

  void visit_frame(const Frame& frame) {
    for (Value* slot = frame.base; slot < frame.limit; ++slot) {
      value(*slot, [&frame, slot] { return slot_step(frame, slot - frame.base); });
    }
    if (frame.is_builtin) return;
    for (Value* slot = frame.true_base; slot < frame.base - 1; ++slot) {
      value(*slot,
            [&frame] { return ".(extra argument of " + function_text(*frame.proto()) + ")"; });
    }
    pointer(heap::frame_closure(frame.base), [] { return std::string(".(function)"); });
  }

  static std::string slot_step(const Frame& frame, std::ptrdiff_t slot) {
    if (frame.is_builtin) return ".(argument " + std::to_string(slot + 1) + ")";
    const std::string_view name =
        vm::local_name(*frame.proto(), static_cast<int>(slot) + 1, frame.position);
    return ".(" + (name.empty() ? "a value" : "local " + std::string(name)) + " in " +
           function_text(*frame.proto()) + ")";
  }

  heap::Heap& heap_;
  See& see_;
};

class PathFinder {
 public:
  PathFinder(vm::Vm& vm, const Object* target) : heap_(vm.heap), target_(target) {}

  std::string find() {
    visit_roots([this](Object& object, const auto&) { reach(object, nullptr); });
    for (std::size_t n = 0; n < order_.size() && !is_found(); ++n) {
      Object* parent = order_[n];
      auto see = [this, parent](Object& object, const auto&) { reach(object, parent); };
      References<decltype(see)>(heap_, see).visit(*parent);
    }
    return is_found() ? path() : "a place that was not found";
  }

 private:
  bool is_found() const { return parents_.contains(target_); }

  void reach(Object& object, Object* parent) {
    if (parents_.try_emplace(&object, parent).second) order_.push_back(&object);
  }

  // see(object, name) as above; names of roots begin a path.
  template <typename See>
  void visit_roots(See&& see) const {
    const auto root = [&see](Object* object, const char* name) {
      if (object != nullptr) see(*object, [name] { return std::string(name); });
    };
    root(heap_.globals, "globals");
    root(heap_.current_thread, "the stack");
    root(heap_.main_thread, "the main stack");
    root(heap_.registry, "registry");
    if (heap_.error.is_object()) root(heap_.error.object, "the error");
    for (Table* metatable : heap_.basic_metatables->of)
      root(metatable, "the metatable of a basic type");
    for (Object* object : heap_.pending_finalizers) root(object, "a pending finalizer");
  }

  std::string path() const {
    std::vector<const Object*> way;
    for (const Object* at = target_; at != nullptr; at = parents_.at(at)) way.push_back(at);
    std::reverse(way.begin(), way.end());
    std::string text = first_step(*way[0]);
    for (std::size_t n = 1; n < way.size(); ++n) {
      if (way.size() > kStepsMax && n == kStepsMax / 2) {
        n = way.size() - kStepsMax / 2;
        text += "...";
      }
      text += step(const_cast<Object&>(*way[n - 1]), *way[n]);
    }
    return text;
  }

  std::string first_step(const Object& object) const {
    std::string text;
    visit_roots([&](const Object& seen, const auto& name) {
      if (&seen == &object && text.empty()) text = name();
    });
    return text;
  }

  std::string step(Object& parent, const Object& child) const {
    std::string text;
    bool is_named = false;
    auto see = [&](const Object& seen, const auto& name) {
      if (&seen != &child || is_named) return;
      text = name();
      is_named = true;
    };
    References<decltype(see)>(heap_, see).visit(parent);
    return text;
  }

  heap::Heap& heap_;
  const Object* target_;
  std::unordered_map<const Object*, Object*> parents_;
  std::vector<Object*> order_;
};

}  // namespace

std::string path_to(vm::Vm& vm, const Object* object) { return PathFinder(vm, object).find(); }

std::string refusal(vm::Vm& vm, const Userdata& object, std::string_view why) {
  const Value name = heap::table_event(vm.heap, object.metatable, heap::Event::Name);
  const std::string type(name.is_string() ? name.string()->view() : "userdata");
  const bool has_vowel = std::string_view("AEIOUaeio").find(type[0]) != std::string_view::npos;
  return (has_vowel ? "an " : "a ") + type + " at " + path_to(vm, &object) +
         " cannot be frozen: " + std::string(why);
}

}  // namespace moonlet::image
