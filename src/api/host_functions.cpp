#include "api/engine.hpp"
#include "moonlet/engine.hpp"

namespace moonlet {

const Value& HostCall::argument(std::size_t n) const {
  static const Value kNil;
  return n < arguments_->size() ? (*arguments_)[n] : kNil;
}

std::expected<Engine, std::string> Engine::make(std::vector<HostFunction> functions) {
  auto engine = api::Engine::make(std::move(functions));
  if (!engine) return std::unexpected(engine.error());
  return Engine(std::shared_ptr<const api::Engine>(std::move(*engine)));
}

}  // namespace moonlet
