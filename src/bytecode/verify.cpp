#include <cmath>
#include <cstddef>
#include <string>

#include "bytecode/analysis.hpp"
#include "bytecode/verify_code.hpp"

namespace moonlet::bytecode {

namespace {

using Result = std::expected<void, std::string>;

std::unexpected<std::string> error(std::string what) { return std::unexpected(std::move(what)); }

// Positions fit into 27 bits, everything else that is counted too: sums cannot overflow, and a
// position fits wherever the VM packs one beside something else.
constexpr std::size_t kMaxCount = std::size_t{1} << 27;
constexpr std::size_t kMaxFunctions = std::size_t{1} << 22;
constexpr std::size_t kMaxUpvalues = 255;
constexpr std::uint32_t kMaxLine = 0x7fffffff;

class ChunkVerifier {
 public:
  ChunkVerifier(const Chunk& chunk, AllowBuiltins builtins) : chunk_(chunk), builtins_(builtins) {}

  Result run() {
    if (chunk_.functions.empty()) return error("no functions");
    if (Result r = check_sizes(); !r) return r;
    if (Result r = check_tree(); !r) return r;
    // Code is looked at last: it relies on constants and upvalues of other functions too.
    for (std::size_t index = 0; index < chunk_.functions.size(); ++index) {
      if (Result r = check_data(index); !r) {
        return error("function " + std::to_string(index) + ": " + r.error());
      }
    }
    for (std::size_t index = 0; index < chunk_.functions.size(); ++index) {
      if (auto r = verify_code(chunk_, chunk_.functions[index]); !r) {
        return error("function " + std::to_string(index) + ", instruction " +
                     std::to_string(r.error().pc) + ": " + r.error().what);
      }
    }
    return {};
  }

 private:
  Result check_sizes() const {
    if (chunk_.functions.size() > kMaxFunctions) return error("too many functions");
    std::size_t total = chunk_.strings.size();
    for (const Function& function : chunk_.functions) {
      total += function.code.size() + function.constants.size() + function.children.size() +
               function.locals.size();
    }
    if (total > kMaxCount) return error("chunk too large");
    return {};
  }

  // Each function but the first is the child of one that comes before it: a tree.
  Result check_tree() {
    constexpr std::size_t kNone = SIZE_MAX;
    parents_.assign(chunk_.functions.size(), kNone);
    for (std::size_t index = 0; index < chunk_.functions.size(); ++index) {
      for (const std::uint32_t child : chunk_.functions[index].children) {
        const std::string name = "function " + std::to_string(child);
        if (child >= chunk_.functions.size()) return error(name + " does not exist");
        if (child <= index) return error(name + " comes before its parent");
        if (parents_[child] != kNone) return error(name + " has two parents");
        parents_[child] = index;
      }
    }
    for (std::size_t index = 1; index < parents_.size(); ++index) {
      if (parents_[index] == kNone) {
        return error("function " + std::to_string(index) + " has no parent");
      }
    }
    return {};
  }

  Result check_data(std::size_t index) const {
    const Function& function = chunk_.functions[index];
    if (function.max_stack > kMaxRegisters) return error("too many registers");
    if (function.parameter_count > function.max_stack) return error("too many parameters");
    if (function.line_defined > kMaxLine || function.last_line_defined > kMaxLine) {
      return error("line out of range");
    }
    if (Result r = check_name(function.name); !r) return r;
    if (Result r = check_name(function.source); !r) return r;
    if (Result r = check_constants(function); !r) return r;
    if (Result r = check_upvalues(index); !r) return r;
    if (Result r = check_lines(function); !r) return r;
    return check_locals(function);
  }

  Result check_string(std::uint32_t string) const {
    if (string < chunk_.strings.size()) return {};
    return error("string " + std::to_string(string) + " does not exist");
  }

  Result check_name(std::uint32_t string) const {
    return string == kNoString ? Result{} : check_string(string);
  }

  Result check_constants(const Function& function) const {
    for (const Constant& constant : function.constants) {
      switch (constant.kind) {
        case Constant::Kind::Nil:
        case Constant::Kind::False:
        case Constant::Kind::True:
        case Constant::Kind::Integer:
          break;
        case Constant::Kind::Float:
          if (std::isnan(constant.number)) return error("constant is not a number");
          break;
        case Constant::Kind::Builtin:
          if (builtins_ == AllowBuiltins::No) return error("constant names a native function");
          [[fallthrough]];
        case Constant::Kind::String:
          if (Result r = check_string(constant.string); !r) return r;
          break;
        default:
          return error("unknown kind of constant");
      }
    }
    return {};
  }

  // Upvalues of the first function are not found in a parent: whoever loads the chunk makes them.
  Result check_upvalues(std::size_t index) const {
    const Function& function = chunk_.functions[index];
    if (function.upvalues.size() > kMaxUpvalues) return error("too many upvalues");
    for (const Upvalue& upvalue : function.upvalues) {
      if (Result r = check_name(upvalue.name); !r) return r;
      if (index == 0) continue;
      const Function& parent = chunk_.functions[parents_[index]];
      const std::size_t limit =
          upvalue.from_parent_register ? parent.max_stack : parent.upvalues.size();
      if (upvalue.index >= limit) {
        return error(std::string("upvalue from ") +
                     (upvalue.from_parent_register ? "register " : "upvalue ") +
                     std::to_string(upvalue.index) + ", which its parent does not have");
      }
    }
    return {};
  }

  static Result check_lines(const Function& function) {
    if (function.lines.empty()) return {};
    if (function.lines.size() != function.code.size()) return error("not one line for each word");
    for (const std::int32_t line : function.lines) {
      if (line < 0) return error("line out of range");
    }
    return {};
  }

  Result check_locals(const Function& function) const {
    // Variables that begin and end at each position; the n-th active one is in register n - 1.
    std::vector<std::int32_t> changes;
    if (!function.locals.empty()) changes.resize(function.code.size() + 1);
    std::uint32_t previous = 0;
    for (const LocalVariable& local : function.locals) {
      if (Result r = check_string(local.name); !r) return r;
      if (local.start_pc < previous) return error("local variables are not in order");
      if (local.end_pc < local.start_pc || local.end_pc > function.code.size()) {
        return error("local variable has no sane range");
      }
      previous = local.start_pc;
      ++changes[local.start_pc];
      --changes[local.end_pc];
    }
    std::int32_t active = 0;
    for (const std::int32_t change : changes) {
      active += change;
      if (active > function.max_stack) return error("more local variables than registers");
    }
    return {};
  }

  const Chunk& chunk_;
  const AllowBuiltins builtins_;
  std::vector<std::size_t> parents_;
};

}  // namespace

std::expected<void, std::string> verify(const Chunk& chunk, AllowBuiltins builtins) {
  return ChunkVerifier(chunk, builtins).run();
}

}  // namespace moonlet::bytecode
