#!/bin/sh
# A build that is done at the third look.
cat >/dev/null
looks=$(($(cat looks 2>/dev/null || echo 0) + 1))
echo "$looks" >looks
case $looks in
  1) echo '{"state": "queued"}' ;;
  2) echo '{"state": "running"}' ;;
  *) rm -f looks; echo '{"state": "done", "artifact": "app.tar"}' ;;
esac
