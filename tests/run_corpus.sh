#!/bin/sh
# The language corpus under $MOONLET; what ./test calls. Options are those of run_corpus.py:
# --all for every mode, names of files to run some only.
cd "$(dirname "$0")/.." || exit 1
MOONLET=${MOONLET:-build/release/moonlet} exec python3 tests/run_corpus.py "$@"
