#!/bin/sh
# Creates the shop's database afresh.
# usage: setup.sh [FILE]      without FILE: $ORDER_DB, or shop.db in this folder
set -eu
here=$(cd "$(dirname "$0")" && pwd)
database=${1:-${ORDER_DB:-$here/shop.db}}
rm -f "$database"
sqlite3 "$database" <"$here/schema.sql"
echo "created $database"
