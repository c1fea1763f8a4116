#!/bin/sh
# The agent's tools.
city=$(sed -n 's/.*"city":"\([^"]*\)".*/\1/p')
case "$1 $city" in
  "weather Oslo") echo '{"sky": "snow", "degrees": -4}' ;;
  "local_time Oslo") echo '"10:00"' ;;
  *)
    echo "no such city: $city" >&2
    exit 65
    ;;
esac
