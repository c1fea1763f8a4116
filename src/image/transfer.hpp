// How a Vm is written as a state of another image than its own: which of its objects take the place
// of which objects of that image, and what its functions become. Whatever is not named here is new
// to the image, and written as a whole.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "image/template.hpp"

namespace moonlet::image {

struct Transfer {
  struct Function {
    heap::Proto* proto;              // of the newer image
    std::vector<heap::Cell*> cells;  // the Vm's, or the template's of the newer image
  };
  // Numbers in the newer image: of the Vm's objects that take a place there, of what is shared, and
  // of objects of its template.
  std::unordered_map<const heap::Object*, std::uint32_t> numbers;
  // The places that the Vm's objects take, by rising number.
  std::vector<std::pair<std::uint32_t, heap::Object*>> taken;
  std::unordered_map<const heap::Closure*, Function> functions;
  // Of objects whose own number a table of the newer image has already.
  std::unordered_map<const heap::Object*, std::uint64_t> identities;
  std::uint64_t next_identity = 1;
  // Objects of the newer template that come along and have finalizers.
  std::vector<heap::Object*> finalizable;
};

}  // namespace moonlet::image
