#include "image/library_match.hpp"

#include <vector>

#include "heap/table.hpp"

namespace moonlet::image {

using heap::Table;
using heap::Tag;
using heap::Value;

namespace {

std::string_view name_of(const vm::Vm& vm, const Value& v) {
  if (v.is(Tag::Builtin)) return vm.builtins.rows[v.builtin()].name;
  if (!v.is_closure() || v.closure()->proto->debug_name == nullptr) return {};
  return v.closure()->proto->debug_name->view();
}

template <typename See>
void for_each_field(const Table& table, See see) {
  Value key;
  Value value;
  for (std::uint64_t at = heap::table_next_position(table, 0, key, value); at != 0;
       at = heap::table_next_position(table, at, key, value)) {
    if (key.is_string()) see(std::string(key.string()->view()), value);
  }
}

}  // namespace

std::set<std::string> library_functions(const vm::Vm& vm, const Template& the_template) {
  std::set<std::string> found;
  std::vector<std::string> for_agents;
  const Table& globals = *the_template.roots()[kRootGlobals].table();
  for_each_field(globals, [&](const std::string& group, const Value& value) {
    if (name_of(vm, value) == group) found.insert(group);
    if (!value.is_table() || value.table() == &globals) return;
    std::vector<std::string> others;
    for_each_field(*value.table(), [&](const std::string& field, const Value& function) {
      const std::string path = group + "." + field;
      const std::string_view name = name_of(vm, function);
      if (name == path) found.insert(path);
      if (name == "host:" + field) others.push_back(path);
    });
    if (others.size() > for_agents.size()) for_agents = std::move(others);
  });
  found.insert(for_agents.begin(), for_agents.end());
  return found;
}

}  // namespace moonlet::image
