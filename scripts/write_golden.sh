#!/bin/sh
# Writes tests/golden/*.image, *.state and *.json anew. CONTRIBUTING.md says when that is allowed.
set -eu
cd "$(dirname "$0")/.."
MOONLET_WRITE_GOLDEN=1 "${1:-build/release/moonlet_tests}" --gtest_brief=1 --gtest_filter='Files/Golden*'
git status --short tests/golden
