// format. Numbers are written by string_number_format; long strings are copied in pieces; values
// with __tostring are asked by a callback.
//
// An activation that goes on, or waits for a callback, has its arguments moved up by kShift:
//   args[0]  state   args[1..3]  builder of the result   args[4]  string being added
//   args[5]  format  args[6] ..  the values
#pragma once

#include <algorithm>

#include "stdlib/string_builder.hpp"
#include "stdlib/string_format_spec.hpp"

namespace moonlet::stdlib {

enum class FormatPhase : std::uint8_t {
  Text,      // the format from position_ on
  Callback,  // __tostring is under way for the item at position_
  Take,      // its result is in args[kValueSlot]
  Zeros,     // looking for zeros in the value
  Copy,      // the value itself
  Quote,     // the value as a literal
};

class Formatter {
 public:
  Formatter(Vm& vm, Value* args) : vm_(vm), args_(args), work_(vm), builder_(vm) {}

  int begin(int count);
  int go_on(int count);
  int take(Value* results, int count);

 private:
  using Phase = FormatPhase;
  static constexpr int kShift = 5;
  static constexpr int kBuilderSlot = 1;
  static constexpr int kValueSlot = 4;
  static constexpr std::size_t kWindowBytes = 4096;  // text looked at in one step

  int run();
  int step();
  int step_text();
  int step_item();
  int step_luau_item(const FormatItem& item);
  int throw_no_argument();
  int step_zeros();
  int step_copy();
  int step_quote();
  int finish();

  int add_integer(const FormatItem& item, std::string_view flags);
  int add_float(const FormatItem& item);
  int add_character(const FormatItem& item);
  int add_pointer(const FormatItem& item);
  int add_literal(const FormatItem& item);
  int add_string(const FormatItem& item);
  int add_text(const FormatItem& item, std::string_view text);
  int add_padded(const NumberSpec& spec, std::string_view text);
  int take_string();
  int call_to_string(const Value& handler);
  int invalid_item(const FormatItem& item, std::string_view before, std::string_view after);
  int append(std::string_view text);
  int item_done() {
    position_ += static_cast<std::uint32_t>(item().text.size());
    phase_ = Phase::Text;
    return kGoOn;
  }

  bool load(int slots);
  bool is_possible() const;
  [[nodiscard]] bool save();
  int suspend() { return save() ? work_.again(kShift + count_) : kNoMemory; }

  bool is_luau() const { return vm_.dialect == vm::Dialect::Luau; }
  std::string_view text_flags() const { return is_luau() ? "-+#0 " : "-"; }

  // The script's own arguments, wherever they are.
  Value* arguments() const { return args_ + shift_; }
  std::string_view format() const { return arguments()[0].string()->view(); }
  FormatItem item() const { return read_format_item(format().substr(position_)); }
  std::string_view value_text() const { return value_.string()->view(); }
  std::size_t window(std::size_t size) const {
    return std::min(size, static_cast<std::size_t>(std::max<std::int64_t>(work_.budget, 1)));
  }

  Vm& vm_;
  Value* args_;
  int shift_ = 0;
  int count_ = 0;  // of the script's arguments
  Work work_;
  FormatPhase phase_ = FormatPhase::Text;
  std::uint32_t position_ = 0;  // in the format; of an item: behind the '%'
  int argument_ = 0;            // index of the last one used
  Value value_ = Value::nil();
  std::uint32_t value_at_ = 0;  // bytes of the value that are dealt with
  StringBuilder builder_;
};

}  // namespace moonlet::stdlib
