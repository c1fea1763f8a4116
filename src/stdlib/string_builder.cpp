#include "stdlib/string_builder.hpp"

#include <cstring>

namespace moonlet::stdlib {

// The tail is never left full by a commit unless nothing follows, so the split is a function of
// the size: 1 .. kChunkBytes bytes of tail.
bool StringBuilder::load(const Value* slots, std::uint32_t size) {
  if (size == 0) return slots[0].is_nil() && slots[1].is_nil();
  full_count_ = (size - 1) / kChunkBytes;
  tail_size_ = size - full_count_ * kChunkBytes;
  if (!is_buffer(slots[0])) return false;
  buffer_ = slots[0].buffer();
  tail_ = buffer_->data();
  tail_capacity_ = buffer_->capacity;
  if (tail_capacity_ < tail_size_ || tail_capacity_ > kChunkBytes) return false;
  if (full_count_ == 0) return true;
  if (!slots[1].is_table()) return false;
  full_ = slots[1].table();
  return true;
}

Append StringBuilder::append_slow(std::string_view text) {
  if (size() + text.size() > vm_.limits.string_bytes_max) return Append::TooLarge;
  while (!text.empty()) {
    if (tail_size_ == tail_capacity_ && !grow()) return Append::NoMemory;
    const std::size_t piece = std::min<std::size_t>(text.size(), tail_capacity_ - tail_size_);
    std::memcpy(tail_ + tail_size_, text.data(), piece);
    tail_size_ += static_cast<std::uint32_t>(piece);
    text.remove_prefix(piece);
  }
  return Append::Ok;
}

bool StringBuilder::grow() {
  if (tail_capacity_ == kChunkBytes) return put_away_tail() && new_tail(kChunkBytes);
  const char* old = tail_;
  const std::uint32_t size = tail_size_;
  if (!new_tail(std::min(kChunkBytes, tail_capacity_ * 4))) return false;
  std::memcpy(tail_, old, size);
  tail_size_ = size;
  return true;
}

bool StringBuilder::put_away_tail() {
  Table* full = full_;
  if (full == nullptr) full = vm_.heap.new_table();
  if (full == nullptr) return false;
  buffer_->size = kChunkBytes;
  if (heap::table_set_integer(vm_.heap, *full, full_count_ + 1, Value::from(buffer_)) !=
      heap::SetResult::Ok) {
    return false;
  }
  full_ = full;
  ++full_count_;
  tail_size_ = 0;
  return true;
}

bool StringBuilder::new_tail(std::uint32_t capacity) {
  Buffer* buffer = vm_.heap.new_buffer(capacity);
  if (buffer == nullptr) return false;
  buffer_ = buffer;
  tail_ = buffer->data();
  tail_capacity_ = capacity;
  tail_size_ = 0;
  return true;
}

bool StringBuilder::prepare() {
  if (buffer_ != nullptr || tail_size_ == 0) return true;
  const std::uint32_t size = tail_size_;
  if (!new_tail(kLocalBytes)) return false;
  std::memcpy(tail_, local_, size);
  tail_size_ = size;
  return true;
}

void StringBuilder::commit(Value* slots) {
  slots[0] = buffer_ != nullptr ? Value::from(buffer_) : Value::nil();
  slots[1] = full_ != nullptr ? Value::from(full_) : Value::nil();
  if (buffer_ != nullptr) buffer_->size = tail_size_;
}

std::string_view StringBuilder::chunk(std::uint32_t index) const {
  if (index == full_count_) return {tail_, tail_size_};
  const Value value = heap::table_get_integer(*full_, std::int64_t{index} + 1);
  // A forged state may hold anything here; what is missing reads as nothing and is noticed.
  if (!is_buffer(value) || value.buffer()->capacity != kChunkBytes) return {};
  return {value.buffer()->data(), kChunkBytes};
}

Making StringBuilder::finish(Value* slots, std::int64_t& budget) {
  if (full_count_ == 0) {
    String* string = vm_.heap.new_string({tail_, tail_size_});
    if (string == nullptr) return Making::NoMemory;
    slots[2] = Value::from(string);
    budget -= tail_size_;
    return Making::Done;
  }
  if (!is_unfinished(slots[2], size())) {
    Buffer* buffer = new_string_buffer(vm_, size());
    if (buffer == nullptr) return Making::NoMemory;
    slots[2] = Value::from(buffer);
  }
  Buffer* result = slots[2].buffer();
  while (result->size < size()) {
    if (budget <= 0) return Making::Running;
    std::string_view source = chunk(result->size / kChunkBytes);
    const std::uint32_t offset = result->size % kChunkBytes;
    if (source.size() <= offset) {
      // Only in a forged state: zeros are as good as anything.
      const std::uint32_t rest = std::min<std::uint32_t>(
          kChunkBytes - offset, static_cast<std::uint32_t>(size()) - result->size);
      std::memset(result->data() + result->size, 0, rest);
      result->size += rest;
      budget -= rest;
      continue;
    }
    source.remove_prefix(offset);
    std::memcpy(result->data() + result->size, source.data(), source.size());
    result->size += static_cast<std::uint32_t>(source.size());
    budget -= static_cast<std::int64_t>(source.size());
  }
  slots[2] = Value::from(heap::to_string(*result));
  return Making::Done;
}

}  // namespace moonlet::stdlib
