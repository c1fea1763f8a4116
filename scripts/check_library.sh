#!/bin/sh
# Links the layers of the VM into one shared object, complete and alone, and looks at the result:
#   - nothing is left undefined and no library but libc, libstdc++ and what they stand on is needed;
#   - no function is imported whose last digit differs between C libraries (sin, exp, pow ...);
#   - stripped, it is no larger than 1.5 MB.
#
# usage: scripts/check_library.sh [BUILD_FOLDER]      (build/release)
set -eu
cd "$(dirname "$0")/.."

build=${1:-build/release}
size_max=1500000
compiler=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")

libraries=
for layer in base bytecode frontend heap vm stdlib image; do
  if [ -f "$build/libmoonlet_$layer.a" ]; then
    libraries="$libraries $build/libmoonlet_$layer.a"
  fi
done
if [ -z "$libraries" ]; then
  echo "check_library: no libraries in $build" >&2
  exit 2
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$compiler" -shared -o "$work/vm.so" -Wl,--no-undefined -Wl,--as-needed \
  -Wl,--whole-archive $libraries -Wl,--no-whole-archive
needed=$(readelf -d "$work/vm.so" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
  grep -Ev '^(libc|libm|libstdc\+\+|libgcc_s|ld-linux.*)\.so' || true)
if [ -n "$needed" ]; then
  echo "check_library: the VM needs more than libc and libstdc++:" $needed
  exit 1
fi

inexact='a?(sin|cos|tan)h?|atan2|exp|exp2|exp10|expm1|log|log2|log10|log1p|pow|cbrt|hypot|[lt]gamma|erfc?|fma'
imported=$(nm -D --undefined-only "$work/vm.so" | awk '{print $2}' | sed 's/@.*//' |
  grep -Ex "($inexact)[fl]?" || true)
if [ -n "$imported" ]; then
  echo "check_library: results of these differ between C libraries:" $imported
  exit 1
fi

strip -s -o "$work/stripped.so" "$work/vm.so"
size=$(wc -c <"$work/stripped.so" | tr -d ' ')
echo "library: the VM is $size bytes stripped (at most $size_max), needs libc and libstdc++"
if [ "$size" -gt "$size_max" ]; then
  exit 1
fi
