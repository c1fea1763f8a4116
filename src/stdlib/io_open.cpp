// Opening and closing files; the default files.
#include "stdlib/io_rows.hpp"

namespace moonlet::stdlib {

using namespace vm;

namespace os = base::os;

namespace {

// "r", "w" or "a", then perhaps "+", then any number of "b".
bool parse_mode(std::string_view text, os::OpenMode& mode) {
  if (text.empty()) return false;
  const char kind = text[0];
  const bool is_update = text.size() > 1 && text[1] == '+';
  if (text.find_first_not_of('b', is_update ? 2 : 1) != std::string_view::npos) return false;
  switch (kind) {
    case 'r':
      mode = {true, is_update, false, false, false};
      return true;
    case 'w':
      mode = {is_update, true, true, true, false};
      return true;
    case 'a':
      mode = {is_update, true, true, false, true};
      return true;
    default:
      return false;
  }
}

std::expected<std::unique_ptr<Stream>, int> open_stream(std::string_view name,
                                                        const os::OpenMode& mode) {
  const auto descriptor = os::open_file(std::string(name), mode);
  if (!descriptor) return std::unexpected(descriptor.error());
  return std::make_unique<Stream>(*descriptor, Stream::Permissions{mode.can_read, mode.can_write},
                                  Stream::Origin::File);
}

// Opens a file for a default or for lines: an error is raised.
int open_or_throw(Vm& vm, std::string_view name, const os::OpenMode& mode, Value& out) {
  Userdata* file = new_file(vm);
  if (file == nullptr) return kNoMemory;
  auto stream = open_stream(name, mode);
  if (!stream) {
    return throw_error(vm, {"cannot open file '", std::string(name).c_str(), "' (",
                            os::error_text(stream.error()), ")"});
  }
  attach_stream(vm, *file, std::move(*stream));
  out = Value::from_object(file, Tag::Userdata);
  return 1;
}

int exchange_default(Vm& vm, Value* args, int count, std::string_view which,
                     std::string_view mode_text) {
  if (!is_none_or_nil(args, count, 0)) {
    Value file = args[0];
    if (file.is_string() || file.is_number()) {
      String* name;
      if (!arg_string(vm, args, count, 0, name)) return vm.failure;
      os::OpenMode mode;
      parse_mode(mode_text, mode);
      const int answer = open_or_throw(vm, name->view(), mode, file);
      if (answer < 0) return answer;
    } else {
      Stream* stream;
      if (!open_argument(vm, args, count, 0, stream)) return vm.failure;
    }
    if (!set_field(vm.heap, *vm.heap.registry, which, file)) return kNoMemory;
  }
  return return_one(args, get_field(vm.heap, *vm.heap.registry, which));
}

int close_value(Vm& vm, Value* args, FilePayload& payload) {
  if (payload.kind != FileKind::Opened) {
    String* message = vm.heap.new_string("cannot close standard file");
    if (message == nullptr) return kNoMemory;
    return return_two(args, Value::nil(), Value::from(message));
  }
  ExitWords words;
  if (!make_exit_words(vm, words)) return kNoMemory;
  const std::unique_ptr<Stream> stream = detach_stream(vm, payload);
  if (stream->origin() == Stream::Origin::Program) {
    return return_exit_status(vm, args, words, stream->close_program());
  }
  const int error = stream->close_file() ? 0 : stream->error();
  return return_system_result(vm, args, {}, error);
}

}  // namespace

Value default_file(Vm& vm, std::string_view which) {
  return get_field(vm.heap, *vm.heap.registry, which);
}

bool open_default(Vm& vm, std::string_view which, Stream*& out) {
  const FilePayload* payload = file_payload(default_file(vm, which));
  out = payload == nullptr ? nullptr : stream_of(vm, *payload);
  if (out != nullptr) return true;
  throw_error(vm, which == kDefaultInput ? "default input file is closed"
                                         : "default output file is closed");
  return false;
}

// io.open(name [, mode])
int io_open(Vm& vm, Value* args, int count) {
  String* name;
  if (!arg_string(vm, args, count, 0, name)) return vm.failure;
  std::string_view mode_text = "r";
  if (!is_none_or_nil(args, count, 1)) {
    String* text;
    if (!arg_string(vm, args, count, 1, text)) return vm.failure;
    mode_text = text->view();
  }
  os::OpenMode mode;
  if (!parse_mode(mode_text, mode)) return throw_arg_error(vm, 1, "invalid mode");
  Userdata* file = new_file(vm);
  if (file == nullptr) return kNoMemory;
  auto stream = open_stream(name->view(), mode);
  if (!stream) return return_system_error(vm, args, name->data(), stream.error());
  attach_stream(vm, *file, std::move(*stream));
  return return_one(args, Value::from_object(file, Tag::Userdata));
}

// io.popen(command [, mode])
int io_popen(Vm& vm, Value* args, int count) {
  String* command;
  if (!arg_string(vm, args, count, 0, command)) return vm.failure;
  std::string_view mode = "r";
  if (!is_none_or_nil(args, count, 1)) {
    String* text;
    if (!arg_string(vm, args, count, 1, text)) return vm.failure;
    mode = text->view();
  }
  if (mode != "r" && mode != "w") return throw_arg_error(vm, 1, "invalid mode");
  Userdata* file = new_file(vm);
  if (file == nullptr) return kNoMemory;
  // The program must not see our output after its own.
  vm.host->flush();
  for (auto& [number, stream] : ensure_files(vm).opened) static_cast<void>(stream->flush());
  const bool reads = mode == "r";
  const auto pipe = os::open_pipe(
      command->data(), reads ? os::PipeDirection::FromCommand : os::PipeDirection::ToCommand);
  if (!pipe) return return_system_error(vm, args, command->data(), pipe.error());
  attach_stream(vm, *file, std::make_unique<Stream>(*pipe, Stream::Permissions{reads, !reads}));
  return return_one(args, Value::from_object(file, Tag::Userdata));
}

int io_tmpfile(Vm& vm, Value* args, int) {
  Userdata* file = new_file(vm);
  if (file == nullptr) return kNoMemory;
  const auto descriptor = os::open_temporary_file();
  if (!descriptor) return return_system_error(vm, args, {}, descriptor.error());
  attach_stream(
      vm, *file,
      std::make_unique<Stream>(*descriptor, Stream::Permissions{true, true}, Stream::Origin::File));
  return return_one(args, Value::from_object(file, Tag::Userdata));
}

int io_input(Vm& vm, Value* args, int count) {
  return exchange_default(vm, args, count, kDefaultInput, "r");
}

int io_output(Vm& vm, Value* args, int count) {
  return exchange_default(vm, args, count, kDefaultOutput, "w");
}

int intrinsic_io_open(Vm& vm, Value* args, int count) {
  if (count != 1 || !args[0].is_string()) return throw_error(vm, "no file name");
  Value file;
  const int answer =
      open_or_throw(vm, args[0].string()->view(), {true, false, false, false, false}, file);
  return answer < 0 ? answer : return_one(args, file);
}

// io.close([file])
int io_close(Vm& vm, Value* args, int count) {
  if (count == 0) {
    Stream* stream;
    if (!open_default(vm, kDefaultOutput, stream)) return vm.failure;
    return close_value(vm, args, *file_payload(default_file(vm, kDefaultOutput)));
  }
  return file_close(vm, args, count);
}

int file_close(Vm& vm, Value* args, int count) {
  Stream* stream;
  if (!open_argument(vm, args, count, 0, stream)) return vm.failure;
  return close_value(vm, args, *file_payload(args[0]));
}

// __gc and __close: closes what is still open, and says nothing.
int file_collect(Vm& vm, Value* args, int count) {
  FilePayload* payload;
  if (!file_argument(vm, args, count, 0, payload)) return vm.failure;
  if (payload->kind == FileKind::Opened) detach_stream(vm, *payload);
  return return_none();
}

}  // namespace moonlet::stdlib
