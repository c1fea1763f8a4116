#include "tests/support/run_script.hpp"

namespace moonlet::stdlib {
namespace {

TEST(IoLibrary, OpensAndCloses) {
  expect_runs(R"lua(
    local name = os.tmpname()
    local f = assert(io.open(name, "w"))
    same(io.type(f), "file")
    assert(string.find(tostring(f), "^file %(0x%x+%)$"))
    same(f:write("one\n", 2, " ", 3.5, " ", 4.0, "\n"), f)
    same(f:close(), true)
    same(io.type(f), "closed file")
    same(tostring(f), "file (closed)")
    fails("attempt to use a closed file", f.write, f, "x")
    fails("attempt to use a closed file", f.close, f)
    fails("attempt to use a closed file", f.lines, f)
    same(io.type(42), nil)
    fails("value expected", io.type)
    f = assert(io.open(name))
    same(f:read("a"), "one\n2 3.5 4\n")
    f:close()
    for _, mode in ipairs{"rw", "rb+", "", "+", "b", "r+bk", "x"} do
      fails("bad argument #2 to 'io.open' (invalid mode)", io.open, name, mode)
    end
    for _, mode in ipairs{"r", "r+", "rb", "r+b", "a", "a+", "w", "w+bb"} do
      assert(io.open(name, mode)):close()
    end
    local none, message, code = io.open(name .. ".none")
    same(none, nil) same(message, name .. ".none: No such file or directory") same(code, 2)
    do
      local g <close> = assert(io.open(name))
      f = g
    end
    same(io.type(f), "closed file")
    fails("FILE* expected, got no value", f.close)
    fails("FILE* expected, got table", f.read, {})
    os.remove(name)
    same(getmetatable(f).__name, "FILE*")
    same(io.type(io.stdin), "file")
    local r, m = io.stdout:close()
    same(r, nil) same(m, "cannot close standard file")
  )lua");
}

TEST(IoLibrary, ReadsEveryFormat) {
  expect_runs(R"lua(
    local name = os.tmpname()
    local function with(text, body)
      local f = assert(io.open(name, "w"))
      f:write(text):close()
      f = assert(io.open(name))
      body(f)
      f:close()
    end
    with("first\nsecond\n\nlast", function(f)
      same(f:read(), "first") same(f:read("L"), "second\n") same(f:read("l"), "")
      same(f:read(0), "") same(f:read(2), "la") same(f:read("*l"), "st")
      same(f:read(), nil) same(f:read(0), nil) same(f:read(5), nil) same(f:read("a"), "")
      same(f:read("L"), nil) same(f:read("n"), nil)
      same(select("#", f:read("l", "l")), 1)
    end)
    with("10 0x1F -3.5e1 .5 x 1e+ 99", function(f)
      same(f:read("n"), 10) same(f:read("n"), 31) same(f:read("n"), -35.0) same(f:read("n"), 0.5)
      same(f:read("n"), nil) same(f:read(1), "x")
      same(f:read("n"), nil) same(f:read("n"), 99)
    end)
    with(string.rep("1", 300) .. " 5", function(f)
      same(f:read("n"), nil)
      same(f:read("n"), tonumber(string.rep("1", 100)))
      same(f:read("n"), 5)
    end)
    with("7 line\nrest of it\nall", function(f)
      local a, b, c, d, e = f:read("n", "l", 4, "L", "a")
      same(a, 7) same(b, " line") same(c, "rest") same(d, " of it\n") same(e, "all")
    end)
    with("x", function(f)
      local a, b, c = f:read("n", "l", "l")
      same(a, nil) same(b, nil) same(c, nil)
      fails("bad argument #1 to 'read' (invalid format)", function() f:read("x") end)
      fails("bad argument #2 to 'read' (invalid format)", function() f:read(0, "y") end)
      fails("string expected, got table", function() f:read({}) end)
    end)
    local f = io.open(name, "w")
    local r, message, code = f:read()
    same(r, nil) same(message, "Bad file descriptor") same(code, 9)
    f:close()
    f = io.open(name)
    r, message, code = f:write("x")
    same(r, nil) same(message, "Bad file descriptor")
    f:close()
    os.remove(name)
  )lua");
}

TEST(IoLibrary, ReadsWhatIsLargerThanItsBuffer) {
  expect_runs(R"lua(
    local name = os.tmpname()
    local f = assert(io.open(name, "wb"))
    local line = string.rep("0123456789", 20000)
    f:write(line, "\n", line, line, "\nend")
    f:close()
    f = assert(io.open(name, "rb"))
    same(f:read() == line, true)
    same(f:read("L") == line .. line .. "\n", true)
    same(f:seek("set", 5), 5)
    local piece = f:read(150000)
    same(#piece, 150000) same(piece == string.sub(line, 6, 150005), true)
    same(f:seek(), 150005)
    same(#f:read(1000000), 3 * #line + 5 - 150005)
    same(f:read(1), nil)
    f:seek("set")
    local all = f:read("a")
    same(all == line .. "\n" .. line .. line .. "\nend", true)
    f:seek("set", 200001)
    same(f:read(1, "l", "a", "a") , "0")
    f:close()
    os.remove(name)
  )lua");
}

TEST(IoLibrary, MovesInFilesAndBuffers) {
  expect_runs(R"lua(
    local name = os.tmpname()
    local f = assert(io.open(name, "w+"))
    f:write("hello world")
    same(f:seek("set", 6), 6)
    same(f:read(5), "world")
    same(f:seek("cur", -5), 6)
    f:write("W")
    same(f:seek("end"), 11)
    f:seek("set")
    same(f:read("a"), "hello World")
    fails("invalid option 'x'", f.seek, f, "x")
    local r, message, code = f:seek("set", -1)
    same(r, nil) same(message, "Invalid argument") same(code, 22)
    f:close()
    local w, r = assert(io.open(name, "w")), assert(io.open(name))
    same(w:setvbuf("full", 2000), true)
    w:write("x") same(r:read("a"), "")
    w:flush() same(r:read("a"), "x")
    same(w:setvbuf("no"), true)
    w:write("y") same(r:read("a"), "y")
    w:setvbuf("line")
    w:write("z") same(r:read("a"), "")
    w:write("!\n") same(r:read("a"), "z!\n")
    w:write("late") w:close() same(r:read("a"), "late")
    fails("invalid option", r.setvbuf, r, "whatever")
    local a = assert(io.open(name, "a"))
    a:write("+") a:close()
    r:seek("end", -2) same(r:read("a"), "e+")
    r:close()
    os.remove(name)
    f = io.tmpfile()
    f:write("tmp"):seek("set")
    same(f:read("a"), "tmp")
    f:close()
  )lua");
}

TEST(IoLibrary, HasDefaultFiles) {
  expect_runs(R"lua(
    local name = os.tmpname()
    same(io.output(), io.stdout) same(io.input(), io.stdin)
    local out = io.output(name)
    same(out, io.output())
    same(io.write("a\n", "b\n"), out)
    same(io.flush(), true)
    same(io.close(), true)
    fails("default output file is closed", io.write, "x")
    fails("default output file is closed", io.close)
    io.input(name)
    same(io.read(), "a") same(io.read("L"), "b\n") same(io.read(), nil)
    same(io.close(io.input()), true)
    fails("default input file is closed", io.read)
    fails("attempt to use a closed file", io.lines)
    io.input(io.stdin) io.output(io.stdout)
    fails("cannot open file '" .. name .. ".none' (No such file or directory)", io.input, name .. ".none")
    fails("FILE* expected, got table", io.output, {})
    os.remove(name)
  )lua");
}

TEST(IoLibrary, IteratesOverLines) {
  expect_runs(R"lua(
    local name = os.tmpname()
    local f = assert(io.open(name, "w"))
    f:write("1 one\n2 two\n3 three\n")
    f:close()
    local seen = {}
    for line in io.lines(name) do seen[#seen + 1] = line end
    same(table.concat(seen, "|"), "1 one|2 two|3 three")
    seen = {}
    for number, rest in io.lines(name, "n", "l") do seen[#seen + 1] = number .. rest end
    same(table.concat(seen, "|"), "1 one|2 two|3 three")
    local step = io.lines(name, "L")
    same(step(), "1 one\n") step() step()
    same(step(), nil)
    fails("file is already closed", step)
    f = io.open(name)
    for line in f:lines() do same(line, "1 one") break end
    same(f:read(), "2 two")
    f:close()
    local _, _, _, file = io.lines(name)
    same(io.type(file), "file")
    file:close()
    io.input(name)
    seen = {}
    for line in io.lines() do seen[#seen + 1] = line end
    same(#seen, 3) same(io.type(io.input()), "file")
    io.close(io.input()) io.input(io.stdin)
    fails("cannot open file", io.lines, name .. ".none")
    local formats = {}
    for i = 1, 250 do formats[i] = 1 end
    same(select("#", io.lines(name, table.unpack(formats))()), 21)
    formats[251] = 1
    fails("too many arguments", io.lines, name, table.unpack(formats))
    f = io.open(name, "w")
    fails("Bad file descriptor", f:lines())
    f:close()
    os.remove(name)
  )lua");
}

TEST(IoLibrary, TalksToPrograms) {
  expect_runs(R"lua(
    local p = assert(io.popen("printf 'a\nb'"))
    same(p:read(), "a") same(p:read(), "b") same(p:read(), nil)
    local ok, kind, code = p:close()
    same(ok, true) same(kind, "exit") same(code, 0)
    ok, kind, code = io.popen("exit 3"):close()
    same(ok, nil) same(kind, "exit") same(code, 3)
    ok, kind, code = io.popen("kill -9 $$"):close()
    same(ok, nil) same(kind, "signal") same(code, 9)
    local name = os.tmpname()
    p = assert(io.popen("cat > " .. name, "w"))
    p:write("text") p:close()
    same(io.open(name):read("a"), "text")
    os.remove(name)
    fails("invalid mode", io.popen, "true", "rw")
    fails("invalid mode", io.popen, "true", "")
  )lua");
}

// The files of a program that moved are the host's to carry over; without them they are closed.
TEST(IoLibrary, FilesThatStayedBehindAreClosed) {
  ScriptHost host;
  auto made = script_engine().new_vm(host, {});
  ASSERT_TRUE(made) << made.error();
  std::unique_ptr<vm::Vm>& machine = *made;
  const auto run = [&](std::string_view source) -> std::string {
    auto chunk = api::compile_script((*made)->dialect, source, "=script");
    vm::Proto* proto = vm::load_chunk(*machine, *std::move(chunk), vm::ProtoOrigin::Script);
    const vm::Value globals = vm::Value::from(machine->heap.globals);
    vm::Closure* main = vm::new_main_closure(*machine, proto, globals);
    EXPECT_TRUE(vm::start_main(*machine, vm::Value::from(main), {}));
    vm::run(*machine);
    if (machine->outcome == vm::Outcome::Finished) return "";
    return vm::basic_text(*machine, machine->heap.error);
  };
  EXPECT_EQ(run("f = io.tmpfile() f:write('x') assert(io.type(f) == 'file')"), "");
  EXPECT_EQ(move_script(host, machine), "");
  EXPECT_EQ(run("assert(f:seek('set')) assert(f:read('a') == 'x')"), "");
  machine->files.reset();
  EXPECT_EQ(run("assert(io.type(f) == 'closed file' and not pcall(f.read, f))"), "");
  EXPECT_EQ(run("g = io.tmpfile() assert(io.type(f) == 'closed file' and f ~= g)"), "");
  EXPECT_EQ(run("assert(io.type(io.stdout) == 'file') io.write('out')"), "");
  EXPECT_EQ(host.output, "out");
}

}  // namespace
}  // namespace moonlet::stdlib
