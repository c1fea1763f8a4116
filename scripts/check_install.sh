#!/bin/sh
# Installs a build into an empty folder, moves it, and builds examples/embed and examples/types against it
# as a stranger would: with find_package(Moonlet), and with pkg-config.
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

for example in embed types; do
  # A copy, so that nothing of this tree is in reach by accident.
  cp -R "examples/$example" "$work/$example"
  {
    cmake -S "$work/$example" -B "$work/build-$example" -G Ninja -DCMAKE_BUILD_TYPE=Release \
      -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$work/prefix" &&
      cmake --build "$work/build-$example" &&
      (cd "$work/build-$example" && ctest --no-tests=ignore --output-on-failure)
  } >"$work/log" 2>&1 || {
    cat "$work/log"
    echo "install: examples/$example does not work with find_package(Moonlet)"
    exit 1
  }
  "$compiler" -std=c++2b -o "$work/${example}_pc" "$work/$example"/*.cpp $flags || {
    echo "install: examples/$example does not build with pkg-config"
    exit 1
  }
done
echo "install: examples/embed and types build out of tree with find_package and pkg-config"
