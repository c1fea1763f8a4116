// An upgrade being worked out: internal to this folder. "Mine" is the Vm's, "theirs" of the newer
// image's template, which is read and never written.
//
// Pairs are objects of which mine takes the place of theirs: roots, what single definitions of
// the main chunks have made, and what hangs on both by the same fields. All else of mine is new to
// the newer image; all else of theirs is lost, but for what is added and what that refers to.
#pragma once

#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "image/function_match.hpp"
#include "image/thawer.hpp"
#include "image/transfer.hpp"
#include "image/upgrade.hpp"

namespace moonlet::image {

// The main chunks' variables that functions have captured.
class Variables {
 public:
  void add(const std::string& name, heap::Cell* cell) {
    const auto [found, is_new] = cells_.try_emplace(name, cell);
    if (is_new) {
      names_.push_back(name);
    } else if (found->second != cell) {
      found->second = nullptr;
    }
  }
  void add_all(const ModuleFunctions& functions, const heap::Closure& closure) {
    if (!functions.has(*closure.proto)) return;
    for (std::size_t n = 0; n < closure.flags; ++n) {
      const std::string name = functions.variable_of(*closure.proto, n);
      if (!name.empty()) add(name, const_cast<heap::Closure&>(closure).upvalues()[n]);
    }
  }
  bool has(const std::string& name) const { return cells_.contains(name); }
  // Null: there is none, or there are several.
  heap::Cell* cell(const std::string& name) const {
    const auto found = cells_.find(name);
    return found == cells_.end() ? nullptr : found->second;
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::unordered_map<std::string, heap::Cell*> cells_;
  std::vector<std::string> names_;  // in the order in which they were added
};

// Functions that stand in a main chunk, hence exist once, if they do.
class SingleFunctions {
 public:
  void add(const heap::Proto& proto, heap::Closure& closure) {
    const auto [found, is_new] = closures_.try_emplace(&proto, &closure);
    if (!is_new) found->second = nullptr;
  }
  heap::Closure* closure(const heap::Proto& proto) const {
    const auto found = closures_.find(&proto);
    return found == closures_.end() ? nullptr : found->second;
  }

 private:
  std::unordered_map<const heap::Proto*, heap::Closure*> closures_;
};

class Upgrade::Plan final : public Completion {
 public:
  Plan(vm::Vm& vm, const Template& older, const Template& newer, std::string_view modules)
      : vm_(vm),
        older_(older),
        newer_(newer),
        modules_(modules),
        older_functions_(older),
        newer_functions_(newer),
        match_(older_functions_, newer_functions_) {}

  void make();
  // Adds what is new to the tables that have it.
  bool complete(vm::Vm& vm) override;

  std::vector<UpgradeProblem> problems;
  std::vector<std::string> added;
  Transfer transfer;

 private:
  struct Addition {
    std::uint32_t table;  // number in the newer image
    std::string key;
    heap::Value value;  // of its template
  };

  // What takes whose place, or is the same in both images; and how the program calls it.
  struct Pair {
    heap::Object* mine;
    heap::Object* theirs;
    std::string path;
  };

  void problem(std::string path, std::string reason);

  // ---- What stands against it before anything is compared.
  void check_library();
  void check_categories();
  void check_threads();
  void check_thread(heap::Thread& thread);

  // ---- Who is who.
  void find_functions();
  void pair_roots();
  void pair_singles();
  void pair(const heap::Value& mine, const heap::Value& theirs, const std::string& path);
  void pair(heap::Object& mine, heap::Object& theirs, const std::string& path);
  bool take(heap::Object& mine, heap::Object& theirs);
  // ---- What hangs on a pair.
  void compare(std::size_t index);
  void compare_tables(heap::Table& mine, heap::Table& theirs, const std::string& path);
  void compare_functions(heap::Closure& mine, heap::Closure& theirs, const std::string& path);
  // ---- Tables that all Vms of an image share: the library's.
  void share_tables();
  bool is_same_table(const heap::Table& a, const heap::Table& b) const;
  bool is_same(const heap::Value& a, const heap::Value& b) const;
  bool is_shared(const heap::Object& a, const heap::Object& b) const;

  // ---- Functions.
  void move_functions();
  void name_proto(const heap::Proto& proto);
  heap::Cell* cell_for(heap::Closure& closure, const heap::Proto& proto, int upvalue);
  // ---- What the newer template's objects bring along.
  void follow_additions();
  void reach(heap::Object* object);
  void reach(const heap::Value& value);
  void follow(heap::Object& object);
  void check_added(heap::Closure& closure);
  // ---- Numbers of objects, which tostring() shows.
  void give_identities();

  vm::Vm& vm_;
  const Template& older_;
  const Template& newer_;
  const std::string_view modules_;
  const ModuleFunctions older_functions_;
  const ModuleFunctions newer_functions_;
  const FunctionMatch match_;
  std::set<std::string> known_problems_;
  std::vector<heap::Closure*> moving_;  // the Vm's functions of modules
  Variables mine_;
  Variables theirs_;
  SingleFunctions my_singles_;
  SingleFunctions their_singles_;
  std::vector<const heap::Proto*> single_protos_;
  std::vector<Pair> pairs_;
  std::vector<Addition> additions_;
  std::vector<heap::Object*> reached_;
  std::unordered_set<const heap::Object*> known_;  // of mine, in a pair; of theirs, reached
  std::unordered_set<const heap::Object*> taken_;  // of theirs, whose place one of mine takes
};

inline std::string_view text_of(const heap::String* s) { return s == nullptr ? "" : s->view(); }
// Position of the upvalue with this name, most likely the one that is guessed, or -1.
int upvalue_named(const heap::Proto& proto, std::string_view name, int guess);

}  // namespace moonlet::image
