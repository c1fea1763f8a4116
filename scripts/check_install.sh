#!/bin/sh
# Installs a build into an empty folder, moves it, and builds examples/embed, examples/types and two of
# examples/scripting against it as a stranger would: with find_package(Moonlet), and with pkg-config.
#
# usage: scripts/check_install.sh [BUILD_FOLDER]      (build/release)
set -eu
cd "$(dirname "$0")/.."

build=${1:-build/release}
compiler=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/first" >"$work/log" || {
  cat "$work/log"
  exit 1
}
mv "$work/first" "$work/prefix"

package_path=$(dirname "$(find "$work/prefix" -name moonlet.pc)")
flags=$(PKG_CONFIG_PATH="$package_path" pkg-config --cflags --libs moonlet)

# build_example NAME TARGETS TESTS: with find_package, and runs its tests.
build_example() {
  # A copy, so that nothing of this tree is in reach by accident.
  cp -R "examples/$1" "$work/$1"
  {
    cmake -S "$work/$1" -B "$work/build-$1" -G Ninja -DCMAKE_BUILD_TYPE=Release \
      -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$work/prefix" &&
      cmake --build "$work/build-$1" --target $2 &&
      (cd "$work/build-$1" && ctest --no-tests="$4" -R "$3" --output-on-failure)
  } >"$work/log" 2>&1 || {
    cat "$work/log"
    echo "install: examples/$1 does not work with find_package(Moonlet)"
    exit 1
  }
}

for example in embed types; do
  build_example "$example" all . ignore
  "$compiler" -std=c++2b -o "$work/${example}_pc" "$work/$example"/*.cpp $flags || {
    echo "install: examples/$example does not build with pkg-config"
    exit 1
  }
done
build_example scripting "script_demo hot_reload" "^(script_demo|hot_reload)$" error
flags=$(PKG_CONFIG_PATH="$package_path" pkg-config --cflags --libs moonlet-runtime)
"$compiler" -std=c++2b -o "$work/runtime_pc" "$work/scripting/script_demo.cpp" $flags || {
  echo "install: examples/scripting does not build with pkg-config"
  exit 1
}
echo "install: examples/embed, types and scripting build out of tree with find_package and pkg-config"
