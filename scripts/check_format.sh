#!/bin/sh
# Says which C++ files clang-format would change; with --fix, changes them.
#
# The version is fixed, because versions differ in what they write: set CLANG_FORMAT to use another
# program of version 14.
set -eu
cd "$(dirname "$0")/.."

formatter=${CLANG_FORMAT:-clang-format-14}
if ! command -v "$formatter" >/dev/null 2>&1; then
  echo "check_format: $formatter not found; scripts/bootstrap.sh installs it" >&2
  exit 2
fi

list=$(mktemp)
trap 'rm -f "$list"' EXIT
for folder in include src bindings/node/src tests bench fuzz examples; do
  if [ -d "$folder" ]; then
    find "$folder" -type f \( -name '*.hpp' -o -name '*.cpp' -o -name '*.h' \) -print0
  fi
done >"$list"

if [ "${1:-}" = --fix ]; then
  xargs -0 -r "$formatter" -i <"$list"
  exit 0
fi

unformatted=$(xargs -0 -r -n 1 sh -c '
  "$0" "$1" | cmp -s - "$1" || printf "%s\n" "$1"' "$formatter" <"$list" | sort)
if [ -n "$unformatted" ]; then
  echo "clang-format would change these files (scripts/check_format.sh --fix does it):"
  printf '%s\n' "$unformatted" | sed 's/^/  /'
  exit 1
fi
echo "format: $(tr -cd '\000' <"$list" | wc -c | tr -d ' ') files as clang-format writes them"
