#!/usr/bin/env python3
"""Checks that each "file:line word" in docs/*.md names a line that has the word.

usage: scripts/check_places.py
"""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
wrong = []
count = 0
for page in sorted((root / "docs").rglob("*.md")):
    for place, line, word in re.findall(r"\b(src/[\w/.]+):(\d+) (\w+)", page.read_text()):
        count += 1
        source = root / place
        lines = source.read_text().splitlines() if source.exists() else []
        if int(line) > len(lines) or word not in lines[int(line) - 1]:
            found = [str(n + 1) for n, text in enumerate(lines) if word in text][:3]
            hint = "line " + " or ".join(found) if found else "nowhere in it"
            wrong.append(f"{page.relative_to(root)}: {place}:{line} has no '{word}' ({hint})")
for problem in wrong:
    print(problem)
print(f"places: {count} in docs, {len(wrong)} wrong")
sys.exit(1 if wrong else 0)
