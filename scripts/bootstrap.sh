#!/bin/sh
# Installs what building and testing Moonlet needs, on Debian and systems like it. Needs only sh and
# apt; does nothing when everything is there.
#
# usage: scripts/bootstrap.sh [--dev]
#   --dev   also what the other presets need: sanitizer runtimes, the ARM cross compiler, qemu; and
#           what the benchmarks use: valgrind, Erlang
#
# MOONLET_SKIP_BOOTSTRAP=1 passes over all of it, for systems where the tools come from elsewhere.
set -eu

if [ "${MOONLET_SKIP_BOOTSTRAP:-}" = 1 ]; then
  exit 0
fi

# Compilers and build tools; libraries; Lua implementations to compare with; checks.
packages="clang-19 lld-19 g++ cmake ninja-build ccache pkg-config
  libgtest-dev librapidcheck-dev libbenchmark-dev libcli11-dev nlohmann-json3-dev libfmt-dev
  libspdlog-dev libvalijson-dev libsqlite3-dev sqlite3 libedit-dev libxxhash-dev
  libconcurrentqueue-dev libboost1.81-dev
  lua5.4 liblua5.4-dev luajit
  python3 curl clang-format-14"
case "${1:-}" in
  '') ;;
  --dev) packages="$packages make libclang-rt-19-dev llvm-19 g++-aarch64-linux-gnu qemu-user
    valgrind erlang-base" ;;
  *)
    echo "usage: scripts/bootstrap.sh [--dev]" >&2
    exit 2
    ;;
esac

# Node often comes from elsewhere than Debian.
for program in node npm; do
  if ! command -v "$program" >/dev/null 2>&1; then
    if [ "$program" = node ]; then packages="$packages nodejs"; else packages="$packages npm"; fi
  fi
done

if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
  echo "bootstrap: this system has no apt, so nothing was installed. Moonlet needs a C++23 compiler," >&2
  echo "  and what these Debian packages hold:" >&2
  echo "$packages" | tr -s ' \n' '\n' | sed '/^$/d; s/^/    /' >&2
  echo "  With all of it in place, set MOONLET_SKIP_BOOTSTRAP=1." >&2
  exit 1
fi

missing=
for package in $packages; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  if [ "$status" != installed ]; then
    missing="$missing $package"
  fi
done
if [ -z "$missing" ]; then
  exit 0
fi

as_root=
if [ "$(id -u)" != 0 ]; then
  if command -v sudo >/dev/null 2>&1; then
    as_root=sudo
  else
    echo "bootstrap: these packages are missing, and installing them needs root (or sudo):" >&2
    echo "   $missing" >&2
    echo "  As root, run: apt-get update && apt-get install --no-install-recommends$missing" >&2
    exit 1
  fi
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() {
  if ! "$@" >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "bootstrap: failed: $*" >&2
    echo "  Install by hand:$missing" >&2
    exit 1
  fi
}

echo "bootstrap: installing$missing"
if [ -n "$as_root" ]; then
  # Asked for here, where the question can be seen.
  sudo -v || {
    echo "bootstrap: sudo refused; ask an administrator to install:$missing" >&2
    exit 1
  }
fi
quietly $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
quietly $as_root env DEBIAN_FRONTEND=noninteractive \
  apt-get install -q -y --no-install-recommends $missing
echo "bootstrap: done"
