#!/bin/sh
# Configures and builds one preset in build/<preset>.
#
# usage: scripts/build.sh [PRESET [TARGET...]]      (release; everything)
#
# MOONLET_JOBS says how many compilers may run at once (as many as there are processors).
set -eu
cd "$(dirname "$0")/.."

preset=${1:-release}
if [ $# -gt 0 ]; then
  shift
fi
jobs=${MOONLET_JOBS:-$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)}

# Where the measured compiler is not packaged, the system's clang takes its place.
compiler=
if ! command -v clang++-19 >/dev/null 2>&1; then
  case $preset in
    gcc | aarch64) ;;
    *) compiler=-DCMAKE_CXX_COMPILER=clang++ ;;
  esac
fi

log=build/$preset/configure.log
mkdir -p "build/$preset"
if ! cmake --preset "$preset" $compiler >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
if [ $# -gt 0 ]; then
  cmake --build "build/$preset" -j "$jobs" --target "$@"
else
  cmake --build "build/$preset" -j "$jobs"
fi
