// vector: functions of vectors, in single precision as their lanes are.
#include <cmath>

#include "base/elementary.hpp"
#include "stdlib/luau/arguments.hpp"
#include "stdlib/luau/rows.hpp"
#include "vm/vectors.hpp"

namespace moonlet::stdlib::luau {

using heap::Lanes;
using vm::BuiltinRow;

namespace {

float dot(const Lanes& a, const Lanes& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

float length(const Lanes& v) { return std::sqrt(dot(v, v)); }

Lanes cross(const Lanes& a, const Lanes& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

// An absent third number is zero; a nil is none.
int vector_create(Vm& vm, Value* args, int count) {
  Lanes lanes{};
  for (int n = 0; n < 3 && (n < 2 || n < count); ++n) {
    double lane;
    if (!vm::arg_number(vm, args, count, n, lane)) return vm.failure;
    lanes[static_cast<std::size_t>(n)] = static_cast<float>(lane);
  }
  return return_vector(args, lanes);
}

int fast_create(Vm&, Value* slot, unsigned operands) {
  if (operands != 4 || !slot[1].is_float() || !slot[2].is_float() || !slot[3].is_float()) {
    return vm::kNotFast;
  }
  return return_vector(slot + 1,
                       {static_cast<float>(slot[1].number), static_cast<float>(slot[2].number),
                        static_cast<float>(slot[3].number)});
}

int vector_magnitude(Vm& vm, Value* args, int count) {
  Lanes v;
  if (!arg_vector(vm, args, count, 0, v)) return vm.failure;
  return return_number(args, static_cast<double>(length(v)));
}

int vector_normalize(Vm& vm, Value* args, int count) {
  Lanes v;
  if (!arg_vector(vm, args, count, 0, v)) return vm.failure;
  const float inverse = 1.0F / length(v);
  return return_vector(args, {v[0] * inverse, v[1] * inverse, v[2] * inverse});
}

int vector_cross(Vm& vm, Value* args, int count) {
  Lanes a;
  Lanes b;
  if (!arg_vector(vm, args, count, 0, a) || !arg_vector(vm, args, count, 1, b)) return vm.failure;
  return return_vector(args, cross(a, b));
}

int vector_dot(Vm& vm, Value* args, int count) {
  Lanes a;
  Lanes b;
  if (!arg_vector(vm, args, count, 0, a) || !arg_vector(vm, args, count, 1, b)) return vm.failure;
  return return_number(args, static_cast<double>(dot(a, b)));
}

int vector_angle(Vm& vm, Value* args, int count) {
  Lanes a;
  Lanes b;
  Lanes axis{};
  if (!arg_vector(vm, args, count, 0, a) || !arg_vector(vm, args, count, 1, b)) return vm.failure;
  const bool has_axis = !vm::is_none_or_nil(args, count, 2);
  if (has_axis && !arg_vector(vm, args, count, 2, axis)) return vm.failure;
  const Lanes normal = cross(a, b);
  const double sine = std::sqrt(static_cast<double>(dot(normal, normal)));
  const double angle = base::arc_tangent(sine, static_cast<double>(dot(a, b)));
  return return_number(args, has_axis && dot(normal, axis) < 0 ? -angle : angle);
}

template <float function(float)>
int by_lane(Vm& vm, Value* args, int count) {
  Lanes v;
  if (!arg_vector(vm, args, count, 0, v)) return vm.failure;
  return return_vector(args, {function(v[0]), function(v[1]), function(v[2])});
}

float round_down(float x) { return std::floor(x); }
float round_up(float x) { return std::ceil(x); }
float absolute(float x) { return std::fabs(x); }
float sign_of(float x) { return x > 0 ? 1.0F : x < 0 ? -1.0F : 0.0F; }

int vector_clamp(Vm& vm, Value* args, int count) {
  Lanes v;
  Lanes low;
  Lanes high;
  if (!arg_vector(vm, args, count, 0, v) || !arg_vector(vm, args, count, 1, low) ||
      !arg_vector(vm, args, count, 2, high)) {
    return vm.failure;
  }
  Lanes out;
  for (std::size_t n = 0; n < out.size(); ++n) {
    if (!(low[n] <= high[n])) {
      const std::string name(1, "xyz"[n]);
      return vm::throw_arg_error(vm, 2,
                                 "max." + name + " must be greater than or equal to min." + name);
    }
    const float raised = v[n] < low[n] ? low[n] : v[n];
    out[n] = raised > high[n] ? high[n] : raised;
  }
  return return_vector(args, out);
}

template <bool is_better(float, float)>
int extreme(Vm& vm, Value* args, int count) {
  Lanes best;
  if (!arg_vector(vm, args, count, 0, best)) return vm.failure;
  for (int n = 1; n < count; ++n) {
    Lanes other;
    if (!arg_vector(vm, args, count, n, other)) return vm.failure;
    for (std::size_t lane = 0; lane < best.size(); ++lane) {
      if (is_better(other[lane], best[lane])) best[lane] = other[lane];
    }
  }
  vm::charge(vm, static_cast<std::uint64_t>(count));
  return return_vector(args, best);
}

bool is_less(float a, float b) { return a < b; }
bool is_greater(float a, float b) { return a > b; }

int vector_lerp(Vm& vm, Value* args, int count) {
  Lanes a;
  Lanes b;
  double by;
  if (!arg_vector(vm, args, count, 0, a) || !arg_vector(vm, args, count, 1, b) ||
      !vm::arg_number(vm, args, count, 2, by)) {
    return vm.failure;
  }
  const auto t = static_cast<float>(by);
  if (t == 1) return return_vector(args, b);
  return return_vector(
      args, {a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t});
}

// Under a name that is no component's there is nothing.
int vector_index(Vm& vm, Value* args, int count) {
  Lanes v;
  String* name;
  Value component;
  if (!arg_vector(vm, args, count, 0, v) || !vm::arg_string(vm, args, count, 1, name)) {
    return vm.failure;
  }
  if (vm::vector_component(args[0], args[1], component)) return vm::return_one(args, component);
  return vm::throw_error(vm, {"attempt to index vector with '", name->view(), "'"});
}

}  // namespace

std::span<const BuiltinRow> vector_rows() {
  static constexpr BuiltinRow kRows[] = {
      {.name = "luau:vector.create", .call = vector_create, .fast = fast_create},
      {"luau:vector.magnitude", vector_magnitude},
      {"luau:vector.normalize", vector_normalize},
      {"luau:vector.cross", vector_cross},
      {"luau:vector.dot", vector_dot},
      {"luau:vector.angle", vector_angle},
      {"luau:vector.floor", by_lane<round_down>},
      {"luau:vector.ceil", by_lane<round_up>},
      {"luau:vector.abs", by_lane<absolute>},
      {"luau:vector.sign", by_lane<sign_of>},
      {"luau:vector.clamp", vector_clamp},
      {"luau:vector.max", extreme<is_greater>},
      {"luau:vector.min", extreme<is_less>},
      {"luau:vector.lerp", vector_lerp},
      {"intrinsic.luau_vector_index", vector_index},
  };
  return kRows;
}

bool fill_vector(Vm& vm, Table& library) {
  heap::Heap& heap = vm.heap;
  Table* metatable = heap.new_table();
  if (metatable == nullptr) return false;
  const int index = vm.builtins.find("intrinsic.luau_vector_index");
  return heap::set_field(heap, library, "zero", heap::make_vector({0, 0, 0})) &&
         heap::set_field(heap, library, "one", heap::make_vector({1, 1, 1})) &&
         heap::set_field(heap, *metatable, "__index",
                         Value::from_builtin(static_cast<std::uint32_t>(index))) &&
         heap.set_basic_metatable(heap::BasicType::Vector, metatable);
}

}  // namespace moonlet::stdlib::luau
