#pragma once

namespace moonlet {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace moonlet
