// load, loadfile and string.dump: text and binary chunks to functions and back.
#include "bytecode/analysis.hpp"
#include "bytecode/binary_chunk.hpp"
#include "stdlib/library.hpp"
#include "stdlib/load_task.hpp"
#include "stdlib/script_file.hpp"
#include "stdlib/shared_functions.hpp"
#include "vm/debug.hpp"
#include "vm/loader.hpp"

namespace moonlet::stdlib {

using namespace vm;  // NOLINT

namespace {

constexpr char kEscape = '\x1b';

int fail(Vm& vm, Value* args, std::string_view message) {
  String* text = vm.heap.new_string(message);
  if (text == nullptr) return kNoMemory;
  return return_two(args, Value::nil(), Value::from(text));
}

std::string_view name_for_messages(std::string_view chunk_name) {
  if (chunk_name.empty()) return chunk_name;
  if (chunk_name[0] == '@' || chunk_name[0] == '=') return chunk_name.substr(1);
  if (chunk_name[0] == kEscape) return "binary string";
  return chunk_name;
}

struct LoadOptions {
  int mode = 0;  // index of the argument; beyond the last one: none
  Value environment;
  Loading loading = Loading::AtOnce;
};

Loaded load_binary(Vm& vm, std::string_view source, std::string_view chunk_name) {
  Loaded loaded;
  auto chunk = bytecode::undump(source);
  if (chunk) {
    const auto verified = bytecode::verify(*chunk);
    if (!verified) chunk = std::unexpected(verified.error());
  }
  if (chunk) {
    loaded.proto = load_chunk(vm, *std::move(chunk), ProtoOrigin::Script);
  } else {
    loaded.error = std::string(name_for_messages(chunk_name)) + ": " + chunk.error();
  }
  return loaded;
}

// Compiles `source` and puts the function, or nil and a message, into the results.
int load_source(Vm& vm, Value* args, int count, const LoadOptions& options, std::string_view source,
                std::string_view chunk_name) {
  std::string_view mode = "bt";
  if (!is_none_or_nil(args, count, options.mode)) {
    String* text;
    if (!arg_string(vm, args, count, options.mode, text)) return vm.failure;
    mode = text->view();
  }
  const bool is_binary = !source.empty() && source[0] == kEscape;
  if (mode.find(is_binary ? 'b' : 't') == std::string_view::npos) {
    return fail(vm, args,
                std::string("attempt to load a ") + (is_binary ? "binary" : "text") +
                    " chunk (mode is '" + std::string(mode) + "')");
  }
  if (source.size() > vm.limits.source_bytes_max) return fail(vm, args, "chunk is too large");
  const Loaded loaded = is_binary ? load_binary(vm, source, chunk_name)
                                  : load_text(vm, source, chunk_name, options.loading);
  if (!loaded.is_done) return kNoMemory;
  charge(vm, source.size());
  if (!loaded.error.empty()) return fail(vm, args, loaded.error);
  if (loaded.proto == nullptr) return kNoMemory;
  Closure* closure = new_main_closure(vm, loaded.proto, options.environment);
  if (closure == nullptr) return kNoMemory;
  return return_one(args, Value::from(closure));
}

}  // namespace

// (source, name, mode, environment)
int load_function(Vm& vm, Value* args, int count) {
  String* text;
  if (!arg_string(vm, args, count, 0, text)) return vm.failure;
  const std::string_view source = text->view();
  std::string_view name = source;
  if (!is_none_or_nil(args, count, 1)) {
    if (!arg_string(vm, args, count, 1, text)) return vm.failure;
    name = text->view();
  }
  const LoadOptions options{2, count > 3 ? args[3] : Value::from(vm.heap.globals),
                            Loading::InPieces};
  return load_source(vm, args, count, options, source, name);
}

std::string_view skip_first_comment(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.substr(0, kMark.size()) == kMark) text.remove_prefix(kMark.size());
  if (text.empty() || text[0] != '#') return text;
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return text.substr(text.size());
  if (end + 1 < text.size() && text[end + 1] == kEscape) return text.substr(end + 1);
  return text.substr(end);
}

namespace {

// At once, because the file may be another one when it is read again.
int base_loadfile(Vm& vm, Value* args, int count) {
  std::string path;
  std::string name = "=stdin";
  if (!is_none_or_nil(args, count, 0)) {
    String* text;
    if (!arg_string(vm, args, count, 0, text)) return vm.failure;
    path = std::string(text->view());
    name = "@" + path;
  }
  std::string contents;
  std::string message;
  if (!vm.host->read_file(path, contents, message)) return fail(vm, args, message);
  const LoadOptions options{1, count > 2 ? args[2] : Value::from(vm.heap.globals)};
  const int answer = load_source(vm, args, count, options, skip_first_comment(contents), name);
  if (answer != kNoMemory) return answer;
  // Standard input cannot be read twice.
  collect_for_memory(vm, Standing::Inside);
  const int again = load_source(vm, args, count, options, skip_first_comment(contents), name);
  return again == kNoMemory ? throw_memory(vm) : again;
}

int string_dump(Vm& vm, Value* args, int count) {
  if (count == 0 || !args[0].is_function()) {
    return throw_type_error(vm, args, count, 0, "function");
  }
  if (looks_native(args[0])) return throw_error(vm, "unable to dump given function");
  const bool strip = count > 1 && !args[1].is_falsy();
  const bytecode::Chunk chunk = to_chunk(*args[0].closure()->proto);
  const std::string bytes =
      bytecode::dump(chunk, strip ? bytecode::Strip::Yes : bytecode::Strip::No);
  charge(vm, bytes.size());
  return return_string(vm, args, bytes);
}

}  // namespace

std::span<const BuiltinRow> load_rows() {
  static constexpr BuiltinRow kRows[] = {
      {"intrinsic.load", load_function},
      {"intrinsic.load_file", base_loadfile, nullptr, LibrarySet::All},
      {"loadfile", base_loadfile, nullptr, LibrarySet::All},
      {"string.dump", string_dump},
  };
  return kRows;
}

}  // namespace moonlet::stdlib
