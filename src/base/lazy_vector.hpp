// A vector for lists that most owners never need: one pointer as long as nothing was put in.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace moonlet::base {

template <typename T>
class LazyVector {
 public:
  bool empty() const { return list_ == nullptr || list_->empty(); }
  std::size_t size() const { return list_ == nullptr ? 0 : list_->size(); }
  T* begin() { return list_ == nullptr ? nullptr : list_->data(); }
  T* end() { return begin() + size(); }
  const T* begin() const { return list_ == nullptr ? nullptr : list_->data(); }
  const T* end() const { return begin() + size(); }
  // REQUIRES: there is such an element.
  T& operator[](std::size_t n) { return (*list_)[n]; }
  const T& operator[](std::size_t n) const { return (*list_)[n]; }
  T& back() { return list_->back(); }
  void pop_back() { list_->pop_back(); }
  void push_back(const T& value) { get().push_back(value); }
  void clear() { list_.reset(); }
  // The vector itself, made when there is none.
  std::vector<T>& get() {
    if (list_ == nullptr) list_ = std::make_unique<std::vector<T>>();
    return *list_;
  }
  std::span<const T> view() const { return {begin(), size()}; }

 private:
  std::unique_ptr<std::vector<T>> list_;
};

}  // namespace moonlet::base
