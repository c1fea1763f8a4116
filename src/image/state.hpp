// Frozen states: a Vm as bytes, in the format of docs/formats/state.md.
//
// freeze() collects in full first: a state holds no garbage, and freezing is a collection point for
// the original too. Objects are numbered in the order in which a walk from the roots finds them, so
// equal programs give equal bytes, wherever their objects lie.
//
// The state of a fork is the difference to its image's template; a state that stands alone is what
// templates are made of.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/cbor.hpp"
#include "vm/vm.hpp"

namespace moonlet::image {

class Template;

inline constexpr std::uint64_t kStateVersion = 5;

// Objects that exist in every Vm of an engine and are never written: prelude functions. States name
// them by position; their identities are vm::kFirstBaseIdentity + position. `fingerprint` tells
// whether two engines mean the same.
struct BaseObjects {
  std::vector<heap::Object*> objects;
  // Which of them lead to functions of LibrarySet::All. States of images that have none of these
  // cannot refer to them.
  std::vector<bool> reaches_world;
  std::uint64_t fingerprint = 0;
  // Is it userdata of the library's that is plain data (a standard file)? Null: none is.
  bool (*is_plain)(const heap::Userdata&) = nullptr;
};

struct FreezeOptions {
  // Open files travel as their handle numbers: the process stays the same.
  bool carry_handles = false;
};

// A state in parts, in their order. What is long in it still lies in the Vm: valid until that runs,
// is frozen again, or dies.
struct FrozenMachine {
  std::vector<base::CborWriter> parts;
  std::string bytes() const { return base::join(parts); }
};

// What could not be frozen, where it hangs, and why: "an Entity at globals.log.owner cannot be
// frozen: its type has no way to save itself".
struct FreezeError {
  std::string message;
};

// `the_template` is what the Vm was forked from, or null for a state that stands alone.
[[nodiscard]] std::expected<FrozenMachine, FreezeError> freeze(vm::Vm& vm, const BaseObjects& base,
                                                               const Template* the_template,
                                                               const FreezeOptions& options = {});

// Fills a bare Vm (no roots yet). The error says what is wrong and at which offset.
[[nodiscard]] std::expected<void, std::string> thaw(vm::Vm& vm, const BaseObjects& base,
                                                    const Template* the_template,
                                                    std::string_view state);

// The template of an image, from a state that stands alone. Takes a bare Vm to build it in.
[[nodiscard]] std::expected<std::shared_ptr<const Template>, std::string> make_template(
    std::unique_ptr<vm::Vm> vm, const BaseObjects& base, std::string_view state);

// The list of a heap's objects in the order of the format, wherever it was made: the template's by
// number, then the others by number. REQUIRES: all there are.
void relink_objects(heap::Heap& heap, std::vector<heap::Object*> inherited,
                    const std::vector<heap::Object*>& others);

}  // namespace moonlet::image
