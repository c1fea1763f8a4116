// Coroutines. Resuming and yielding switch the Vm's current thread; nothing nests in C++.
#include "stdlib/library.hpp"
#include "stdlib/shared_functions.hpp"
#include "vm/call.hpp"
#include "vm/frame_walk.hpp"

namespace moonlet::stdlib {

using namespace vm;  // NOLINT
using heap::ThreadEntry;
using heap::ThreadStatus;

namespace {

bool arg_thread(Vm& vm, Value* args, int count, Thread*& out) {
  if (count > 0 && args[0].is_thread()) {
    out = args[0].thread();
    return true;
  }
  throw_type_error(vm, args, count, 0, "thread");
  return false;
}

}  // namespace

int coroutine_create(Vm& vm, Value* args, int count) {
  if (count == 0 || !args[0].is_function()) {
    return throw_type_error(vm, args, count, 0, "function");
  }
  // The main thread does not count.
  if (vm.heap.thread_count > vm.limits.coroutines_max) {
    vm.heap.refusal = heap::Refusal::Coroutines;
    return kNoMemory;
  }
  Thread* co = vm.heap.new_thread(kStackSlack + 32);
  if (co == nullptr) return kNoMemory;
  co->stack[0] = args[0];
  co->base = co->stack;
  co->top = co->stack + 1;
  co->status = ThreadStatus::Suspended;
  co->entry = ThreadEntry::StartCall;
  return return_one(args, Value::from(co));
}

namespace {

// Checks that `co` can be resumed: an explanation, or empty.
std::string_view refusal(Vm& vm, const Thread& co) {
  if (co.status == ThreadStatus::Suspended) return {};
  const std::string_view status = status_name(vm, co);
  if (vm.dialect == Dialect::Luau) {
    return status == "dead"     ? "cannot resume dead coroutine"
           : status == "normal" ? "cannot resume normal coroutine"
                                : "cannot resume running coroutine";
  }
  return status == "dead" ? "cannot resume dead coroutine"
                          : "cannot resume non-suspended coroutine";
}

int coroutine_resume(Vm& vm, Value* args, int count) {
  Thread* co;
  if (!arg_thread(vm, args, count, co)) return vm.failure;
  const std::string_view reason = refusal(vm, *co);
  const int answer = reason.empty() ? resume_coroutine(vm, *co, args + 1, count - 1)
                                    : throw_value_text(vm, reason);
  if (answer != kThrow) return answer;
  if (vm.unmade_error != nullptr) {
    vm.unmade_error.reset();
    return kNoMemory;
  }
  return return_two(args, Value::boolean(false), vm.heap.error);
}

int coroutine_resume_done(Vm& vm, Value* args, Value* results, int count) {
  args[-1] = Value::boolean(vm.resumed_ok);
  move_values(args, results, count);
  return count + 1;
}

// (coroutine, ...): what a wrapped coroutine's function calls.
int resume_wrap(Vm& vm, Value* args, int count) {
  Thread* co;
  if (!arg_thread(vm, args, count, co)) return vm.failure;
  const std::string_view reason = refusal(vm, *co);
  if (!reason.empty()) return throw_error(vm, reason);
  return resume_coroutine(vm, *co, args + 1, count - 1);
}

int resume_wrap_done(Vm& vm, Value* args, Value* results, int count) {
  if (vm.resumed_ok) {
    move_values(args - 1, results, count);
    return count;
  }
  // A failed coroutine is closed at once, and its error raised here, with this position before it.
  Thread& co = *args[0].thread();
  Value error = results[0];
  if (error.is_string()) {
    const std::string text = where(vm, *vm.thread(), 1) + std::string(error.string()->view());
    String* string = vm.heap.new_string(text);
    if (string == nullptr) return kNoMemory;
    error = Value::from(string);
  }
  return begin_closing(vm, args, co, co.stack, ClosingMode::Rethrow, true, error);
}

int coroutine_yield(Vm& vm, Value*, int count) {
  const Walked walked = may_yield(vm, *vm.thread());
  if (walked == Walked::Again) return kNoMemory;
  if (walked == Walked::None) {
    return throw_value_text(vm, vm.thread() == vm.heap.main_thread
                                    ? "attempt to yield from outside a coroutine"
                                    : "attempt to yield across a C-call boundary");
  }
  vm.call_count = count;
  return kYield;
}

int coroutine_status(Vm& vm, Value* args, int count) {
  Thread* co;
  if (!arg_thread(vm, args, count, co)) return vm.failure;
  return return_string(vm, args, status_name(vm, *co));
}

int coroutine_running(Vm& vm, Value* args, int) {
  Thread* self = vm.thread();
  return return_two(args, Value::from(self), Value::boolean(self == vm.heap.main_thread));
}

}  // namespace

int coroutine_isyieldable(Vm& vm, Value* args, int count) {
  Thread* co = vm.thread();
  if (count > 0 && !arg_thread(vm, args, count, co)) return vm.failure;
  const Walked walked = may_yield(vm, *co);
  if (walked == Walked::Again) return kNoMemory;
  return return_one(args, Value::boolean(walked == Walked::Found));
}

namespace {

int coroutine_close(Vm& vm, Value* args, int count) {
  Thread* co;
  if (!arg_thread(vm, args, count, co)) return vm.failure;
  const std::string_view status = status_name(vm, *co);
  if (status != "suspended" && status != "dead") {
    return throw_error(vm, {vm.dialect == Dialect::Luau ? "cannot close " : "cannot close a ",
                            status, " coroutine"});
  }
  const bool has_error = co->status == ThreadStatus::Failed;
  const Value error = has_error ? co->error : Value::nil();
  return begin_closing(vm, args, *co, co->stack, ClosingMode::Close, has_error, error);
}

}  // namespace

std::span<const BuiltinRow> coroutine_rows() {
  static constexpr BuiltinRow kRows[] = {
      {"coroutine.close", coroutine_close},
      {"coroutine.create", coroutine_create},
      {"coroutine.isyieldable", coroutine_isyieldable},
      {.name = "coroutine.resume",
       .call = coroutine_resume,
       .resume = coroutine_resume_done,
       .fast = hands_over},
      {"coroutine.running", coroutine_running},
      {"coroutine.status", coroutine_status},
      {.name = "coroutine.yield", .call = coroutine_yield, .fast = hands_over},
      {.name = "intrinsic.resume_wrap",
       .call = resume_wrap,
       .resume = resume_wrap_done,
       .fast = hands_over},
  };
  return kRows;
}

}  // namespace moonlet::stdlib
