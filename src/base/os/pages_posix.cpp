#include <algorithm>
#include <cstdint>
#include <cstring>

#include <sys/mman.h>
#include <unistd.h>

#include "base/os/pages.hpp"

namespace moonlet::base::os {

void* map_pages(std::size_t bytes) {
  void* begin = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return begin == MAP_FAILED ? nullptr : begin;
}

void unmap_pages(void* begin, std::size_t bytes) { munmap(begin, bytes); }

bool can_resize_pages() {
#ifdef __linux__
  return true;
#else
  return false;
#endif
}

void* resize_pages(void* begin, std::size_t bytes, std::size_t wanted) {
#ifdef __linux__
  void* moved = mremap(begin, bytes, wanted, MREMAP_MAYMOVE);
  return moved == MAP_FAILED ? nullptr : moved;
#else
  void* other = map_pages(wanted);
  if (other == nullptr) return nullptr;
  std::memcpy(other, begin, std::min(bytes, wanted));
  unmap_pages(begin, bytes);
  return other;
#endif
}

void forget_contents(void* begin, std::size_t bytes) {
  static const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto from = (reinterpret_cast<std::uintptr_t>(begin) + page - 1) / page * page;
  const auto to = (reinterpret_cast<std::uintptr_t>(begin) + bytes) / page * page;
  // A failure costs memory, nothing else.
  if (from < to) madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
}

}  // namespace moonlet::base::os
