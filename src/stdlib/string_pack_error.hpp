#pragma once

#include "stdlib/string_pack_format.hpp"
#include "stdlib/string_result.hpp"

namespace moonlet::stdlib {

// Raises the error that a format's reader answered.
int throw_pack_error(Vm& vm, const PackReader& reader, PackError error);

}  // namespace moonlet::stdlib
