#include "vm/loader.hpp"

#include <algorithm>
#include <cstdio>
#include <unordered_map>

#include "base/pace.hpp"

namespace moonlet::vm {

namespace {

std::size_t aligned(std::size_t bytes) { return (bytes + 7) & ~std::size_t{7}; }

// Gives out parts of the one block that a Proto lives in.
class Layout {
 public:
  explicit Layout(char* at) : at_(at) {}
  template <typename T>
  T* take(std::size_t count) {
    T* part = reinterpret_cast<T*>(at_);
    at_ += aligned(count * sizeof(T));
    return part;
  }

 private:
  char* at_;
};

std::size_t proto_bytes(const bytecode::Function& f) {
  return aligned(sizeof(Proto)) + f.constants.size() * sizeof(heap::Site) +
         aligned(f.constants.size() * sizeof(Value)) + aligned(f.children.size() * sizeof(Proto*)) +
         aligned(f.upvalues.size() * sizeof(heap::UpvalueInfo)) +
         aligned(f.locals.size() * sizeof(heap::LocalInfo)) +
         aligned(f.code.size() * sizeof(Instruction)) +
         aligned(f.lines.size() * sizeof(std::int32_t)) + aligned(f.heights.size());
}

class Loader {
 public:
  Loader(Vm& vm, bytecode::Chunk& chunk, ProtoOrigin origin, base::Pace* pace)
      : vm_(vm), chunk_(chunk), origin_(origin), pace_(pace) {}

  Proto* load(const std::vector<String*>* strings) {
    if (strings != nullptr) {
      strings_ = *strings;
      return load_functions();
    }
    strings_.resize(chunk_.strings.size(), nullptr);
    for (std::size_t n = 0; n < strings_.size(); ++n) {
      if (!spend(1)) return nullptr;
      strings_[n] = vm_.heap.new_string(chunk_.strings[n]);
      if (strings_[n] == nullptr) return nullptr;
    }
    return load_functions();
  }

 private:
  Proto* load_functions() {
    // Children have higher numbers than their parents, so the last comes first.
    std::vector<Proto*> protos(chunk_.functions.size(), nullptr);
    for (std::size_t n = protos.size(); n-- > 0;) {
      protos[n] = load_function(chunk_.functions[n], protos);
      if (protos[n] == nullptr || !spend(1)) return nullptr;
      chunk_.functions[n] = {};
      chunk_.memory.release_from(static_cast<std::uint32_t>(n));
    }
    give_source(protos);
    Proto* root = protos[0];
    root->functions =
        reinterpret_cast<Proto**>(reinterpret_cast<char*>(root) + root->bytes) - protos.size();
    root->function_count = static_cast<std::uint32_t>(protos.size());
    for (std::size_t n = 0; n < protos.size(); ++n) {
      root->functions[n] = protos[n];
      protos[n]->root = root;
      protos[n]->function_index = static_cast<std::uint32_t>(n);
    }
    return root;
  }

  Proto* load_function(const bytecode::Function& f, const std::vector<Proto*>& protos) {
    // A root also lists all functions of the chunk, at its end.
    const bool is_root = &f == &chunk_.functions[0];
    const std::size_t bytes = proto_bytes(f) + (is_root ? protos.size() * sizeof(Proto*) : 0);
    auto* proto = static_cast<Proto*>(vm_.heap.new_object(heap::Kind::Proto, bytes));
    if (proto == nullptr) return nullptr;
    Layout layout(reinterpret_cast<char*>(proto) + aligned(sizeof(Proto)));
    proto->bytes = bytes;
    layout.take<heap::Site>(f.constants.size());
    proto->constants = layout.take<Value>(f.constants.size());
    proto->children = layout.take<Proto*>(f.children.size());
    proto->upvalues = layout.take<heap::UpvalueInfo>(f.upvalues.size());
    proto->locals = layout.take<heap::LocalInfo>(f.locals.size());
    auto* code = layout.take<Instruction>(f.code.size());
    auto* lines = layout.take<std::int32_t>(f.lines.size());
    auto* heights = layout.take<std::uint8_t>(f.heights.size());
    for (std::size_t n = 0; n < f.constants.size(); ++n) {
      // The object is no whole one before the end.
      if (n % 32 == 31) (void)spend(1);
      proto->constants[n] = constant(f.constants[n]);
    }
    proto->constant_count = static_cast<std::uint32_t>(f.constants.size());
    heap::clear_sites(*proto);
    for (std::size_t n = 0; n < f.children.size(); ++n) proto->children[n] = protos[f.children[n]];
    for (std::size_t n = 0; n < f.upvalues.size(); ++n) {
      const bytecode::Upvalue& u = f.upvalues[n];
      proto->upvalues[n] = {string_at(u.name), u.from_parent_register, u.index};
    }
    for (std::size_t n = 0; n < f.locals.size(); ++n) {
      proto->locals[n] = {string_at(f.locals[n].name), f.locals[n].start_pc, f.locals[n].end_pc};
    }
    copy(f.code, code);
    copy(f.lines, lines);
    copy(f.heights, heights);
    proto->code = code;
    proto->lines = f.lines.empty() ? nullptr : lines;
    proto->heights = heights;
    proto->arity = f.is_vararg ? heap::kVarargArity : f.parameter_count;
    proto->max_stack = f.max_stack;
    proto->parameter_count = f.parameter_count;
    proto->code_size = static_cast<std::uint32_t>(f.code.size());
    proto->child_count = static_cast<std::uint32_t>(f.children.size());
    proto->local_count = static_cast<std::uint32_t>(f.locals.size());
    proto->upvalue_count = static_cast<std::uint16_t>(f.upvalues.size());
    proto->line_defined = f.line_defined;
    proto->last_line_defined = f.last_line_defined;
    proto->source = string_at(f.source);
    proto->name = string_at(f.name);
    proto->debug_name = nullptr;
    proto->root = nullptr;
    proto->functions = nullptr;
    proto->function_count = 0;
    proto->function_index = 0;
    proto->spare = 0;
    if (origin_ == ProtoOrigin::Prelude) proto->flags |= heap::kProtoIsBuiltin;
    if (vm_.dialect == Dialect::Luau) proto->flags |= heap::kProtoIsLuau;
    return proto;
  }

  // False: it was cancelled.
  bool spend(int units) {
    if (pace_ == nullptr) return true;
    pace_->spend(units);
    return !pace_->is_cancelled();
  }
  template <typename List, typename T>
  void copy(const List& from, T* to) {
    constexpr std::size_t kAtOnce = 16 * 1024;
    for (std::size_t n = 0; n < from.size(); n += kAtOnce) {
      const std::size_t end = std::min(from.size(), n + kAtOnce);
      std::copy(from.begin() + static_cast<std::ptrdiff_t>(n),
                from.begin() + static_cast<std::ptrdiff_t>(end), to + n);
      if (end - n == kAtOnce) (void)spend(15);
    }
  }

  Value constant(const bytecode::Constant& c) {
    switch (c.kind) {
      case bytecode::Constant::Kind::Nil:
        return Value::nil();
      case bytecode::Constant::Kind::False:
        return Value::boolean(false);
      case bytecode::Constant::Kind::True:
        return Value::boolean(true);
      case bytecode::Constant::Kind::Integer:
        return Value::from(c.integer);
      case bytecode::Constant::Kind::Float:
        return Value::from(c.number);
      case bytecode::Constant::Kind::String:
        return Value::from(strings_[c.string]);
      case bytecode::Constant::Kind::Builtin: {
        int index = vm_.builtins.find(chunk_.strings[c.string]);
        // Preludes in Luau name its own function of a name, or that of all.
        if (constexpr std::string_view kLuau = "luau:";
            index < 0 && chunk_.strings[c.string].starts_with(kLuau)) {
          index =
              vm_.builtins.find(std::string_view(chunk_.strings[c.string]).substr(kLuau.size()));
        }
        if (index < 0) {
          std::fprintf(stderr, "moonlet: prelude names an unknown builtin: %s\n",
                       chunk_.strings[c.string].c_str());
          ML_CHECK(index >= 0);
        }
        return Value::from_builtin(static_cast<std::uint32_t>(index));
      }
    }
    ML_UNREACHABLE();
  }

  String* string_at(std::uint32_t index) const {
    return index == bytecode::kNoString ? nullptr : strings_[index];
  }

  // Functions that name no source of their own have main's.
  void give_source(const std::vector<Proto*>& protos) {
    for (Proto* proto : protos) {
      if (proto->source == nullptr) proto->source = protos[0]->source;
    }
  }

  Vm& vm_;
  bytecode::Chunk& chunk_;
  ProtoOrigin origin_;
  base::Pace* pace_;
  std::vector<String*> strings_;
};

// Walks functions parents first, numbering them.
class Dumper {
 public:
  bytecode::Chunk dump(const Proto& main) {
    std::vector<const Proto*> pending = {&main};
    chunk_.functions.resize(1);
    for (std::size_t n = 0; n < pending.size(); ++n) {
      const Proto& proto = *pending[n];
      fill(chunk_.functions[n], proto);
      for (std::uint32_t c = 0; c < proto.child_count; ++c) {
        chunk_.functions[n].children.push_back(static_cast<std::uint32_t>(pending.size()));
        pending.push_back(proto.children[c]);
        chunk_.functions.emplace_back();
      }
    }
    return std::move(chunk_);
  }

 private:
  void fill(bytecode::Function& f, const Proto& p) {
    f.source = string(p.source);
    f.line_defined = p.line_defined;
    f.last_line_defined = p.last_line_defined;
    f.parameter_count = p.parameter_count;
    f.is_vararg = p.arity == heap::kVarargArity;
    f.max_stack = p.max_stack;
    f.code.assign(p.code, p.code + p.code_size);
    f.heights.assign(p.heights, p.heights + p.code_size);
    if (p.lines != nullptr) f.lines.assign(p.lines, p.lines + p.code_size);
    for (std::uint32_t n = 0; n < p.constant_count; ++n)
      f.constants.push_back(constant(p.constants[n]));
    for (std::uint32_t n = 0; n < p.upvalue_count; ++n) {
      const heap::UpvalueInfo& u = p.upvalues[n];
      f.upvalues.push_back({u.from_parent_register, u.index, string(u.name)});
    }
    for (std::uint32_t n = 0; n < p.local_count; ++n) {
      const heap::LocalInfo& l = p.locals[n];
      f.locals.push_back({string(l.name), l.start_pc, l.end_pc});
    }
  }

  bytecode::Constant constant(const Value& v) {
    bytecode::Constant c;
    using Kind = bytecode::Constant::Kind;
    switch (v.tag()) {
      case Tag::Nil:
        c.kind = Kind::Nil;
        break;
      case Tag::False:
        c.kind = Kind::False;
        break;
      case Tag::True:
        c.kind = Kind::True;
        break;
      case Tag::Integer:
        c.kind = Kind::Integer;
        c.integer = v.integer;
        break;
      case Tag::Float:
        c.kind = Kind::Float;
        c.number = v.number;
        break;
      case Tag::String:
        c.kind = Kind::String;
        c.string = string(v.string());
        break;
      default:
        break;
    }
    return c;
  }

  std::uint32_t string(const String* s) {
    if (s == nullptr) return bytecode::kNoString;
    const auto [found, is_new] =
        known_.try_emplace(s, static_cast<std::uint32_t>(chunk_.strings.size()));
    if (is_new) chunk_.strings.emplace_back(s->view());
    return found->second;
  }

  bytecode::Chunk chunk_;
  std::unordered_map<const String*, std::uint32_t> known_;  // looked up, never walked
};

}  // namespace

Proto* load_chunk(Vm& vm, bytecode::Chunk&& chunk, ProtoOrigin origin,
                  const std::vector<String*>* strings, base::Pace* pace) {
  return Loader(vm, chunk, origin, pace).load(strings);
}

Closure* new_main_closure(Vm& vm, Proto* proto, const Value& environment) {
  Closure* closure = vm.heap.new_closure(proto);
  if (closure == nullptr) return nullptr;
  for (int n = 0; n < proto->upvalue_count; ++n) {
    heap::Cell* cell = vm.heap.new_closed_cell(n == 0 ? environment : Value::nil());
    if (cell == nullptr) return nullptr;
    closure->upvalues()[n] = cell;
  }
  return closure;
}

bytecode::Chunk to_chunk(const Proto& proto) { return Dumper().dump(proto); }

}  // namespace moonlet::vm
