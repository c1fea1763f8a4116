#!/bin/sh
# Writes cmake/moonlet.profdata, by which clang compiles the VM for what programs do most, and then
# cmake/function_order.txt, which follows from it. Both may be older than the code: what has changed
# is compiled as if there was none. Written anew when the interpreter, the collector or the library
# has changed much.
#
# What counts is what these run, once each and short: the programs of bench/, in both languages, a
# large source, forks and states.
#
# usage: scripts/write_profile.sh       (llvm-profdata-19, valgrind)
set -eu
cd "$(dirname "$0")/.."

folder=build/profile/profile
scripts/build.sh profile moonlet moonlet_figures
rm -rf "$folder"
for program in bench/programs/*.lua bench/programs/luau/*.luau; do
  [ -e "$program" ] || continue
  size=$(sed -n 's/^-- small: //p' "$program")
  build/profile/moonlet exec "$program" $size >/dev/null
done
for figures in forks freezes; do
  build/profile/moonlet_figures --only "$figures" --no-peers --forks 20000 --seconds 2 >/dev/null
done
llvm-profdata-19 merge --sparse -o cmake/moonlet.profdata "$folder"
scripts/build.sh release moonlet
scripts/order_functions.py
