#include "image/upgrade.hpp"

#include <algorithm>

#include "heap/table.hpp"
#include "image/freezer.hpp"
#include "image/library_match.hpp"
#include "image/path.hpp"
#include "image/upgrade_plan.hpp"

namespace moonlet::image {

using heap::Kind;
using heap::Object;
using heap::Table;
using heap::Thread;
using heap::Value;

void Upgrade::Plan::make() {
  check_library();
  check_categories();
  check_threads();
  find_functions();
  pair_roots();
  pair_singles();
  for (std::size_t n = 0; n < pairs_.size(); ++n) compare(n);
  share_tables();
  move_functions();
  follow_additions();
  std::sort(transfer.taken.begin(), transfer.taken.end());
  for (const auto& [number, object] : transfer.taken) transfer.numbers.emplace(object, number);
  give_identities();
}

void Upgrade::Plan::problem(std::string path, std::string reason) {
  if (known_problems_.insert(path + "\n" + reason).second) {
    problems.push_back({std::move(path), std::move(reason)});
  }
}

void Upgrade::Plan::check_library() {
  const auto mine = library_functions(vm_, older_);
  const auto theirs = library_functions(vm_, newer_);
  for (const std::string& name : mine) {
    if (!theirs.contains(name)) problem(name, "the newer image does not have it in its library");
  }
  for (const std::string& name : theirs) {
    if (!mine.contains(name)) problem(name, "the library of the Vm's image does not have it");
  }
  if (older_.libraries() == vm::LibrarySet::All && newer_.libraries() != older_.libraries()) {
    problem("the newer image", "it has the safe libraries only, the Vm's image has all");
  }
}

// The Vm's are the image's and those that came later.
void Upgrade::Plan::check_categories() {
  const std::vector<std::string>& theirs = newer_.category_names();
  const std::size_t count = vm_.heap.categories == nullptr ? 0 : vm_.heap.categories->names.size();
  if (theirs.empty()) return;
  if (theirs.size() > count ||
      !std::equal(theirs.begin(), theirs.end(), vm_.heap.categories->names.begin())) {
    problem("the newer image", "it has other categories of memory");
  }
}

void Upgrade::Plan::check_threads() {
  const Value& main = newer_.roots()[kRootMain];
  if (!heap::has_no_frames(*main.thread()) || newer_.roots()[kRootCurrent].object != main.object) {
    problem("the newer image", "it stands in the middle of a call");
  }
  for (Object* object = vm_.heap.objects; object != nullptr; object = object->next) {
    if (object->kind == Kind::Thread) check_thread(*static_cast<Thread*>(object));
  }
}

void Upgrade::Plan::check_thread(Thread& thread) {
  if (heap::has_no_frames(thread)) return;
  heap::Frame frame;
  for (bool more = heap::top_frame(thread, frame); more; more = heap::next_frame(thread, frame)) {
    if (frame.is_builtin || !older_functions_.has(*frame.proto())) continue;
    const bool has_failed = thread.status == heap::ThreadStatus::Failed;
    return problem(path_to(vm_, &thread),
                   (has_failed ? "a coroutine that has failed and is not closed, in "
                               : "a coroutine that stands in ") +
                       older_functions_.path_of(*frame.proto()));
  }
}

bool Upgrade::Plan::complete(vm::Vm& vm) {
  for (const Addition& addition : additions_) {
    auto& table = static_cast<Table&>(*newer_.object_in(vm, addition.table));
    Value value = addition.value;
    if (value.is_object() && !value.object->is_permanent()) {
      value.object = newer_.object_in(vm, newer_.number_of(value.object));
    }
    if (!heap::set_field(vm.heap, table, addition.key, value)) return false;
  }
  return true;
}

Upgrade::Upgrade(vm::Vm& vm, const BaseObjects& base, const Template& older, const Template& newer,
                 std::string_view modules)
    : vm_(vm),
      base_(base),
      newer_(newer),
      plan_(std::make_unique<Plan>(vm, older, newer, modules)) {
  vm.heap.collect_full();
  plan_->make();
}

Upgrade::~Upgrade() = default;

const std::vector<UpgradeProblem>& Upgrade::problems() const { return plan_->problems; }
std::size_t Upgrade::function_count() const { return plan_->transfer.functions.size(); }
const std::vector<std::string>& Upgrade::added() const { return plan_->added; }

std::expected<void, std::string> Upgrade::move_into(vm::Vm& fresh) {
  auto state = Freezer(vm_, base_, newer_, plan_->transfer).freeze();
  if (!state) return std::unexpected(state.error().message);
  return Thawer(fresh, base_, &newer_, state->bytes(), plan_.get()).thaw();
}

}  // namespace moonlet::image
