#include "stdlib/math_random.hpp"

#include <bit>

#include "stdlib/math_rows.hpp"

namespace moonlet::stdlib {

using namespace vm;

std::uint64_t next_random(RandomState& state) {
  const std::uint64_t result = std::rotl(state[1] * 5, 7) * 9;
  const std::uint64_t shifted = state[1] << 17;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= shifted;
  state[3] = std::rotl(state[3], 45);
  return result;
}

void seed_random(RandomState& state, std::uint64_t first, std::uint64_t second) {
  state[0] = first;
  state[1] = 0xff;  // whatever the seeds, the state is not all zero
  state[2] = second;
  state[3] = 0;
  // The first numbers of similar seeds are similar.
  for (int i = 0; i < 16; ++i) next_random(state);
}

double random_float(std::uint64_t random) { return static_cast<double>(random >> 11) * 0x1p-53; }

std::uint64_t project_random(RandomState& state, std::uint64_t random, std::uint64_t highest) {
  // Cut to as many bits as `highest` has; what is still above it is thrown away, which happens
  // less than every second time.
  const std::uint64_t mask = highest == 0 ? 0 : ~std::uint64_t{0} >> std::countl_zero(highest);
  while ((random &= mask) > highest) random = next_random(state);
  return random;
}

int math_random(Vm& vm, Value* args, int count) {
  const std::uint64_t random = next_random(vm.random_state);
  std::int64_t low = 1;
  std::int64_t high = 0;
  switch (count) {
    case 0:
      return return_one(args, Value::from(random_float(random)));
    case 1:
      if (!arg_integer(vm, args, count, 0, high)) return vm.failure;
      if (high == 0) return return_one(args, Value::from(static_cast<std::int64_t>(random)));
      break;
    case 2:
      if (!arg_integer(vm, args, count, 0, low)) return vm.failure;
      if (!arg_integer(vm, args, count, 1, high)) return vm.failure;
      break;
    default:
      return throw_error(vm, "wrong number of arguments");
  }
  if (low > high) return throw_arg_error(vm, 0, "interval is empty");
  const std::uint64_t first = static_cast<std::uint64_t>(low);
  const std::uint64_t range = static_cast<std::uint64_t>(high) - first;
  const std::uint64_t number = first + project_random(vm.random_state, random, range);
  return return_one(args, Value::from(static_cast<std::int64_t>(number)));
}

// Answers the two parts of the seed, so that a script can note and repeat it.
int math_randomseed(Vm& vm, Value* args, int count) {
  std::int64_t first = 0;
  std::int64_t second = 0;
  if (count == 0) {
    first = static_cast<std::int64_t>(vm.host->entropy());
    second = static_cast<std::int64_t>(vm.host->entropy());
  } else {
    if (!arg_integer(vm, args, count, 0, first)) return vm.failure;
    if (!opt_integer(vm, args, count, 1, 0, second)) return vm.failure;
  }
  seed_random(vm.random_state, static_cast<std::uint64_t>(first),
              static_cast<std::uint64_t>(second));
  return return_two(args, Value::from(first), Value::from(second));
}

}  // namespace moonlet::stdlib
