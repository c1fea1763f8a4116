// The os library. Time and processor time are the host's; dates are os_date.cpp's; what is left
// asks the operating system, and is not there in the safe set.
#include <algorithm>
#include <cmath>

#include "base/os/process.hpp"
#include "stdlib/io_files.hpp"
#include "stdlib/library.hpp"
#include "stdlib/luau/arguments.hpp"
#include "stdlib/luau/rows.hpp"
#include "stdlib/os_date.hpp"
#include "stdlib/string_builder.hpp"

namespace moonlet::stdlib {

using namespace vm;

namespace os = base::os;

namespace {

int os_clock(Vm& vm, Value* args, int) {
  return return_one(args, Value::from(vm.host->clock_seconds()));
}

int os_difftime(Vm& vm, Value* args, int count) {
  std::int64_t later;
  std::int64_t earlier;
  if (!arg_integer(vm, args, count, 0, later)) return vm.failure;
  if (!arg_integer(vm, args, count, 1, earlier)) return vm.failure;
  return return_one(args, Value::from(static_cast<double>(later) - static_cast<double>(earlier)));
}

// The fields of a date that prelude and script see, in a table or as results.
bool set_date_fields(Vm& vm, Table& table, const os::CalendarTime& time) {
  const bool is_luau = vm.dialect == Dialect::Luau;
  const auto set = [&](std::string_view name, std::int64_t value) {
    return set_field(vm.heap, table, name,
                     is_luau ? Value::from(static_cast<double>(value)) : Value::from(value));
  };
  const bool done = set("year", time.year) && set("month", time.month) && set("day", time.day) &&
                    set("hour", time.hour) && set("min", time.minute) && set("sec", time.second) &&
                    set("yday", time.day_of_year + 1) && set("wday", time.weekday + 1);
  if (!done || time.is_daylight_saving < 0) return done;
  return set_field(vm.heap, table, "isdst", Value::boolean(time.is_daylight_saving > 0));
}

// Slots of os.date while a long format is expanded: its arguments, the position, the bytes so far
// and the builder. args[kBuilderSlot] is a Buffer then.
constexpr int kPositionSlot = 2;
constexpr int kSizeSlot = 3;
constexpr int kBuilderSlot = 4;
constexpr int kDateSlots = kBuilderSlot + StringBuilder::kSlots;

class DateFormatter {
 public:
  DateFormatter(Vm& vm, Value* args, const Value& format, std::int64_t seconds,
                const os::CalendarTime& time)
      : vm_(vm),
        args_(args),
        format_(format),
        seconds_(seconds),
        time_(time),
        work_(vm),
        builder_(vm) {}

  int begin(std::size_t position) {
    position_ = position;
    return run();
  }

  int go_on() {
    const Value& position = args_[kPositionSlot];
    const Value& size = args_[kSizeSlot];
    if (!position.is_integer() || !size.is_integer()) return throw_corrupt(vm_);
    if (position.integer < 0 || size.integer < 1 || size.integer > 0x7fffffff) {
      return throw_corrupt(vm_);
    }
    position_ = static_cast<std::size_t>(position.integer);
    if (position_ > text().size() ||
        !builder_.load(args_ + kBuilderSlot, static_cast<std::uint32_t>(size.integer))) {
      return throw_corrupt(vm_);
    }
    has_slots_ = true;
    return run();
  }

 private:
  std::string_view text() const { return format_.string()->view(); }

  int run() {
    std::string item;
    while (position_ < text().size()) {
      if (work_.is_over()) return suspend();
      std::string_view rest = text().substr(position_);
      if (rest[0] != '%') {
        constexpr std::size_t kPiece = 4096;
        rest = rest.substr(0, std::min(rest.find('%'), kPiece));
        position_ += rest.size();
      } else {
        rest.remove_prefix(1);
        const bool is_luau = vm_.dialect == Dialect::Luau;
        const std::size_t size = is_luau ? luau_specifier_size(rest) : specifier_size(rest);
        if (is_luau && rest.empty()) {
          position_ += 1;  // a '%' at the end is itself
          rest = "%";
        } else if (size == 0 && is_luau) {
          return throw_arg_error(vm_, 0, "invalid conversion specifier");
        } else if (size == 0) {
          return throw_arg_error(
              vm_, 0, "invalid conversion specifier '%" + std::string(rest.data()) + "'");
        }
        if (size != 0) {
          item.clear();
          append_date_item(item, rest.substr(0, size), time_);
          position_ += 1 + size;
          rest = item;
        }
      }
      switch (builder_.append(rest)) {
        case Append::Ok:
          break;
        case Append::NoMemory:
          return kNoMemory;
        case Append::TooLarge:
          return throw_too_large(vm_);
      }
      work_.budget -= static_cast<std::int64_t>(rest.size()) + 64;
    }
    return finish();
  }

  int finish() {
    Value slots[StringBuilder::kSlots] = {Value::nil(), Value::nil(), Value::nil()};
    if (has_slots_) slots[2] = args_[kBuilderSlot + 2];
    switch (builder_.finish(slots, work_.budget)) {
      case Making::NoMemory:
        return kNoMemory;
      case Making::Done:
        return work_.end(return_one(args_, slots[2]));
      case Making::Running:
        break;
    }
    const int answer = suspend();
    if (answer == kAgain) args_[kBuilderSlot + 2] = slots[2];
    return answer;
  }

  int suspend() {
    if (!builder_.prepare()) return kNoMemory;
    args_[0] = format_;
    args_[1] = Value::from(seconds_);
    args_[kPositionSlot] = Value::from(static_cast<std::int64_t>(position_));
    args_[kSizeSlot] = Value::from(static_cast<std::int64_t>(builder_.size()));
    if (!has_slots_) args_[kBuilderSlot + 2] = Value::nil();
    builder_.commit(args_ + kBuilderSlot);
    return work_.again(kDateSlots);
  }

  Vm& vm_;
  Value* args_;
  Value format_;
  std::int64_t seconds_;
  const os::CalendarTime& time_;
  Work work_;
  StringBuilder builder_;
  std::size_t position_ = 0;
  bool has_slots_ = false;
};

// os.date([format [, time]])
int os_date(Vm& vm, Value* args, int count) {
  const bool goes_on = count == kDateSlots && is_buffer(args[kBuilderSlot]);
  Value format = Value::nil();
  if (is_none_or_nil(args, count, 0)) {
    String* text = vm.heap.new_string("%c");
    if (text == nullptr) return kNoMemory;
    format = Value::from(text);
  } else {
    String* text;
    if (!arg_string(vm, args, count, 0, text)) return vm.failure;
    format = args[0];
  }
  std::int64_t seconds;
  if (is_none_or_nil(args, count, 1)) {
    seconds = vm.host->time_seconds();
  } else if (!arg_integer(vm, args, count, 1, seconds)) {
    return vm.failure;
  }
  const std::string_view text = format.string()->view();
  const bool is_utc = text.starts_with('!');
  const auto time = is_utc || vm.host->uses_utc() ? utc_time(seconds) : os::local_time(seconds);
  const bool is_luau = vm.dialect == Dialect::Luau;
  if (is_luau && (!time || (!is_utc && seconds < 0))) return return_one(args, Value::nil());
  if (!time) {
    return throw_error(vm, "date result cannot be represented in this installation");
  }
  DateFormatter formatter(vm, args, format, seconds, *time);
  if (goes_on) return formatter.go_on();
  if (text.substr(is_utc ? 1 : 0) == "*t") {
    Table* table = vm.heap.new_table(0, 9);
    if (table == nullptr || !set_date_fields(vm, *table, *time)) return kNoMemory;
    return return_one(args, Value::from(table));
  }
  return formatter.begin(is_utc ? 1 : 0);
}

// Luau's os.time takes dates for UTC, reads fields without metamethods, and changes none.
int luau_time(Vm& vm, Value* args, int count) {
  if (is_none_or_nil(args, count, 0)) {
    return return_one(args, Value::from(static_cast<double>(vm.host->time_seconds())));
  }
  Table* date;
  if (!arg_table(vm, args, count, 0, date)) return vm.failure;
  constexpr std::string_view kNames[] = {"sec", "min", "hour", "day", "month", "year"};
  constexpr int kDefaults[] = {0, 0, 12, -1, -1, -1};
  int fields[6];
  for (std::size_t n = 0; n < 6; ++n) {
    Value number;
    double value;
    if (to_number(heap::get_field(vm.heap, *date, kNames[n]), number)) {
      value = number.is_integer() ? static_cast<double>(number.integer) : number.number;
      fields[n] = luau::to_int(value);
    } else if (kDefaults[n] < 0) {
      return throw_error(vm, {"field '", kNames[n], "' missing in date table"});
    } else {
      fields[n] = kDefaults[n];
    }
  }
  const auto earlier = [](int a, int b) {
    return static_cast<int>(std::max(std::int64_t{a} - b, std::int64_t{INT32_MIN}));
  };
  const auto time = normalize_utc_time({earlier(fields[5], 1900), earlier(fields[4], 1), fields[3],
                                        fields[2], fields[1], fields[0], 0});
  if (!time || time->seconds < 0) return return_one(args, Value::nil());
  return return_one(args, Value::from(static_cast<double>(time->seconds)));
}

int luau_difftime(Vm& vm, Value* args, int count) {
  double later;
  double earlier;
  if (!arg_number(vm, args, count, 0, later) || !opt_number(vm, args, count, 1, 0, earlier)) {
    return vm.failure;
  }
  return return_one(args, Value::from(std::trunc(later) - std::trunc(earlier)));
}

// os.time([date]): the prelude reads a date's fields.
int os_time(Vm& vm, Value* args, int count) {
  if (!is_none_or_nil(args, count, 0)) return kDelegate;
  return return_one(args, Value::from(vm.host->time_seconds()));
}

// intrinsic.os_normalize(year, month, day, hour, min, sec, isdst): seconds since 1970 and the
// fields in their ranges, with yday, wday and isdst. Year and month count from 1900 and 0; isdst is
// 1, 0 or -1.
int intrinsic_os_normalize(Vm& vm, Value* args, int count) {
  int fields[7];
  if (count != 7) return throw_corrupt(vm);
  for (int i = 0; i < 7; ++i) {
    if (!args[i].is_integer() || args[i].integer < INT32_MIN || args[i].integer > INT32_MAX) {
      return throw_corrupt(vm);
    }
    fields[i] = static_cast<int>(args[i].integer);
  }
  const os::DateFields date_fields{fields[0], fields[1], fields[2], fields[3],
                                   fields[4], fields[5], fields[6]};
  const auto time =
      vm.host->uses_utc() ? normalize_utc_time(date_fields) : os::normalize_local_time(date_fields);
  if (!time) {
    return throw_error(vm, "time result cannot be represented in this installation");
  }
  const os::CalendarTime& date = time->calendar;
  Value* results = args - 1;
  const std::int64_t numbers[] = {time->seconds,   date.year,   date.month,  date.day,
                                  date.hour,       date.minute, date.second, date.day_of_year + 1,
                                  date.weekday + 1};
  for (const std::int64_t number : numbers) *results++ = Value::from(number);
  const int dst = date.is_daylight_saving;
  *results++ = dst < 0 ? Value::nil() : Value::boolean(dst > 0);
  return static_cast<int>(results - (args - 1));
}

int os_getenv(Vm& vm, Value* args, int count) {
  String* name;
  if (!arg_string(vm, args, count, 0, name)) return vm.failure;
  const auto value = os::environment_variable(name->data());
  if (!value) return return_one(args, Value::nil());
  return return_string(vm, args, *value);
}

int os_remove(Vm& vm, Value* args, int count) {
  String* name;
  if (!arg_string(vm, args, count, 0, name)) return vm.failure;
  return return_system_result(vm, args, name->data(), os::remove_path(name->data()));
}

int os_rename(Vm& vm, Value* args, int count) {
  String* from;
  String* to;
  if (!arg_string(vm, args, count, 0, from)) return vm.failure;
  if (!arg_string(vm, args, count, 1, to)) return vm.failure;
  return return_system_result(vm, args, {}, os::rename_path(from->data(), to->data()));
}

int os_tmpname(Vm& vm, Value* args, int) {
  const auto name = os::make_temporary_name();
  if (!name) return throw_error(vm, "unable to generate a unique filename");
  String* text = vm.heap.new_string(*name);
  if (text != nullptr) return return_one(args, Value::from(text));
  os::remove_path(*name);
  return kNoMemory;
}

int os_execute(Vm& vm, Value* args, int count) {
  if (is_none_or_nil(args, count, 0)) return return_one(args, Value::boolean(os::has_shell()));
  String* command;
  ExitWords words;
  if (!arg_string(vm, args, count, 0, command)) return vm.failure;
  if (!make_exit_words(vm, words)) return kNoMemory;
  vm.host->flush();
  return return_exit_status(vm, args, words, os::run_command(command->data()));
}

// os.setlocale([locale [, category]]): there is only the C locale.
int os_setlocale(Vm& vm, Value* args, int count) {
  constexpr std::string_view kCategories[] = {"all",      "collate", "ctype",
                                              "monetary", "numeric", "time"};
  std::string_view locale;
  if (!is_none_or_nil(args, count, 0)) {
    String* text;
    if (!arg_string(vm, args, count, 0, text)) return vm.failure;
    locale = text->view();
  }
  if (!is_none_or_nil(args, count, 1)) {
    String* category;
    if (!arg_string(vm, args, count, 1, category)) return vm.failure;
    bool is_known = false;
    for (const std::string_view name : kCategories) is_known |= name == category->view();
    if (!is_known) {
      return throw_arg_error(vm, 1, "invalid option '" + std::string(category->view()) + "'");
    }
  }
  if (locale.empty() || locale == "C" || locale == "POSIX") return return_string(vm, args, "C");
  return return_one(args, Value::nil());
}

// os.exit([code [, close]])
int os_exit(Vm& vm, Value* args, int count) {
  std::int64_t code = 0;
  if (count > 0 && args[0].is_boolean()) {
    code = args[0].is(Tag::True) ? 0 : 1;
  } else if (!opt_integer(vm, args, count, 0, 0, code)) {
    return vm.failure;
  }
  vm.exit_code = static_cast<int>(code);
  vm.exit_closes = count > 1 && !args[1].is_falsy();
  vm.outcome = Outcome::Exit;
  // A host that goes on with the program gets the same answer.
  heap::Thread& thread = *vm.thread();
  thread.base = args;
  thread.top = args + count;
  thread.entry = heap::ThreadEntry::StartBuiltin;
  return kStop;
}

constexpr LibrarySet kAll = LibrarySet::All;

constexpr BuiltinRow kRows[] = {
    {"os.clock", os_clock},
    {"os.date", os_date},
    {"os.difftime", os_difftime},
    {"os.execute", os_execute, nullptr, kAll},
    {"os.exit", os_exit, nullptr, kAll},
    {"os.getenv", os_getenv, nullptr, kAll},
    {"os.remove", os_remove, nullptr, kAll},
    {"os.rename", os_rename, nullptr, kAll},
    {"os.setlocale", os_setlocale, nullptr, kAll},
    {"os.time", os_time},
    {"os.tmpname", os_tmpname, nullptr, kAll},
    {"intrinsic.os_normalize", intrinsic_os_normalize},
};

constexpr BuiltinRow kLuauRows[] = {
    {"luau:os.clock", os_clock},
    {"luau:os.date", os_date},
    {"luau:os.difftime", luau_difftime},
    {"luau:os.time", luau_time},
};

}  // namespace

std::span<const vm::BuiltinRow> os_rows() { return kRows; }
std::span<const vm::BuiltinRow> luau::os_rows() { return kLuauRows; }

}  // namespace moonlet::stdlib
