// Reading: one format a call; the prelude goes through several.
//
// What fits into the stream's buffer is read in one activation. A longer value is collected in a
// StringBuilder, one buffer an activation. The slots are then
//
//   args[0]  file   args[1]  format   args[2]  index of the format from 0; true: all is there
//   args[3]  bytes so far   args[4..6]  builder
//
// and args[4] holds a Buffer, which no argument of a script ever is.
#include "stdlib/io_numeral.hpp"
#include "stdlib/io_rows.hpp"
#include "stdlib/string_builder.hpp"

namespace moonlet::stdlib {

using namespace vm;

namespace {

constexpr int kSlots = 7;
constexpr int kSizeSlot = 3;
constexpr int kBuilderSlot = 4;

enum class ReadKind : std::uint8_t { Number, Line, LineWithEnd, All, Count };

struct ReadFormat {
  ReadKind kind = ReadKind::Line;
  std::uint64_t count = 0;
};

enum class FormatError : std::uint8_t { None, Invalid, NotInteger };

FormatError parse_format(const Value& value, ReadFormat& format) {
  if (value.is_nil()) return FormatError::None;
  if (value.is_number()) {
    std::int64_t count;
    if (!number_to_integer(value, count)) return FormatError::NotInteger;
    if (count < 0) return FormatError::Invalid;
    format = {ReadKind::Count, static_cast<std::uint64_t>(count)};
    return FormatError::None;
  }
  if (!value.is_string()) return FormatError::Invalid;
  std::string_view text = value.string()->view();
  if (text.starts_with('*')) text.remove_prefix(1);  // as in older versions
  switch (text.empty() ? '\0' : text[0]) {
    case 'n':
      format.kind = ReadKind::Number;
      return FormatError::None;
    case 'l':
      format.kind = ReadKind::Line;
      return FormatError::None;
    case 'L':
      format.kind = ReadKind::LineWithEnd;
      return FormatError::None;
    case 'a':
      format.kind = ReadKind::All;
      return FormatError::None;
    default:
      return FormatError::Invalid;
  }
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool goes_on(const Value* args, int count) {
  return count == kSlots && is_buffer(args[kBuilderSlot]);
}

// What is to be read; the function's arguments stay as they are until the first activation ends.
struct Request {
  Value file;
  Value format;
  int index;  // of the format among the arguments, from 0
};

class Reader {
 public:
  Reader(Vm& vm, Value* args, const Request& request, Stream& stream, const ReadFormat& format)
      : vm_(vm),
        args_(args),
        request_(request),
        stream_(stream),
        format_(format),
        work_(vm),
        builder_(vm) {}

  bool load(int count) {
    if (!goes_on(args_, count)) return true;  // begins
    const Value& size = args_[kSizeSlot];
    if (!size.is_integer() || size.integer < 0 || size.integer > 0x7fffffff) return false;
    is_complete_ = args_[2].is(Tag::True);
    return size.integer == 0 ||
           builder_.load(args_ + kBuilderSlot, static_cast<std::uint32_t>(size.integer));
  }

  int run() {
    if (is_complete_) return finish();
    switch (format_.kind) {
      case ReadKind::Number:
        return read_number();
      case ReadKind::Line:
      case ReadKind::LineWithEnd:
        return read_line();
      case ReadKind::All:
        break;
      case ReadKind::Count:
        if (format_.count == 0) return test_end();
        break;
    }
    return read_bytes();
  }

 private:
  // Reads on. False: `answer` is what to answer.
  Stream::Fill fill() {
    if (stream_.origin() == Stream::Origin::Standard) vm_.host->flush();  // a question, perhaps
    return stream_.fill();
  }
  int fail() { return return_system_error(vm_, args_, {}, stream_.error()); }

  int read_number() {
    std::size_t skipped = 0;
    for (;;) {
      const std::string_view text = stream_.peek();
      std::size_t spaces = 0;
      while (spaces < text.size() && is_space(text[spaces])) ++spaces;
      stream_.take(spaces);
      if (spaces < text.size()) break;
      skipped += spaces;
      if (skipped >= Stream::kBufferSize) return suspend();
      const Stream::Fill filled = fill();
      if (filled == Stream::Fill::Error) return fail();
      if (filled == Stream::Fill::End) return return_one(args_, Value::nil());
    }
    NumeralReader numeral(stream_);
    if (!numeral.read()) return fail();
    return return_one(args_, numeral.number());
  }

  int read_line() {
    std::size_t searched = 0;
    for (;;) {
      const std::string_view text = stream_.peek();
      const std::size_t end = text.find('\n', searched);
      if (end != std::string_view::npos) {
        const bool keeps_end = format_.kind == ReadKind::LineWithEnd;
        return deliver(text.substr(0, keeps_end ? end + 1 : end), end + 1);
      }
      if (stream_.is_full()) return put_away(text);
      searched = text.size();
      const Stream::Fill filled = fill();
      if (filled == Stream::Fill::Error) return fail();
      if (filled == Stream::Fill::End) return deliver_rest(stream_.peek());
    }
  }

  int read_bytes() {
    const bool is_all = format_.kind == ReadKind::All;
    const std::uint64_t wanted = is_all ? UINT64_MAX : format_.count - builder_.size();
    for (;;) {
      const std::string_view text = stream_.peek();
      if (text.size() >= wanted) {
        return deliver(text.substr(0, static_cast<std::size_t>(wanted)),
                       static_cast<std::size_t>(wanted));
      }
      if (stream_.is_full()) return put_away(text);
      const Stream::Fill filled = fill();
      if (filled == Stream::Fill::Error) return fail();
      if (filled == Stream::Fill::End) {
        return is_all ? deliver(stream_.peek(), stream_.peek().size())
                      : deliver_rest(stream_.peek());
      }
    }
  }

  int test_end() {
    if (stream_.peek().empty()) {
      const Stream::Fill filled = fill();
      if (filled == Stream::Fill::Error) return fail();
      if (filled == Stream::Fill::End) return return_one(args_, Value::nil());
    }
    return return_string(vm_, args_, {});
  }

  // The last bytes of a file: nothing at all is the end.
  int deliver_rest(std::string_view text) {
    if (text.empty() && builder_.size() == 0) return return_one(args_, Value::nil());
    return deliver(text, text.size());
  }

  // The value ends with `text`; `size` bytes of the stream are used up.
  int deliver(std::string_view text, std::size_t size) {
    if (builder_.size() == 0) {
      String* string = vm_.heap.new_string(text);
      if (string == nullptr) return kNoMemory;
      stream_.take(size);
      work_.budget -= static_cast<std::int64_t>(size);
      return work_.end(return_one(args_, Value::from(string)));
    }
    is_complete_ = true;
    return put_away(text, size);
  }

  int put_away(std::string_view text) { return put_away(text, text.size()); }

  // Adds to the builder and comes back.
  int put_away(std::string_view text, std::size_t size) {
    switch (builder_.append(text)) {
      case Append::Ok:
        break;
      case Append::NoMemory:
        return kNoMemory;
      case Append::TooLarge:
        return throw_too_large(vm_);
    }
    work_.budget -= static_cast<std::int64_t>(text.size());
    const int answer = suspend();
    if (answer == kAgain) stream_.take(size);
    return answer;
  }

  int suspend() {
    if (!builder_.prepare()) return kNoMemory;
    Buffer* mark = nullptr;
    if (builder_.size() == 0) {
      mark = vm_.heap.new_buffer(0);
      if (mark == nullptr) return kNoMemory;
    }
    // Nothing may fail from here on: an activation that is repeated finds its arguments unchanged.
    args_[0] = request_.file;
    args_[1] = request_.format;
    args_[2] = is_complete_ ? Value::boolean(true) : Value::from(request_.index);
    args_[kBuilderSlot + 2] = Value::nil();
    args_[kSizeSlot] = Value::from(static_cast<std::int64_t>(builder_.size()));
    builder_.commit(args_ + kBuilderSlot);
    if (mark != nullptr) args_[kBuilderSlot] = Value::from(mark);
    return work_.again(kSlots);
  }

  int finish() {
    Value* slots = args_ + kBuilderSlot;
    switch (builder_.finish(slots, work_.budget)) {
      case Making::NoMemory:
        return kNoMemory;
      case Making::Running:
        return work_.again(kSlots);
      case Making::Done:
        break;
    }
    return work_.end(return_one(args_, slots[2]));
  }

  Vm& vm_;
  Value* args_;
  Request request_;
  Stream& stream_;
  ReadFormat format_;
  Work work_;
  StringBuilder builder_;
  bool is_complete_ = false;
};

int read_value(Vm& vm, Value* args, int count, Stream& stream, const Request& request) {
  ReadFormat format;
  switch (parse_format(request.format, format)) {
    case FormatError::None:
      break;
    case FormatError::Invalid:
      return throw_arg_error(vm, request.index, "invalid format");
    case FormatError::NotInteger:
      return throw_arg_error(vm, request.index, "number has no integer representation");
  }
  Reader reader(vm, args, request, stream, format);
  if (!reader.load(count)) return throw_corrupt(vm);
  return reader.run();
}

// For the prelude and for what goes on: files that were open, but may have been closed meanwhile.
Stream* reading_stream(Vm& vm, const Value& file) {
  const FilePayload* payload = file_payload(file);
  Stream* stream = payload == nullptr ? nullptr : stream_of(vm, *payload);
  if (stream == nullptr) throw_error(vm, "file is already closed");
  return stream;
}

int read_on(Vm& vm, Value* args, int count) {
  Stream* stream = reading_stream(vm, args[0]);
  if (stream == nullptr) return vm.failure;
  const int index = args[2].is_integer() ? static_cast<int>(args[2].integer) : 0;
  return read_value(vm, args, count, *stream, {args[0], args[1], index});
}

// Anything else is no format, whatever it says.
bool is_format(const Value& value) { return value.is_string() || value.is_number(); }

}  // namespace

int intrinsic_io_read(Vm& vm, Value* args, int count) {
  if (goes_on(args, count)) return read_on(vm, args, count);
  if (count != 3 || !args[2].is_integer()) return throw_corrupt(vm);
  const int index = static_cast<int>(args[2].integer) - 1;
  if (!args[1].is_nil() && !is_format(args[1])) {
    return throw_arg_error(vm, index,
                           "string expected, got " + std::string(type_name(vm, args[1])));
  }
  Stream* stream = reading_stream(vm, args[0]);
  if (stream == nullptr) return vm.failure;
  return read_value(vm, args, count, *stream, {args[0], args[1], index});
}

int file_read(Vm& vm, Value* args, int count) {
  if (goes_on(args, count)) return read_on(vm, args, count);
  Stream* stream;
  if (!open_argument(vm, args, count, 0, stream)) return vm.failure;
  if (count > 2) return kDelegate;
  if (count == 2 && !is_format(args[1])) return throw_type_error(vm, args, count, 1, "string");
  return read_value(vm, args, count, *stream, {args[0], count == 2 ? args[1] : Value::nil(), 1});
}

int io_read(Vm& vm, Value* args, int count) {
  if (goes_on(args, count)) return read_on(vm, args, count);
  Stream* stream;
  if (!open_default(vm, kDefaultInput, stream)) return vm.failure;
  if (count > 1) return kDelegate;
  if (count == 1 && !is_format(args[0])) return throw_type_error(vm, args, count, 0, "string");
  const Value file = default_file(vm, kDefaultInput);
  return read_value(vm, args, count, *stream, {file, count == 1 ? args[0] : Value::nil(), 0});
}

}  // namespace moonlet::stdlib
