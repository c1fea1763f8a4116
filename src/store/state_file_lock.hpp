// Locks of states that are files.
#pragma once

#include "store/state_store.hpp"

namespace moonlet::store {

// Nothing where there is no such file: who reads it has a better message.
[[nodiscard]] std::expected<std::unique_ptr<StateLock>, std::string> lock_state_file(
    const std::string& path);

}  // namespace moonlet::store
