#!/bin/sh
# Handles two orders, each by two processes: the first ends after the first call to the host, the second
# has only the project and the frozen state. Checks that nothing was lost and nothing done twice.
#
# usage: MOONLET=/path/to/moonlet demo.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
moonlet=${MOONLET:-$here/../../build/release/moonlet}
case $moonlet in /*) ;; *) moonlet=$PWD/$moonlet ;; esac
if [ ! -x "$moonlet" ]; then
  echo "demo: there is no program $moonlet; build it, or name it with MOONLET=" >&2
  exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
ORDER_DB=$work/world/shop.db
export ORDER_DB

fail() {
  echo "demo: FAILED: $*" >&2
  exit 1
}

# What a machine gets: the project, nothing else.
new_machine() {
  mkdir "$work/$1"
  cp "$here/order.moonlet.json" "$here/order.lua" "$here/host.py" "$work/$1/"
}

# show COMMAND...: runs it, and shows it as one would type it.
show() {
  printf '  $ moonlet'
  for word; do
    case $word in *[\"\ ]*) printf " '%s'" "$word" ;; *) printf ' %s' "$word" ;; esac
  done
  echo
  "$moonlet" "$@"
}

sql() { sqlite3 "$ORDER_DB" "$1"; }

# handle TITLE INPUT STATUS CALLS: one order from first process to last check.
handle() {
  title=$1 input=$2 status=$3 calls=$4
  echo "== $title"
  rm -rf "$work/world" "$work/first" "$work/second"
  mkdir "$work/world"
  "$here/setup.sh" "$ORDER_DB" >/dev/null
  new_machine first
  new_machine second

  echo "The first process calls the host once, then writes what it is to a file:"
  (cd "$work/first" && show run order.moonlet.json process_order "$input" \
    --dehydrate-after 1 --state order.state >"$work/first.out" 2>"$work/first.err") &
  process=$!
  code=0
  wait "$process" || code=$?
  cat "$work/first.out" "$work/first.err"
  [ -s "$work/first/order.state" ] || fail "no state was written (exit code $code)"
  if kill -0 "$process" 2>/dev/null; then fail "process $process still runs"; fi
  mv "$work/first/order.state" "$work/second/"
  rm -rf "$work/first"
  bytes=$(wc -c <"$work/second/order.state" | tr -d ' ')
  echo "It has ended, its folder is deleted. Left of it: order.state, $bytes bytes."

  echo "Another process, elsewhere, with the project and that file:"
  code=0
  (cd "$work/second" && show resume order.moonlet.json --state order.state) \
    >"$work/second.out" 2>"$work/second.err" || code=$?
  cat "$work/second.out" "$work/second.err"
  [ "$code" = 0 ] || fail "resume ended with exit code $code"

  echo "What the host's functions were asked, by their own log:"
  sql "SELECT printf('  %d  %-10s  %-34s  command %s', number, function, outcome, command_id) FROM calls"

  grep -q "\"status\": *\"$status\"" "$work/second.out" || fail "the result is not $status"
  seen=$(sql "SELECT group_concat(function, ' ') FROM (SELECT function FROM calls ORDER BY number)")
  [ "$seen" = "$calls" ] || fail "expected the calls: $calls"
  [ "$(sql "SELECT count(*) = count(DISTINCT command_id) FROM calls")" = 1 ] ||
    fail "a command arrived twice"
  echo "Each call stands there exactly once, in order."
  echo
}

handle "An order that goes well" '{"orderId":42,"userId":1}' completed \
  "get_user reserve charge send_email"
[ "$(sql "SELECT count(*) || ' ' || sum(amount) FROM charges")" = "1 1999" ] || fail "charged wrongly"
[ "$(sql "SELECT available FROM stock WHERE item = 'lamp'")" = 9 ] || fail "the stock is wrong"

handle "A declined card: what was reserved is released again" '{"orderId":43,"userId":2}' \
  charge_failed "get_user reserve charge release send_email"
[ "$(sql "SELECT count(*) FROM charges")" = 0 ] || fail "something was charged"
[ "$(sql "SELECT available FROM stock WHERE item = 'clock'")" = 3 ] || fail "the stock is wrong"

echo "Both orders ended as they should."
