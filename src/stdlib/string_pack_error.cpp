#include "stdlib/string_pack_error.hpp"

namespace moonlet::stdlib {

int throw_pack_error(Vm& vm, const PackReader& reader, PackError error) {
  switch (error) {
    case PackError::SizeOutOfLimits: {
      char digits[vm::kNumberTextSize];
      const auto text = vm::number_text(Value::from(std::int64_t{reader.number}), digits);
      return vm::throw_error(vm, {"integral size (", text, ") out of limits [1,16]"});
    }
    case PackError::MissingSize:
      return vm::throw_error(vm, "missing size for format option 'c'");
    case PackError::InvalidOption: {
      const char letter = static_cast<char>(reader.number);
      return vm::throw_error(vm, {"invalid format option '", {&letter, 1}, "'"});
    }
    case PackError::InvalidNext:
      return vm::throw_arg_error(vm, 0, "invalid next option for option 'X'");
    case PackError::NotPowerOfTwo:
      return vm::throw_arg_error(vm, 0, "format asks for alignment not power of 2");
    case PackError::SizeTooLarge:
      return vm::throw_error(vm, "size specifier is too large");
    case PackError::None:
      break;
  }
  ML_UNREACHABLE();
}

}  // namespace moonlet::stdlib
