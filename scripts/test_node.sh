#!/bin/sh
# Installs what bindings/node is built with, exactly as its lockfile says, builds it and runs its tests.
#
# usage: scripts/test_node.sh [VERSION...]
#
# VERSION: the tests are also run by this one of Node's, which npm fetches.
set -eu
cd "$(dirname "$0")/../bindings/node"

# What the lockfile names is installed once; npm leaves a copy of what it did.
installed=node_modules/.package-lock.json
if [ ! -f "$installed" ] || [ package-lock.json -nt "$installed" ]; then
  npm ci --no-audit --no-fund
fi
npm test
for version in "$@"; do
  npm exec --yes --package "node@$version" -- sh -c 'node --version; exec node --test test/*.test.js'
done
