// A string of unknown size under construction (gsub, format, pack, utf8.char).
//
// Short text stays on the C++ stack. Longer text lies in Buffers: a tail of up to kChunkBytes, and
// a table of full chunks before it, so that growing never copies much. What is committed between
// activations is three slots and a size; an activation that fails leaves them as they were, since
// bytes beyond the committed size do not count.
//
//   slots[0]  tail: a Buffer, or nil
//   slots[1]  full chunks: a table of Buffers of kChunkBytes each, or nil
//   slots[2]  the result while finish() assembles it: a Buffer, or nil
#pragma once

#include "stdlib/string_result.hpp"

namespace moonlet::stdlib {

enum class Append : std::uint8_t { Ok, NoMemory, TooLarge };

class StringBuilder {
 public:
  static constexpr std::uint32_t kChunkBytes = 64 * 1024;
  static constexpr int kSlots = 3;

  explicit StringBuilder(Vm& vm) : vm_(vm) {}
  StringBuilder(const StringBuilder&) = delete;
  StringBuilder& operator=(const StringBuilder&) = delete;

  // Goes on with what commit() left. False: no such state can have been left.
  [[nodiscard]] bool load(const Value* slots, std::uint32_t size);

  [[nodiscard]] Append append(std::string_view text) {
    if (ML_LIKELY(text.size() <= tail_capacity_ - tail_size_ &&
                  size() + text.size() <= vm_.limits.string_bytes_max)) {
      std::copy(text.begin(), text.end(), tail_ + tail_size_);
      tail_size_ += static_cast<std::uint32_t>(text.size());
      return Append::Ok;
    }
    return append_slow(text);
  }
  std::uint64_t size() const { return std::uint64_t{full_count_} * kChunkBytes + tail_size_; }

  // Ends an activation: prepare() may fail, commit() cannot. Between them the caller may make
  // what else it needs.
  [[nodiscard]] bool prepare();
  void commit(Value* slots);

  // Assembles the string in slots[2]. Running: commit() and come back with finish() first.
  Making finish(Value* slots, std::int64_t& budget);

 private:
  Append append_slow(std::string_view text);
  [[nodiscard]] bool grow();
  [[nodiscard]] bool put_away_tail();
  [[nodiscard]] bool new_tail(std::uint32_t capacity);
  std::string_view chunk(std::uint32_t index) const;

  Vm& vm_;
  char* tail_ = local_;
  std::uint32_t tail_size_ = 0;
  std::uint32_t tail_capacity_ = kLocalBytes;
  std::uint32_t full_count_ = 0;
  Buffer* buffer_ = nullptr;  // of the tail; null while it is local_
  Table* full_ = nullptr;
  static constexpr std::uint32_t kLocalBytes = 1024;
  char local_[kLocalBytes];
};

}  // namespace moonlet::stdlib
