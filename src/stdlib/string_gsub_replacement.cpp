// What takes the place of a match in gsub: an expanded string, or what a function or a table gives.
#include <algorithm>

#include "stdlib/string_substitution.hpp"

namespace moonlet::stdlib {
namespace {

constexpr int kIndexChainMax = 2000;        // as the language's own limit
constexpr std::size_t kWindowBytes = 4096;  // text looked at in one step

}  // namespace

// ---- Replacement strings.

int Substitution::step_expand() {
  const std::string_view replacement = text_of(Source::Replacement);
  const std::string_view rest = replacement.substr(replacement_at_);
  if (rest.empty()) {
    next_match();
    return kGoOn;
  }
  if (rest[0] == '%')
    return expand_escape(rest.size() > 1 ? static_cast<std::uint8_t>(rest[1]) : 0);
  const std::size_t size =
      std::min(rest.substr(0, kWindowBytes).find('%'), std::min(rest.size(), kWindowBytes));
  piece_ = {Source::Replacement, replacement_at_,
            replacement_at_ + static_cast<std::uint32_t>(size)};
  replacement_at_ = piece_.to;
  return kGoOn;
}

int Substitution::expand_escape(std::uint8_t c) {
  const std::uint32_t at = replacement_at_;
  replacement_at_ += 2;
  work_.budget -= kStepWork;
  if (c == '%') {
    piece_ = {Source::Replacement, at, at + 1};
    return kGoOn;
  }
  if (!is_digit(c)) return vm::throw_error(vm_, "invalid use of '%' in replacement string");
  if (c == '0') {
    piece_ = {Source::Subject, match_.start, match_.subject};
    return kGoOn;
  }
  const int index = c - '1';
  if (index >= capture_values(match_)) {
    const char digit = static_cast<char>(c);
    return vm::throw_error(vm_, {"invalid capture index %", {&digit, 1}});
  }
  if (is_open_capture(match_, index)) return vm::throw_error(vm_, kUnfinishedCapture);
  if (is_position_capture(match_, index)) {
    char text[vm::kNumberTextSize];
    const auto position = vm::number_text(Value::from(capture_position(match_, index)), text);
    return append(position);
  }
  const std::string_view text = capture_text(match_, subject(), index);
  const auto from = static_cast<std::uint32_t>(text.data() - subject().data());
  piece_ = {Source::Subject, from, from + static_cast<std::uint32_t>(text.size())};
  return kGoOn;
}

// ---- Functions and tables.

int Substitution::step_arguments() {
  const int values = capture_values(match_);
  if (has_open_capture(match_, values)) return vm::throw_error(vm_, kUnfinishedCapture);
  switch (make_captures(vm_, match_, subject(), args_ + kCallSlot + 1, next_value_, values,
                        work_.budget)) {
    case Making::Done:
      return call(args_[2], values);
    case Making::Running:
      return suspend();
    case Making::NoMemory:
      return kNoMemory;
  }
  ML_UNREACHABLE();
}

int Substitution::call(const Value& function, int count) {
  phase_ = Phase::Callback;
  value_ = Value::nil();
  match_.capture_count = 0;  // made, and not needed again
  if (!save()) return kNoMemory;
  args_[kCallSlot] = function;
  vm_.call_slot = args_ + kCallSlot;
  vm_.call_count = count;
  return work_.end(vm::kCall);
}

int Substitution::step_key() {
  if (is_open_capture(match_, 0)) return vm::throw_error(vm_, kUnfinishedCapture);
  switch (make_captures(vm_, match_, subject(), &value_, next_value_, 1, work_.budget)) {
    case Making::Done:
      return look_up(args_[2], value_);
    case Making::Running:
      return suspend();
    case Making::NoMemory:
      return kNoMemory;
  }
  ML_UNREACHABLE();
}

// object[key], as the language has it.
int Substitution::look_up(Value object, Value key) {
  for (int i = 0; i < kIndexChainMax; ++i) {
    if (object.is_table()) {
      const Value value = heap::table_get(*object.table(), key);
      const Value handler =
          value.is_nil() ? vm::metamethod(vm_, object, heap::Event::Index) : Value::nil();
      if (handler.is_nil()) {
        value_ = value;
        phase_ = Phase::Take;
        return kGoOn;
      }
      work_.budget -= kStepWork;
      if (handler.is_function()) {
        args_[kCallSlot + 1] = object;
        args_[kCallSlot + 2] = key;
        return call(handler, 2);
      }
      object = handler;
      continue;
    }
    const Value handler = vm::metamethod(vm_, object, heap::Event::Index);
    if (handler.is_nil()) {
      return vm::throw_error(vm_, {"attempt to index a ", vm::type_name(vm_, object), " value"});
    }
    if (handler.is_function()) {
      args_[kCallSlot + 1] = object;
      args_[kCallSlot + 2] = key;
      return call(handler, 2);
    }
    object = handler;
  }
  return vm::throw_error(vm_, "'__index' chain too long; possibly a loop");
}

int Substitution::step_take() {
  if (value_.is_falsy()) {
    next_match();
    return kGoOn;
  }
  if (value_.is_number()) {
    char text[vm::kNumberTextSize];
    String* string = vm_.heap.new_string(vm::number_text(vm_, value_, text));
    if (string == nullptr) return kNoMemory;
    value_ = Value::from(string);
  }
  if (!value_.is_string()) {
    return vm::throw_error(vm_,
                           {"invalid replacement value (a ", vm::basic_type_name(value_), ")"});
  }
  // The unchanged text first; the value itself with the second visit.
  if (copied_ != match_.subject || !changed_) {
    append_unchanged();
    if (piece_.from < piece_.to) return kGoOn;
  }
  piece_ = {Source::Value, 0, value_.string()->size};
  phase_ = Phase::Keep;
  return kGoOn;
}

}  // namespace moonlet::stdlib
