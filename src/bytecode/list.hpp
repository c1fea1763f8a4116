// A list of plain data in a chunk. It owns its memory, or lies in that of the chunk, as those that
// a compiler makes do (chunk_memory.hpp). Writing makes no difference between the two; a list that
// grows owns its memory from then on.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/block.hpp"

namespace moonlet::bytecode {

template <typename T>
class List {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  using value_type = T;

  List() = default;
  List(std::initializer_list<T> items) : List(std::span<const T>(items.begin(), items.size())) {}
  List(const std::vector<T>& items) : List(std::span<const T>(items)) {}  // NOLINT: same content
  explicit List(std::span<const T> items) { assign(items.begin(), items.end()); }
  List(const List& other) : List(std::span<const T>(other)) {}
  List(List&& other) noexcept { swap(other); }
  List& operator=(List other) noexcept {
    swap(other);
    return *this;
  }
  ~List() { release(); }

  // `items` have to outlive the list.
  static List lying_at(std::span<T> items) {
    List list;
    list.data_ = items.data();
    list.size_ = static_cast<std::uint32_t>(items.size());
    return list;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T& operator[](std::size_t n) { return data_[n]; }
  const T& operator[](std::size_t n) const { return data_[n]; }
  T& back() { return data_[size_ - 1]; }
  const T& back() const { return data_[size_ - 1]; }

  void reserve(std::size_t capacity) {
    if (capacity > capacity_ && capacity > 0) move_to(capacity);
  }
  void push_back(const T& item) {
    const T copy = item;
    if (size_ >= capacity_) move_to(std::size_t{size_} * 2 + 4);
    data_[size_++] = copy;
  }
  void pop_back() { --size_; }
  void clear() { size_ = 0; }
  void resize(std::size_t size, const T& item = {}) {
    reserve(size);
    for (std::size_t n = size_; n < size; ++n) data_[n] = item;
    size_ = static_cast<std::uint32_t>(size);
  }
  // What is new is not initialised: large lists shall not be touched before they are used.
  void resize_for_overwrite(std::size_t size) {
    reserve(size);
    size_ = static_cast<std::uint32_t>(size);
  }
  template <std::random_access_iterator Iterator>
  void assign(Iterator first, Iterator last) {
    clear();
    reserve(static_cast<std::size_t>(last - first));
    size_ = static_cast<std::uint32_t>(last - first);
    std::copy(first, last, data_);
  }
  void assign(std::size_t size, const T& item) {
    clear();
    resize(size, item);
  }

  friend bool operator==(const List& a, const List& b) requires std::equality_comparable<T> {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  void swap(List& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

  void move_to(std::size_t capacity) {
    const std::size_t bytes = capacity * sizeof(T);
    base::OwnedBlock block;
    if (capacity_ != 0) {
      block =
          base::resize_block({reinterpret_cast<std::byte*>(data_), {capacity_ * sizeof(T)}}, bytes);
    } else {
      block = base::make_block(bytes);
      if (size_ > 0) std::memcpy(static_cast<void*>(block.get()), data_, size_ * sizeof(T));
    }
    data_ = reinterpret_cast<T*>(block.release());
    capacity_ = static_cast<std::uint32_t>(capacity);
  }

  void release() {
    if (capacity_ != 0) base::release_block(data_, capacity_ * sizeof(T));
  }

  T* data_ = nullptr;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;  // 0: the memory is not its own
};

}  // namespace moonlet::bytecode
