#!/usr/bin/env python3
"""Checks that each preset of CMakePresets.json is known wherever presets are named.

That is: among the presets for building, and for testing unless it builds no tests; as a target of the
Makefile (release is its target "build"); in the list of CONTRIBUTING.md.

usage: scripts/check_presets.py
"""
import json
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
presets = json.loads((root / "CMakePresets.json").read_text())
by_name = {preset["name"]: preset for preset in presets["configurePresets"]}


def variable(preset, name):
    """Its value in a preset, or in the one that it inherits from."""
    value = preset.get("cacheVariables", {}).get(name)
    if value is None and "inherits" in preset:
        return variable(by_name[preset["inherits"]], name)
    return value


def names(kind):
    return {preset["name"] for preset in presets[kind]}


every = {name for name, preset in by_name.items() if not preset.get("hidden")}
tested = {name for name in every if variable(by_name[name], "MOONLET_BUILD_TESTS") != "OFF"}
places = [
    ("buildPresets of CMakePresets.json", names("buildPresets"), every),
    ("testPresets of CMakePresets.json", names("testPresets"), tested),
    ("the targets of the Makefile",
     set(re.findall(r"scripts/build\.sh (\w+)", (root / "Makefile").read_text())), every),
    ("the list in CONTRIBUTING.md",
     set(re.findall(r"^    (\w+)  .*", (root / "CONTRIBUTING.md").read_text().split("Programs are")[0],
                    re.MULTILINE)), every),
]
wrong = 0
for place, found, wanted in places:
    for name in sorted(found ^ wanted):
        wrong += 1
        print(f"{place}: {name} {'should not be there' if name in found else 'is missing'}")
print(f"presets: {len(every)}, {wrong} wrong")
sys.exit(1 if wrong else 0)
