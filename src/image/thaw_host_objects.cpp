#include "image/thawer.hpp"
#include "vm/host_types.hpp"

namespace moonlet::image {

using base::CborHead;
using base::CborMajor;
using heap::Object;
using heap::Userdata;
using heap::Value;

void Thawer::read_types() {
  const std::uint64_t count = in_.array();
  if (count % 2 != 0) return fail("an incomplete list of types");
  for (std::uint64_t n = 0; n < count && in_.ok(); n += 2) {
    const std::string_view name = in_.text();
    const auto version =
        static_cast<std::uint32_t>(in_.unsigned_integer(UINT32_MAX, "version out of range"));
    if (!in_.ok()) return;
    const std::uint16_t type = vm_.host_types == nullptr ? 0 : vm_.host_types->find(name);
    if (type == 0) {
      return fail("this engine was made without the type '" + std::string(name) + "' (version " +
                  std::to_string(version) + ")");
    }
    types_.push_back({type, version});
  }
}

Object* Thawer::make_host_object(std::uint64_t id, std::uint16_t number, Userdata* old) {
  const std::size_t offset = in_.offset();
  in_.skip();
  if (in_.ok() && number > types_.size()) fail("a type that is not in the list");
  if (!in_.ok()) return old;
  const TypePlace& type = types_[number - 1u];
  Userdata* u = old;
  if (u == nullptr) {
    u = vm::new_host_object(vm_, type.type);
    if (u == nullptr) return nullptr;
  } else if (u->type != type.type) {
    fail("a userdata that has changed its type");
    return old;
  }
  u->set_identity(id);
  host_objects_.push_back({u, offset, type.version});
  return u;
}

void Thawer::restore_host_objects() {
  const heap::Heap& heap = vm_.heap;
  pending_.insert(heap.pending_finalizers.begin(), heap.pending_finalizers.end());
  for (const HostObjectPlace& place : host_objects_) {
    in_ = reader_at(place.offset);
    if (!restore_host_object(place)) return;
  }
}

bool Thawer::restore_host_object(const HostObjectPlace& place) {
  Userdata& u = *place.object;
  const bool wants_owner = vm_.host_types->row_of(u)->is_released;
  vm::SavedPayload saved;
  const CborHead head = in_.peek();
  if (head.major == CborMajor::Unsigned) {
    saved.is_number = true;
    saved.number = in_.unsigned_integer();
  } else if (head.major == CborMajor::Bytes) {
    saved.bytes = in_.bytes();
  } else if (wants_owner && head.major == CborMajor::Simple && !head.is_double &&
             head.argument == base::kCborNull) {
    return true;  // it was released
  } else {
    return bad("a payload that is neither bytes nor a number");
  }
  if (auto done = vm_.host_types->restore(u, saved, place.version); !done) {
    fail(done.error());
    return false;
  }
  if (!pending_.contains(&u)) {
    vm::own_host_object(vm_, u);
  } else if (wants_owner) {
    u.flags &= static_cast<std::uint8_t>(~heap::kUserdataReleased);
  }
  return true;
}

// Those that the state has not written are as in the template.
void Thawer::own_template_objects() {
  if (template_ == nullptr) return;
  Template::ObjectSet restored;
  for (const HostObjectPlace& place : host_objects_) restored.insert(place.object);
  if (auto done = template_->own_host_objects(vm_, restored); !done) fail(done.error());
}

}  // namespace moonlet::image
