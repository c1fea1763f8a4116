#include "stdlib/io_files.hpp"

#include <cstring>

namespace moonlet::stdlib {

using namespace vm;

namespace os = base::os;

FileTable& ensure_files(Vm& vm) {
  if (vm.files == nullptr) {
    vm.files = {new FileTable, [](FileTable* files) { delete files; }};
  }
  return *vm.files;
}

FilePayload* file_payload(const Value& value) {
  if (!value.is_userdata()) return nullptr;
  Userdata* userdata = value.userdata();
  if (userdata->type != kFileUserdata || userdata->size != sizeof(FilePayload)) return nullptr;
  return reinterpret_cast<FilePayload*>(userdata->payload());
}

bool is_plain_file(const Userdata& userdata) {
  const FilePayload* payload = file_payload(Value::from(const_cast<Userdata*>(&userdata)));
  return payload != nullptr && payload->kind != FileKind::Opened;
}

bool is_plain_userdata(const Userdata& userdata) {
  return (userdata.type == vm::kProxyUserdata && userdata.size == 0) || is_plain_file(userdata);
}

Stream* stream_of(Vm& vm, const FilePayload& payload) {
  if (payload.kind == FileKind::Closed) return nullptr;
  FileTable& files = ensure_files(vm);
  switch (payload.kind) {
    case FileKind::Input:
      return &files.input;
    case FileKind::Output:
      return &files.output;
    case FileKind::Error:
      return &files.error;
    case FileKind::Opened:
      break;
    default:
      return nullptr;  // only in a forged state
  }
  const auto place = files.opened.find(payload.number);
  return place == files.opened.end() ? nullptr : place->second.get();
}

bool file_argument(Vm& vm, Value* args, int count, int index, FilePayload*& out) {
  out = index < count ? file_payload(args[index]) : nullptr;
  if (out != nullptr) return true;
  throw_type_error(vm, args, count, index, kFileTypeName);
  return false;
}

bool open_argument(Vm& vm, Value* args, int count, int index, Stream*& out) {
  FilePayload* payload;
  if (!file_argument(vm, args, count, index, payload)) return false;
  out = stream_of(vm, *payload);
  if (out != nullptr) return true;
  throw_error(vm, "attempt to use a closed file");
  return false;
}

Userdata* new_file(Vm& vm) {
  const Value type = get_field(vm.heap, *vm.heap.registry, kFileTypeName);
  if (!type.is_table()) return nullptr;
  Userdata* file = vm.heap.new_userdata(sizeof(FilePayload), 0);
  if (file == nullptr) return nullptr;
  const FilePayload closed{FileKind::Closed, 0, 0};
  std::memcpy(file->payload(), &closed, sizeof closed);
  file->metatable = type.table();
  file->type = kFileUserdata;
  // Its stream is found by its identity.
  if (!vm.heap.can_identify(file) || !vm.heap.register_finalizer(file)) return nullptr;
  return file;
}

void attach_stream(Vm& vm, Userdata& file, std::unique_ptr<Stream> stream) {
  const FilePayload opened{FileKind::Opened, 0, vm.heap.identity(&file)};
  std::memcpy(file.payload(), &opened, sizeof opened);
  ensure_files(vm).opened[opened.number] = std::move(stream);
}

std::unique_ptr<Stream> detach_stream(Vm& vm, FilePayload& payload) {
  std::unique_ptr<Stream> stream;
  FileTable& files = ensure_files(vm);
  const auto place = files.opened.find(payload.number);
  if (place != files.opened.end()) {
    stream = std::move(place->second);
    files.opened.erase(place);
  }
  payload = {FileKind::Closed, 0, 0};
  return stream;
}

int return_system_error(Vm& vm, Value* args, std::string_view name, int error) {
  std::string message(name);
  if (!message.empty()) message += ": ";
  message += os::error_text(error);
  // The operation is over and must not be repeated.
  String* text = new_string_collecting(vm, message);
  if (text == nullptr) return throw_memory(vm);
  args[-1] = Value::nil();
  args[0] = Value::from(text);
  args[1] = Value::from(error);
  return 3;
}

int return_system_result(Vm& vm, Value* args, std::string_view name, int error) {
  if (error != 0) return return_system_error(vm, args, name, error);
  return return_one(args, Value::boolean(true));
}

bool make_exit_words(Vm& vm, ExitWords& words) {
  words = {vm.heap.new_string("exit"), vm.heap.new_string("signal")};
  return words.exit != nullptr && words.signal != nullptr;
}

int return_exit_status(Vm& vm, Value* args, const ExitWords& words, const os::ExitStatus& status) {
  if (status.kind == os::ExitStatus::Kind::NotStarted) {
    return return_system_error(vm, args, {}, status.code);
  }
  const bool has_exited = status.kind == os::ExitStatus::Kind::Exited;
  args[-1] = has_exited && status.code == 0 ? Value::boolean(true) : Value::nil();
  args[0] = Value::from(has_exited ? words.exit : words.signal);
  args[1] = Value::from(status.code);
  return 3;
}

}  // namespace moonlet::stdlib
