// The builtins of the string and utf8 libraries, activation by activation: stopped and moved
// between any two, and short of memory at every allocation.
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "stdlib/library.hpp"
#include "stdlib/string_result.hpp"
#include "vm/call.hpp"
#include "vm/no_host.hpp"

namespace moonlet::stdlib {
namespace {

struct Outcome {
  std::vector<std::string> results;  // as tostring() has them
  std::string error;
  int activations = 0;
  bool operator==(const Outcome& other) const {
    return results == other.results && error == other.error;
  }
};

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  for (const std::string& result : outcome.results) {
    out << (result.size() > 100 ? "<" + std::to_string(result.size()) + " bytes>" : result) << "|";
  }
  return out << outcome.error;
}

Value integer(std::int64_t i) { return Value::from(i); }

// Calls builtins as the interpreter does.
class Machine {
 public:
  using Callback = std::function<Value(Machine&, const std::vector<Value>&)>;

  Machine() {
    for (const auto& rows : {string_rows(), utf8_rows()}) {
      for (const auto& row : rows) table_.add(row);
    }
    // What a script would call back; the interpreter never runs here.
    callback_index_ = table_.rows.size();
    table_.add({"test.callback", nullptr});
    vm_ = std::make_unique<Vm>(table_, host_, heap::default_host_allocator());
    heap::Heap& heap = vm_->heap;
    EXPECT_TRUE(vm::make_names(*vm_));
    heap.globals = heap.new_table();
    heap.registry = heap.new_table();
    heap.main_thread = heap.new_thread(256);
    heap.current_thread = heap.main_thread;
  }

  Vm& vm() { return *vm_; }
  Value string(std::string_view text) { return Value::from(vm_->heap.new_string(text)); }
  Value function(Callback callback) {
    callback_ = std::move(callback);
    return Value::from_builtin(static_cast<std::uint32_t>(callback_index_));
  }
  // In the next call, the n-th allocation fails (from 0).
  void fail_at(std::int64_t allocation) { fail_at_ = allocation; }
  std::uint64_t allocations() const { return allocations_; }
  void forge_states(std::uint32_t seed) {
    is_forging_ = true;
    random_.seed(seed);
  }

  Outcome call(std::string_view name, const std::vector<Value>& arguments) {
    const int index = table_.find(name);
    EXPECT_GE(index, 0) << name;
    row_ = &table_.rows[static_cast<std::size_t>(index)];
    vm_->limits.stack_slots_max = 1'000'000;
    heap::Thread& thread = *vm_->thread();
    thread.stack[0].bits = static_cast<std::uint64_t>(index);
    thread.stack[0].meta = heap::make_link(heap::LinkKind::Bottom, 0, 0);
    Value* args = thread.stack + 1;
    EXPECT_EQ(vm::ensure_stack(*vm_, args, arguments.size() + vm::kBuiltinSlots),
              vm::StackResult::Ok);
    std::copy(arguments.begin(), arguments.end(), args);
    thread.base = args;
    thread.top = args + arguments.size();
    vm_->heap.fail_countdown = std::exchange(fail_at_, -1);
    const std::uint64_t before = vm_->heap.allocation_count;
    const Outcome outcome = finish();
    allocations_ = vm_->heap.allocation_count - before;
    vm_->heap.fail_countdown = -1;
    return outcome;
  }

 private:
  int count() const { return static_cast<int>(vm_->thread()->top - vm_->thread()->base); }

  // A frozen state in which somebody has changed bytes and slots.
  void forge() {
    heap::Thread& thread = *vm_->thread();
    const auto slots = static_cast<std::size_t>(thread.top - thread.base);
    for (Value* slot = thread.base; slot < thread.top; ++slot) {
      if (!slot->is(Tag::Buffer)) continue;
      Buffer* buffer = slot->buffer();
      for (unsigned n = random_() % 4; n > 0 && buffer->size > 0; --n) {
        buffer->data()[random_() % buffer->size] =
            static_cast<char>(random_() % (random_() % 2 == 0 ? 256 : 10));
      }
      if (random_() % 16 == 0) buffer->size = random_() % (buffer->capacity + 1);
    }
    if (slots == 0) return;
    // The copy of a Buffer is the same Buffer.
    if (random_() % 8 == 0) thread.base[random_() % slots] = thread.base[random_() % slots];
    if (random_() % 16 == 0) thread.base[random_() % slots] = Value::nil();
    if (random_() % 16 == 0) thread.base[random_() % slots] = integer(7);
  }

  // Everything unreachable is gone, every Buffer is another one with the same bytes.
  void disturb() {
    heap::Thread& thread = *vm_->thread();
    const std::int64_t countdown = std::exchange(vm_->heap.fail_countdown, -1);
    for (Value* slot = thread.base; slot < thread.top; ++slot) {
      if (slot->is(Tag::Buffer)) *slot = moved(slot->buffer());
    }
    if (is_forging_) forge();
    vm_->heap.collect_full();
    vm_->heap.fail_countdown = countdown;
  }
  Value moved(Buffer* buffer) {
    Buffer* copy = vm_->heap.new_buffer(buffer->capacity);
    std::fill_n(copy->data(), copy->capacity, '\xcd');
    std::copy_n(buffer->data(), buffer->size, copy->data());
    copy->size = buffer->size;
    return Value::from(copy);
  }

  Outcome finish() {
    Outcome outcome;
    heap::Thread& thread = *vm_->thread();
    int answer = row_->call(*vm_, thread.base, count());
    for (;;) {
      // A forged search may begin again and again.
      if (++outcome.activations > 1000 && is_forging_) return outcome;
      if (answer == kNoMemory) {
        vm_->heap.collect_full();
        answer = row_->call(*vm_, thread.base, count());
        if (answer == kNoMemory) {
          outcome.error = "not enough memory";
          return outcome;
        }
        continue;
      }
      if (answer == kAgain) {
        thread.top = thread.base + vm_->call_count;
        disturb();
        answer = row_->call(*vm_, thread.base, count());
        continue;
      }
      if (answer == vm::kCall) {
        answer = call_back();
        continue;
      }
      break;
    }
    if (answer < 0) {
      outcome.error = vm::basic_text(*vm_, vm_->heap.error);
      return outcome;
    }
    for (int i = 0; i < answer; ++i) {
      outcome.results.push_back(vm::basic_text(*vm_, thread.base[i - 1]));
    }
    return outcome;
  }

  int call_back() {
    heap::Thread& thread = *vm_->thread();
    Value* slot = vm_->call_slot;
    if (is_forging_ && (!slot->is_builtin() || callback_ == nullptr)) {
      return vm::throw_error(*vm_, "attempt to call something else");
    }
    EXPECT_TRUE(slot->is_builtin());
    const std::vector<Value> arguments(slot + 1, slot + 1 + vm_->call_count);
    const std::int64_t countdown = std::exchange(vm_->heap.fail_countdown, -1);
    const Value result = callback_(*this, arguments);
    vm_->heap.fail_countdown = countdown;
    slot[0] = result;
    thread.top = slot + 1;
    disturb();
    int answer = row_->resume(*vm_, thread.base, slot, 1);
    if (answer == kNoMemory) {
      vm_->heap.collect_full();
      answer = row_->resume(*vm_, thread.base, slot, 1);
    }
    return answer;
  }

  vm::NoHost host_;
  vm::BuiltinTable table_;
  std::unique_ptr<Vm> vm_;
  std::size_t callback_index_ = 0;
  Callback callback_;
  const vm::BuiltinRow* row_ = nullptr;
  std::int64_t fail_at_ = -1;
  bool is_forging_ = false;
  std::mt19937 random_;
  std::uint64_t allocations_ = 0;
};

// Makes one call in fresh machines: with memory enough, and short at each allocation in turn.
void expect_everywhere(const std::function<Outcome(Machine&)>& make, const Outcome& expected) {
  std::uint64_t allocations = 0;
  {
    Machine machine;
    EXPECT_EQ(make(machine), expected);
    allocations = machine.allocations();
  }
  const std::uint64_t stride = allocations / 20 + 1;
  for (std::uint64_t n = 0; n < allocations; n += stride) {
    Machine machine;
    machine.fail_at(static_cast<std::int64_t>(n));
    ASSERT_EQ(make(machine), expected) << "short of memory at allocation " << n;
  }
}

std::string repeated(std::string_view unit, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += unit;
  return text;
}

const std::string kBig =
    repeated("Lua programs that are values. ", 20'000);  // about two activations' work

TEST(StringLibrary, LongResultsComeInPieces) {
  const auto long_rep = [](Machine& m) {
    const Outcome outcome =
        m.call("string.rep", {m.string("abc"), integer(500'000), m.string("--")});
    EXPECT_GE(outcome.activations, 7);
    return outcome;
  };
  expect_everywhere(long_rep, {{repeated("abc--", 499'999) + "abc"}, ""});
  expect_everywhere(
      [](Machine& m) {
        return m.call("string.sub", {m.string(kBig), integer(2)});
      },
      {{kBig.substr(1)}, ""});
  std::string upper = kBig;
  for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  expect_everywhere([](Machine& m) { return m.call("string.upper", {m.string(kBig)}); },
                    {{upper}, ""});
  expect_everywhere([](Machine& m) { return m.call("string.reverse", {m.string(kBig)}); },
                    {{std::string(kBig.rbegin(), kBig.rend())}, ""});
}

TEST(StringLibrary, ManyArgumentsAndResults) {
  const std::string text = repeated("0123456789", 5'000);
  const auto all_bytes = [&](Machine& m) {
    return m.call("string.byte", {m.string(text), integer(1), integer(-1)});
  };
  Machine machine;
  const Outcome bytes = all_bytes(machine);
  ASSERT_EQ(bytes.results.size(), text.size());
  EXPECT_EQ(bytes.results[19], "57");
  expect_everywhere(all_bytes, bytes);

  std::vector<Value> codes;
  for (const char c : text) codes.push_back(integer(c));
  expect_everywhere([&](Machine& m) { return m.call("string.char", codes); }, {{text}, ""});
  expect_everywhere([&](Machine& m) { return m.call("utf8.char", codes); }, {{text}, ""});
  const std::vector<Value> zeros(330'000, integer(0));
  const Outcome in_pieces = machine.call("string.char", zeros);
  EXPECT_GT(in_pieces.activations, 2);
  EXPECT_EQ(in_pieces.results, std::vector<std::string>{std::string(zeros.size(), '\0')});
  EXPECT_EQ(machine.call("utf8.codepoint", {machine.string(text), integer(1), integer(-1)}), bytes);

  Outcome unpacked = bytes;
  unpacked.results.push_back(std::to_string(text.size() + 1));
  expect_everywhere(
      [&](Machine& m) {
        return m.call("string.unpack", {m.string(std::string(text.size(), 'B')), m.string(text)});
      },
      unpacked);
  expect_everywhere(
      [&](Machine& m) {
        std::vector<Value> arguments = {m.string(std::string(codes.size(), 'B'))};
        arguments.insert(arguments.end(), codes.begin(), codes.end());
        return m.call("string.pack", arguments);
      },
      {{text}, ""});
}

TEST(StringLibrary, SearchesStopAnywhere) {
  const std::string text = std::string(100, 'a');
  expect_everywhere(
      [&](Machine& m) {
        const Outcome outcome = m.call("string.find", {m.string(text), m.string(".-.-b")});
        EXPECT_GT(outcome.activations, 5);
        return outcome;
      },
      {{"nil"}, ""});
  expect_everywhere(
      [&](Machine& m) {
        return m.call("string.find", {m.string(kBig + "x"), m.string("values%. ()x")});
      },
      {{std::to_string(kBig.size() - 7), std::to_string(kBig.size() + 1),
        std::to_string(kBig.size() + 1)},
       ""});
  expect_everywhere(
      [&](Machine& m) {
        return m.call("string.match", {m.string(kBig), m.string("^(.*)()(.)%.( )$")});
      },
      {{kBig.substr(0, kBig.size() - 3), std::to_string(kBig.size() - 2), "s", " "}, ""});
  const std::string needle = std::string(5'000, 'a') + "b";
  expect_everywhere(
      [&](Machine& m) {
        return m.call("string.find", {m.string(std::string(6'000, 'a') + needle + "c"),
                                      m.string(needle), integer(1), Value::boolean(true)});
      },
      {{"6001", "11001"}, ""});
  const std::string many = repeated("(.)", 32);
  std::vector<std::string> captures;
  for (int i = 0; i < 32; ++i) captures.emplace_back(1, kBig[static_cast<std::size_t>(i)]);
  expect_everywhere(
      [&](Machine& m) {
        return m.call("string.match", {m.string(kBig), m.string(many)});
      },
      {captures, ""});
}

TEST(StringLibrary, GsubWithStrings) {
  expect_everywhere(
      [](Machine& m) {
        return m.call("string.gsub",
                      {m.string("hello world"), m.string("(o)"), m.string("<%1%%%0>")});
      },
      {{"hell<o%o> w<o%o>rld", "2"}, ""});
  std::string expected;
  for (int i = 0; i < 20'000; ++i) expected += "programs Lua that are values! ";
  expect_everywhere(
      [](Machine& m) {
        return m.call("string.gsub", {m.string(kBig), m.string("(%a+) (%a+)( that[^.]*)%."),
                                      m.string("%2 %1%3!")});
      },
      {{expected, "20000"}, ""});
  // One match, and each piece of the replacement, longer than an activation's work.
  expect_everywhere(
      [](Machine& m) {
        return m.call("string.gsub",
                      {m.string(kBig), m.string("^.*$"), m.string("<%0|" + kBig + "|%0>")});
      },
      {{"<" + kBig + "|" + kBig + "|" + kBig + ">", "1"}, ""});
  Machine machine;
  EXPECT_EQ(machine.call("string.gsub",
                         {machine.string("abc"), machine.string("b"), machine.string("%2")}),
            (Outcome{{}, "invalid capture index %2"}));
}

TEST(StringLibrary, GsubWithFunctions) {
  const auto with = [](std::string_view subject, std::string_view pattern,
                       const Machine::Callback& callback) {
    return [=](Machine& m) {
      return m.call("string.gsub", {m.string(subject), m.string(pattern), m.function(callback)});
    };
  };
  const auto doubled = [](Machine& m, const std::vector<Value>& captures) {
    const std::string_view text = captures[0].string()->view();
    return text == "b" ? Value::nil() : m.string(std::string(text) + std::string(text));
  };
  expect_everywhere(with("abc.a", "%a", doubled), {{"aabcc.aa", "4"}, ""});
  const auto number = [](Machine&, const std::vector<Value>& captures) {
    return captures.back().is_integer() ? captures.back() : Value::from(0.5);
  };
  expect_everywhere(with("x y", "()%a", number), {{"1 3", "2"}, ""});
  expect_everywhere(with("x y", "%a", number), {{"0.5 0.5", "2"}, ""});
  const auto table = [](Machine& m, const std::vector<Value>&) {
    return Value::from(m.vm().heap.new_table());
  };
  Machine machine;
  EXPECT_EQ(with("x y", "%a", table)(machine),
            (Outcome{{}, "invalid replacement value (a table)"}));
  const auto nothing = [](Machine&, const std::vector<Value>& captures) {
    EXPECT_EQ(captures.size(), 32u);
    return Value::boolean(false);
  };
  const std::string some = kBig.substr(0, 3'200);
  expect_everywhere(with(some, repeated("(.)", 32), nothing), {{some, "100"}, ""});
  // The captures and the value are longer than an activation's work.
  const auto same = [](Machine&, const std::vector<Value>& captures) { return captures[1]; };
  expect_everywhere(with("<" + kBig + ">", "(.)(.*)(.)", same), {{kBig, "1"}, ""});
}

TEST(StringLibrary, GsubWithTables) {
  const auto replaced = [](Machine& m) {
    Table* table = m.vm().heap.new_table();
    EXPECT_TRUE(heap::set_field(m.vm().heap, *table, "name", m.string("Lua")));
    EXPECT_TRUE(heap::set_field(m.vm().heap, *table, "no", Value::boolean(false)));
    return m.call("string.gsub",
                  {m.string("$name, $no, $other"), m.string("$(%a+)"), Value::from(table)});
  };
  expect_everywhere(replaced, {{"Lua, $no, $other", "3"}, ""});
  const auto indexed = [](Machine& m) {
    Table* table = m.vm().heap.new_table();
    Table* metatable = m.vm().heap.new_table();
    const Value handler = m.function([](Machine& machine, const std::vector<Value>& arguments) {
      return machine.string("<" + std::string(arguments[1].string()->view()) + ">");
    });
    EXPECT_TRUE(heap::set_field(m.vm().heap, *metatable, "__index", handler));
    table->metatable = metatable;
    return m.call("string.gsub", {m.string("a b"), m.string("%a"), Value::from(table)});
  };
  expect_everywhere(indexed, {{"<a> <b>", "2"}, ""});
}

TEST(StringLibrary, Format) {
  expect_everywhere(
      [](Machine& m) {
        return m.call("string.format",
                      {m.string("%5d|%-5s|%q|%.3f|%%|%c"), integer(42), m.string("ab"),
                       m.string({"a\n\"\0"
                                 "1",
                                 5}),
                       Value::from(2.5), integer(65)});
      },
      {{"   42|ab   |\"a\\\n\\\"\\0001\"|2.500|%|A"}, ""});
  expect_everywhere(
      [](Machine& m) {
        return m.call("string.format", {m.string(kBig + "%s|%12.10s|%q%s"), m.string(kBig),
                                        m.string(kBig), m.string(kBig), integer(7)});
      },
      {{kBig + kBig + "|  " + kBig.substr(0, 10) + "|\"" + kBig + "\"7"}, ""});
  const auto with_callback = [](Machine& m) {
    Table* table = m.vm().heap.new_table();
    Table* metatable = m.vm().heap.new_table();
    const Value handler =
        m.function([](Machine& machine, const std::vector<Value>&) { return machine.string("T"); });
    EXPECT_TRUE(heap::set_field(m.vm().heap, *metatable, "__tostring", handler));
    table->metatable = metatable;
    const Value value = Value::from(table);
    return m.call("string.format", {m.string("%s%d%3s%s"), value, integer(1), value, value});
  };
  expect_everywhere(with_callback, {{"T1  TT"}, ""});
}

TEST(StringLibrary, PackAndUnpackLongStrings) {
  std::string packed;
  packed += std::string("\7\0\0\0", 4) + "1234567";
  packed += kBig + std::string(1, '\0');
  packed += "xyz" + std::string(400'000, '\0');
  expect_everywhere(
      [](Machine& m) {
        return m.call("string.pack",
                      {m.string("<s4zc400003"), integer(1234567), m.string(kBig), m.string("xyz")});
      },
      {{packed}, ""});
  expect_everywhere(
      [&](Machine& m) {
        return m.call("string.unpack", {m.string("<s4zc400003"), m.string(packed)});
      },
      {{"1234567", kBig, "xyz" + std::string(400'000, '\0'), std::to_string(packed.size() + 1)},
       ""});
  expect_everywhere(
      [&](Machine& m) { return m.call("string.packsize", {m.string(std::string(100'000, 'j'))}); },
      {{"800000"}, ""});
}

TEST(StringLibrary, Utf8WalksStopAnywhere) {
  const std::string text = repeated("a\xe2\x82\xac", 200'000);
  expect_everywhere([&](Machine& m) { return m.call("utf8.len", {m.string(text)}); },
                    {{"400000"}, ""});
  expect_everywhere([&](Machine& m) { return m.call("utf8.len", {m.string(text + "\xff")}); },
                    {{"nil", "800001"}, ""});
  expect_everywhere(
      [&](Machine& m) {
        return m.call("utf8.offset", {m.string(text), integer(400'000)});
      },
      {{"799998"}, ""});
  expect_everywhere(
      [&](Machine& m) {
        return m.call("utf8.offset", {m.string(text), integer(-400'000)});
      },
      {{"1"}, ""});
  const std::string stray = "a" + std::string(500'000, '\x80');
  expect_everywhere(
      [&](Machine& m) {
        return m.call("utf8.offset", {m.string(stray), integer(0), integer(500'001)});
      },
      {{"1"}, ""});
  expect_everywhere(
      [&](Machine& m) {
        return m.call("utf8:next_code_lax", {m.string(stray), integer(1)});
      },
      {{}, ""});
}

// Whatever a state was made into, the next activation stays within its memory.
TEST(StringLibrary, ForgedStatesDoNoHarm) {
  const std::string text = kBig.substr(0, 400'000);
  const std::string words = repeated("ab ", 8'000);
  std::vector<Value> codes(30'000, integer(0x20ac));
  for (std::uint32_t seed = 0; seed < 30; ++seed) {
    const auto call = [&](std::string_view name, const std::function<Outcome(Machine&)>& make) {
      SCOPED_TRACE(name);
      Machine machine;
      machine.forge_states(seed);
      make(machine);
    };
    call("find", [](Machine& m) {
      return m.call("string.find", {m.string(std::string(80, 'a')), m.string(".-.-b")});
    });
    call("match", [&](Machine& m) {
      return m.call("string.match", {m.string(text), m.string("^(.*)()(.)(.)$")});
    });
    call("gsub with a string", [&](Machine& m) {
      return m.call("string.gsub", {m.string(text), m.string("(%a+) "), m.string("%1,%0")});
    });
    call("gsub with a function", [&](Machine& m) {
      const auto same = [](Machine&, const std::vector<Value>& captures) { return captures[0]; };
      return m.call("string.gsub",
                    {m.string(words), m.string("%a+"), m.function(same), integer(40)});
    });
    call("format", [&](Machine& m) {
      return m.call("string.format",
                    {m.string("%s|%q|%5.3s"), m.string(text), m.string(text), m.string(text)});
    });
    call("pack", [&](Machine& m) {
      return m.call("string.pack",
                    {m.string("<s4zc400000"), m.string(text), m.string(text), m.string("xyz")});
    });
    call("unpack", [&](Machine& m) {
      return m.call("string.unpack",
                    {m.string("zz" + std::string(100, 'B')),
                     m.string(text + std::string(1, '\0') + text + std::string(1, '\0') + words)});
    });
    call("rep", [&](Machine& m) {
      return m.call("string.rep", {m.string("abc"), integer(300'000)});
    });
    call("utf8.char", [&](Machine& m) { return m.call("utf8.char", codes); });
    call("utf8.len", [&](Machine& m) { return m.call("utf8.len", {m.string(text)}); });
    call("byte", [&](Machine& m) {
      return m.call("string.byte", {m.string(words), integer(1), integer(-1)});
    });
  }
}

}  // namespace
}  // namespace moonlet::stdlib
