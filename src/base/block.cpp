#include "base/block.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/address_sanitizer.hpp"
#include "base/os/pages.hpp"

namespace moonlet::base {
namespace {

#ifdef ML_ADDRESS_SANITIZER
constexpr std::size_t kMappedBytesMin = SIZE_MAX;  // it watches what malloc() gives
#else
constexpr std::size_t kMappedBytesMin = 64 * 1024;
#endif

bool is_mapped(std::size_t bytes) { return bytes >= kMappedBytesMin; }

}  // namespace

void* allocate_block(std::size_t bytes) {
  return is_mapped(bytes) ? os::map_pages(bytes) : std::malloc(bytes);
}

void release_block(void* block, std::size_t bytes) {
  is_mapped(bytes) ? os::unmap_pages(block, bytes) : std::free(block);
}

OwnedBlock make_block(std::size_t bytes) {
  void* block = allocate_block(bytes);
  if (block == nullptr) static_cast<void>(::operator new(SIZE_MAX / 2));  // as it refuses
  return OwnedBlock(static_cast<std::byte*>(block), {bytes});
}

OwnedBlock resize_block(OwnedBlock block, std::size_t wanted) {
  const std::size_t bytes = block.get_deleter().bytes;
  if (is_mapped(bytes) && is_mapped(wanted)) {
    void* moved = os::resize_pages(block.get(), bytes, wanted);
    if (moved != nullptr) {
      static_cast<void>(block.release());
      return OwnedBlock(static_cast<std::byte*>(moved), {wanted});
    }
  }
  OwnedBlock other = make_block(wanted);
  std::memcpy(other.get(), block.get(), std::min(bytes, wanted));
  return other;
}

}  // namespace moonlet::base
