// The io library: writing, positions, and the table of functions.
#include "stdlib/io_rows.hpp"
#include "stdlib/library.hpp"

namespace moonlet::stdlib {

using namespace vm;

namespace os = base::os;

bool write_stream(Vm& vm, Stream& stream, std::string_view text) {
  charge(vm, text.size() / 16);
  if (&stream != &vm.files->output) return stream.write(text);
  vm.host->write(text);
  return true;
}

bool flush_stream(Vm& vm, Stream& stream) {
  if (&stream != &vm.files->output) return stream.flush();
  vm.host->flush();
  return true;
}

namespace {

// A number as the reference writes it: integral floats without the ".0" that tostring adds.
std::string_view written_number(const Value& number, char (&buffer)[kNumberTextSize]) {
  std::string_view text = number_text(number, buffer);
  if (number.is_float() && text.ends_with(".0")) text.remove_suffix(2);
  return text;
}

// Writes args[first] .. args[count - 1]; `file` is the result.
int write_values(Vm& vm, Value* args, int count, int first, Stream& stream, const Value& file) {
  bool succeeded = true;
  for (int i = first; i < count; ++i) {
    char buffer[kNumberTextSize];
    std::string_view text;
    if (args[i].is_number()) {
      text = written_number(args[i], buffer);
    } else if (args[i].is_string()) {
      text = args[i].string()->view();
    } else {
      return throw_type_error(vm, args, count, i, "string");
    }
    succeeded = succeeded && write_stream(vm, stream, text);
  }
  if (!succeeded) return return_system_error(vm, args, {}, stream.error());
  return return_one(args, file);
}

int io_write(Vm& vm, Value* args, int count) {
  Stream* stream;
  if (!open_default(vm, kDefaultOutput, stream)) return vm.failure;
  return write_values(vm, args, count, 0, *stream, default_file(vm, kDefaultOutput));
}

int file_write(Vm& vm, Value* args, int count) {
  Stream* stream;
  if (!open_argument(vm, args, count, 0, stream)) return vm.failure;
  return write_values(vm, args, count, 1, *stream, args[0]);
}

int flush(Vm& vm, Value* args, Stream& stream) {
  const int error = flush_stream(vm, stream) ? 0 : stream.error();
  return return_system_result(vm, args, {}, error);
}

int io_flush(Vm& vm, Value* args, int) {
  Stream* stream;
  if (!open_default(vm, kDefaultOutput, stream)) return vm.failure;
  return flush(vm, args, *stream);
}

int file_flush(Vm& vm, Value* args, int count) {
  Stream* stream;
  if (!open_argument(vm, args, count, 0, stream)) return vm.failure;
  return flush(vm, args, *stream);
}

// An argument that is one of three words. False: it is not, and the error is set.
bool word_argument(Vm& vm, Value* args, int count, int index, std::string_view fallback,
                   const std::string_view (&words)[3], int& out) {
  std::string_view word = fallback;
  if (fallback.empty() || !is_none_or_nil(args, count, index)) {
    String* string;
    if (!arg_string(vm, args, count, index, string)) return false;
    word = string->view();
  }
  for (out = 0; out < 3; ++out) {
    if (words[out] == word) return true;
  }
  throw_arg_error(vm, index, "invalid option '" + std::string(word) + "'");
  return false;
}

// file:seek([whence [, offset]])
int file_seek(Vm& vm, Value* args, int count) {
  Stream* stream;
  if (!open_argument(vm, args, count, 0, stream)) return vm.failure;
  int from;
  if (!word_argument(vm, args, count, 1, "cur", {"set", "cur", "end"}, from)) return vm.failure;
  std::int64_t offset;
  if (!opt_integer(vm, args, count, 2, 0, offset)) return vm.failure;
  constexpr os::SeekFrom kFrom[] = {os::SeekFrom::Start, os::SeekFrom::Current, os::SeekFrom::End};
  if (!flush_stream(vm, *stream)) return return_system_error(vm, args, {}, stream->error());
  std::int64_t position;
  if (!stream->seek(offset, kFrom[from], position)) {
    return return_system_error(vm, args, {}, stream->error());
  }
  return return_one(args, Value::from(position));
}

// file:setvbuf(mode [, size]): the size is ours to choose.
int file_setvbuf(Vm& vm, Value* args, int count) {
  Stream* stream;
  if (!open_argument(vm, args, count, 0, stream)) return vm.failure;
  int mode;
  if (!word_argument(vm, args, count, 1, {}, {"no", "full", "line"}, mode)) return vm.failure;
  std::int64_t size;
  if (!opt_integer(vm, args, count, 2, 0, size)) return vm.failure;
  constexpr Stream::Buffering kModes[] = {Stream::Buffering::None, Stream::Buffering::Full,
                                          Stream::Buffering::Line};
  stream->set_buffering(kModes[mode]);
  return return_one(args, Value::boolean(true));
}

int io_type(Vm& vm, Value* args, int count) {
  if (!arg_any(vm, args, count, 0)) return vm.failure;
  const FilePayload* payload = file_payload(args[0]);
  if (payload == nullptr) return return_one(args, Value::nil());
  return return_string(vm, args, stream_of(vm, *payload) != nullptr ? "file" : "closed file");
}

int file_tostring(Vm& vm, Value* args, int count) {
  FilePayload* payload;
  if (!file_argument(vm, args, count, 0, payload)) return vm.failure;
  if (stream_of(vm, *payload) == nullptr) return return_string(vm, args, "file (closed)");
  const std::string text = basic_text(vm, args[0]);  // "FILE*: 0x..."
  const std::size_t number = text.find("0x");
  return return_string(vm, args, "file (" + text.substr(number) + ")");
}

int delegate(Vm&, Value*, int) { return kDelegate; }

// ---- For the prelude.

// It needs no finalizer, as nothing closes it.
Userdata* new_standard_file(Vm& vm, FileKind kind) {
  Userdata* file = vm.heap.new_userdata(sizeof(FilePayload), 0);
  if (file == nullptr) return nullptr;
  *reinterpret_cast<FilePayload*>(file->payload()) = {kind, 0, 0};
  file->type = kFileUserdata;
  return file;
}

// intrinsic.io_default(name): "input" or "output".
int intrinsic_io_default(Vm& vm, Value* args, int count) {
  if (count != 1 || !args[0].is_string()) return throw_error(vm, "no default file");
  const std::string_view which =
      args[0].string()->view() == "input" ? kDefaultInput : kDefaultOutput;
  const Value file = default_file(vm, which);
  if (!file.is_nil()) return return_one(args, file);
  // There is no library of files in Luau.
  Userdata* standard =
      new_standard_file(vm, which == kDefaultInput ? FileKind::Input : FileKind::Output);
  return standard == nullptr ? kNoMemory
                             : return_one(args, Value::from_object(standard, Tag::Userdata));
}

// intrinsic.io_check(file): raises an error unless it is an open file.
int intrinsic_io_check(Vm& vm, Value* args, int count) {
  Stream* stream;
  if (!open_argument(vm, args, count, 0, stream)) return vm.failure;
  return return_none();
}

constexpr LibrarySet kAll = LibrarySet::All;

constexpr BuiltinRow kRows[] = {
    {"io.close", io_close, nullptr, kAll},
    {"io.flush", io_flush, nullptr, kAll},
    {"io.input", io_input, nullptr, kAll},
    {"io.lines", delegate, nullptr, kAll},
    {"io.open", io_open, nullptr, kAll},
    {"io.output", io_output, nullptr, kAll},
    {"io.popen", io_popen, nullptr, kAll},
    {"io.read", io_read, nullptr, kAll},
    {"io.tmpfile", io_tmpfile, nullptr, kAll},
    {"io.type", io_type, nullptr, kAll},
    {"io.write", io_write, nullptr, kAll},
    {"io:close", file_close, nullptr, kAll},
    {"io:flush", file_flush, nullptr, kAll},
    {"io:lines", delegate, nullptr, kAll},
    {"io:read", file_read, nullptr, kAll},
    {"io:seek", file_seek, nullptr, kAll},
    {"io:setvbuf", file_setvbuf, nullptr, kAll},
    {"io:write", file_write, nullptr, kAll},
    {"io:__close", file_collect, nullptr, kAll},
    {"io:__gc", file_collect, nullptr, kAll},
    {"io:__tostring", file_tostring, nullptr, kAll},
    {"intrinsic.io_check", intrinsic_io_check, nullptr, kAll},
    {"intrinsic.io_default", intrinsic_io_default, nullptr, kAll},
    {"intrinsic.io_open", intrinsic_io_open, nullptr, kAll},
    {"intrinsic.io_read", intrinsic_io_read, nullptr, kAll},
};

// Installs rows "io:<name>" under <name>.
bool install(Vm& vm, Table& table, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const int index = vm.builtins.find("io:" + std::string(name));
    ML_CHECK(index >= 0);
    const Value function = Value::from_builtin(static_cast<std::uint32_t>(index));
    if (!set_field(vm.heap, table, name, function)) return false;
  }
  return true;
}

Table* make_file_type(Vm& vm) {
  Table* type = vm.heap.new_table();
  Table* methods = vm.heap.new_table();
  String* name = vm.heap.new_string(kFileTypeName);
  if (type == nullptr || methods == nullptr || name == nullptr) return nullptr;
  const bool made =
      install(vm, *methods, {"close", "flush", "lines", "read", "seek", "setvbuf", "write"}) &&
      set_field(vm.heap, *type, "__name", Value::from(name)) &&
      set_field(vm.heap, *type, "__index", Value::from(methods)) &&
      install(vm, *type, {"__close", "__gc", "__tostring"}) &&
      set_field(vm.heap, *vm.heap.registry, kFileTypeName, Value::from(type));
  return made ? type : nullptr;
}

bool add_standard_file(Vm& vm, Table& library, Table& type, FileKind kind, std::string_view name,
                       std::string_view registry_key) {
  Userdata* file = new_standard_file(vm, kind);
  if (file == nullptr) return false;
  file->metatable = &type;
  const Value value = Value::from_object(file, Tag::Userdata);
  if (!registry_key.empty() && !set_field(vm.heap, *vm.heap.registry, registry_key, value)) {
    return false;
  }
  return set_field(vm.heap, library, name, value);
}

}  // namespace

std::span<const vm::BuiltinRow> io_rows() { return kRows; }

bool fill_io(vm::Vm& vm, vm::Table& library) {
  Table* type = make_file_type(vm);
  return type != nullptr &&
         add_standard_file(vm, library, *type, FileKind::Input, "stdin", kDefaultInput) &&
         add_standard_file(vm, library, *type, FileKind::Output, "stdout", kDefaultOutput) &&
         add_standard_file(vm, library, *type, FileKind::Error, "stderr", {});
}

}  // namespace moonlet::stdlib
