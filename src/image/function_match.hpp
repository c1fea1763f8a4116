// Functions of an image and their paths: "order/M.process/step" is the module, then the names of
// definitions (bytecode::Function::name), each inside of the one before. Of several with the same
// name in one function, the second is "step#2"; one without a name is "()".
//
// Only modules have paths: code that a program has loaded itself, whatever image it is in, has
// none.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "image/template.hpp"

namespace moonlet::image {

class ModuleFunctions {
 public:
  explicit ModuleFunctions(const Template& the_template);

  // The main function of a module, or nullptr.
  heap::Proto* main_of(std::string_view module) const;
  // In the order of the image's objects.
  const std::vector<heap::Proto*>& mains() const { return mains_; }
  // Is it a function of one of the modules?
  bool has(const heap::Proto& proto) const { return places_.contains(proto.root); }
  // REQUIRES, of all: has(proto). Null: it is the main function.
  heap::Proto* parent_of(const heap::Proto& proto) const { return place_of(proto).parent; }
  std::string path_of(const heap::Proto& proto) const;
  // The variable behind an upvalue, when it is one of the main function, of which there is one in
  // a program unless it stands in a loop: "order/limit"; "order/" for the globals. Empty: it is
  // not.
  std::string variable_of(const heap::Proto& proto, std::size_t upvalue) const;

 private:
  enum class Scope : std::uint8_t { Inner, Main, Globals };
  struct Place {
    heap::Proto* parent = nullptr;
    std::uint32_t position = 1;  // among the siblings of the same name
    // Of each upvalue: where it is declared, and as what.
    std::vector<std::pair<Scope, const heap::String*>> variables;
  };
  // By index in a chunk, parents first.
  using Places = std::vector<Place>;

  static Places places_of(const heap::Proto& main);
  const Place& place_of(const heap::Proto& proto) const {
    return places_.at(proto.root)[proto.function_index];
  }

  std::vector<heap::Proto*> mains_;
  std::unordered_map<const heap::Proto*, Places> places_;  // by main function
};

// The functions of an older image as a newer one has them.
class FunctionMatch {
 public:
  FunctionMatch(const ModuleFunctions& older, const ModuleFunctions& newer);

  // Null: there is none, and why_not() says why.
  heap::Proto* of(const heap::Proto& proto) const;
  const char* why_not(const heap::Proto& proto) const;

 private:
  void match_children(const heap::Proto& older, const heap::Proto& newer);

  std::unordered_map<const heap::Proto*, heap::Proto*> matches_;
  std::unordered_set<const heap::Proto*> ambiguous_;
  std::vector<std::pair<const heap::Proto*, const heap::Proto*>> pending_;
};

}  // namespace moonlet::image
