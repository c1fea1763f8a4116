// What a program sees when the numbers of its objects run out (heap::kIdentityMax).
#include <gtest/gtest.h>

#include "tests/support/run_script.hpp"

namespace moonlet::stdlib {
namespace {

// With so many numbers left. Its output, and its error.
std::string run_with_identities(std::uint64_t count, std::string_view source) {
  ScriptHost host;
  std::unique_ptr<vm::Vm> machine = std::move(*script_engine().new_vm(host, {}));
  auto chunk = *api::compile_script(machine->dialect, source, "=script");
  vm::Proto* proto = vm::load_chunk(*machine, std::move(chunk), vm::ProtoOrigin::Script);
  const vm::Value globals = vm::Value::from(machine->heap.globals);
  vm::Closure* main = vm::new_main_closure(*machine, proto, globals);
  EXPECT_TRUE(vm::start_main(*machine, vm::Value::from(main), {}));
  machine->heap.next_identity = heap::kIdentityMax + 1 - count;
  do {
    vm::run(*machine);
  } while (machine->outcome == vm::Outcome::Preempted);
  if (machine->outcome == vm::Outcome::Failed) {
    host.output += vm::basic_text(*machine, machine->heap.error);
  }
  // Numbers of what exists stay, and the state says that there are no more.
  EXPECT_EQ(move_script(host, machine), "");
  EXPECT_EQ(machine->heap.next_identity, heap::kIdentityMax + 1);
  return host.output;
}

TEST(Identities, RunOutAsAnErrorOfTheProgram) {
  EXPECT_EQ(run_with_identities(2, R"(
    local a, b, c, t = {}, {}, {}, {}
    t[a] = 1 t[b] = 2
    t[a], t[b] = 3, 4
    assert(t[a] == 3 and t[b] == 4 and t[c] == nil)
    print(pcall(rawset, t, c, 5))
    print(pcall(function() t[c] = 5 end))
    print(pcall(tostring, c))
    print(pcall(string.format, "%p", c))
    print(pcall(debug.upvalueid, function() return a end, 1))
    print(string.format("%p", b), tostring(b))
    t.x = 1 t[1] = 2 print(t.x, t[1], t[c])
    t[c] = 5
  )"),
            "false\ttoo many objects were used as keys or shown\n"
            "false\tscript:7: too many objects were used as keys or shown\n"
            "false\ttoo many objects were used as keys or shown\n"
            "false\ttoo many objects were used as keys or shown\n"
            "false\ttoo many objects were used as keys or shown\n"
            "0xfffffffff\ttable: 0xfffffffff\n"
            "1\t2\tnil\n"
            "script:13: too many objects were used as keys or shown");
}

// A long string that is a key without a value gets a number instead, from the collector, which
// cannot fail. Without one, it stays.
TEST(Identities, TheCollectorDoesWithout) {
  EXPECT_EQ(run_with_identities(1, R"(
    local t, count = {}, 0
    for i = 1, 100 do t[("key"):rep(20) .. i] = i end
    for key in pairs(t) do
      t[key] = nil
      collectgarbage()
      count = count + 1
    end
    print(count, next(t))
  )"),
            "100\tnil\n");
}

}  // namespace
}  // namespace moonlet::stdlib
