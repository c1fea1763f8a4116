#!/usr/bin/env python3
"""Looks whether states and images are what docs/formats/ says.

It knows the documents and nothing of the runtime: CBOR is decoded here, each item is held against
the layout, and references have to lead to objects of the right kind. Works on the golden files and on
what the property test makes when MOONLET_KEEP_STATES names a folder.

usage: check_formats.py [--tests build/release/moonlet_tests] [FILE...]
"""

import argparse
import ctypes
import ctypes.util
import hashlib
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests/golden"
FORMATS = ROOT / "docs/formats"

MACHINE_VERSION = 5
ENVELOPE_VERSION = 3
IMAGE_VERSION = 3

REFERENCE, BASE = 6, 8
PACKED = {3: 79, 4: 86}  # tags of their typed arrays
VECTOR, VECTOR_KEY = 11, 12
TAGS = {REFERENCE: "object", 7: "builtin", BASE: "library function", 9: "light", 10: "dead key",
        VECTOR: "vector", VECTOR_KEY: "vector as a key"}
(STRING, TABLE, CLOSURE, CELL, OPEN_CELL, USERDATA, THREAD, BUFFER, CHUNK, FUNCTION, RECORD,
 SHAPE, BYTES) = range(13)
CODE = (CHUNK, FUNCTION)
CELLS = (CELL, OPEN_CELL)
TABLES = (TABLE, RECORD)
VALUES = (STRING, *TABLES, CLOSURE, USERDATA, THREAD, BUFFER, BYTES)
IMMUTABLE = (CHUNK, FUNCTION, SHAPE)
FIELDS_MAX = 32
HOST_TYPES_MAX = 32767
# How many items the heads have behind the kind.
HEADS = (2, 4, 3, 1, 1, 4, 2, 4, 1, 2, 4, 2, 3)
SETTINGS = 34
SIGNED_SETTINGS = (2, 3, 4, 5, 29)
ROOTS = 16
UINT_MAX = 2**64 - 1


class Wrong(Exception):
    pass


class Tagged:
    def __init__(self, tag, value):
        self.tag, self.value = tag, value


class Text(str):
    """Told apart from bytes."""


class Decoder:
    """Deterministic CBOR, as much of it as the formats use."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if count > len(self.data) - self.at:
            raise Wrong(f"truncated at byte {self.at}")
        part = self.data[self.at:self.at + count]
        self.at += count
        return part

    def argument(self, low):
        if low < 24:
            return low
        if low > 27:
            raise Wrong(f"indefinite length at byte {self.at}")
        size = 1 << (low - 24)
        number = int.from_bytes(self.take(size), "big")
        if number < (24, 1 << 8, 1 << 16, 1 << 32)[low - 24]:
            raise Wrong(f"a head longer than needed at byte {self.at}")
        return number

    def item(self):
        head = self.take(1)[0]
        major, low = head >> 5, head & 31
        if major == 7:
            return self.simple(low)
        number = self.argument(low)
        if major == 0:
            return number
        if major == 1:
            return -1 - number
        if major == 2:
            return self.take(number)
        if major == 3:
            return Text(self.take(number).decode("utf-8"))
        if major == 4:
            return [self.item() for _ in range(number)]
        if major == 6:
            return Tagged(number, self.item())
        raise Wrong(f"a map at byte {self.at}")

    def simple(self, low):
        if low == 27:
            bits = self.take(8)
            number = struct.unpack(">d", bits)[0]
            if number != number and bits != bytes.fromhex("7ff8000000000000"):
                raise Wrong(f"another NaN at byte {self.at}")
            return number
        if low not in (20, 21, 22):
            raise Wrong(f"simple value {low} at byte {self.at}")
        return {20: False, 21: True, 22: None}[low]


def decode(data):
    decoder = Decoder(data)
    item = decoder.item()
    if decoder.at != len(data):
        raise Wrong("bytes after the end")
    return item


def want(condition, what):
    if not condition:
        raise Wrong(what)


def uint(item, limit=UINT_MAX, what="number"):
    want(type(item) is int and 0 <= item <= limit, f"{what}: {item!r}")
    return item


def integer(item, what="number"):
    want(type(item) is int and -2**63 <= item < 2**63, f"{what}: {item!r}")


def boolean(item):
    want(type(item) is bool, f"boolean: {item!r}")


def items(item, count=None, what="list"):
    want(type(item) is list and (count is None or len(item) == count), f"{what} of wrong length")
    return item


def groups(item, size, what):
    want(len(items(item, what=what)) % size == 0, f"{what}: incomplete")
    return [item[n:n + size] for n in range(0, len(item), size)]


def checksum(data):
    library = ctypes.CDLL(ctypes.util.find_library("xxhash"))
    library.XXH3_64bits.restype = ctypes.c_uint64
    library.XXH3_64bits.argtypes = (ctypes.c_char_p, ctypes.c_size_t)
    return library.XXH3_64bits(data, len(data))


class Machine:
    """`image`: the heads of the image's objects, {} for a state that stands alone."""

    def __init__(self, item, image):
        self.image = image
        before = [image[number][0] for number in range(len(image))]
        parts = list(items(item))
        categories = parts.pop(5) if len(parts) == 13 else None
        (version, self.fingerprint, types, builtins, settings, self.lost, changed, count, heads,
         bodies, roots, finalizers) = items(parts, 12, "machine")
        want(version == MACHINE_VERSION, f"machine version {version}")
        uint(self.fingerprint)
        self.types = groups(types, 2, "types")
        for name, type_version in self.types:
            want(type(name) is Text, "name of a type")
            uint(type_version, 2**32 - 1, "version of a type")
        self.used_types = set()
        for name in items(builtins):
            want(type(name) is Text, "name of a builtin")
        want(len(set(builtins)) == len(builtins), "a builtin that is named twice")
        self.builtins = builtins
        self.used = set()
        self.stands_alone = not before
        self.check_settings(settings)
        uint(self.lost, len(before))
        self.kinds = list(before)
        for number in items(changed, what="changed"):
            uint(number, len(before) - 1, "changed number")
        want(changed == sorted(set(changed)), "changes out of order")
        if categories is not None:
            self.check_categories(categories, count)
        numbers = changed + list(range(len(before), len(before) + uint(count)))
        want(type(heads) is bytes and type(bodies) is bytes, "heads and bodies")
        decoder = Decoder(heads)
        self.heads = {number: self.head(decoder) for number in numbers}
        want(decoder.at == len(heads), "bytes after the heads")
        for number in changed:
            old, new = self.kinds[number], self.heads[number][0]
            want(old not in (STRING, *IMMUTABLE), "a change of what cannot change")
            want(new == old or {new, old} in (set(CELLS), set(TABLES)) or
                 (old, new) == (BUFFER, STRING),
                 f"object {number} was of kind {old} and is of kind {new}")
            self.kinds[number] = new
        self.kinds += [self.heads[number][0] for number in numbers[len(changed):]]
        self.bodies = Decoder(bodies)
        for number in numbers:
            try:
                self.check_object(*self.heads[number])
            except Wrong as problem:
                raise Wrong(f"object {number}: {problem}") from None
        want(self.bodies.at == len(bodies), "bytes after the bodies")
        self.check_roots(roots)
        if finalizers is not None:
            for part in items(finalizers, 2, "finalizers"):
                for reference in items(part):
                    self.reference(reference, (*TABLES, USERDATA))
        want(len(self.used) == len(builtins), "a builtin in the list that nothing refers to")
        want(len(self.used_types) == len(types) // 2, "a type in the list without an object")

    def check_settings(self, settings):
        for n, setting in enumerate(items(settings, SETTINGS, "settings")):
            if setting is None:
                want(not self.stands_alone, "a missing setting")
            elif n in SIGNED_SETTINGS:
                integer(setting)
            else:
                uint(setting)

    @staticmethod
    def check_categories(categories, count):
        current, names, runs = items(categories, 3, "categories")
        want(all(type(name) is bytes and 0 < len(name) <= 64 for name in items(names)) and
             len(set(names)) == len(names) < 16, "names of categories")
        uint(current, len(names), "category")
        runs = groups(runs, 2, "runs of categories")
        for objects, category in runs:
            want(uint(objects) > 0, "an empty run")
            uint(category, len(names), "category")
        want(sum(objects for objects, _ in runs) <= count, "categories of too many objects")
        want(not runs or runs[-1][1] > 0, "a run that says nothing")

    def check_roots(self, roots):
        roots = groups(roots, 2, "roots")
        numbers = [uint(number, ROOTS - 1, "root") for number, _ in roots]
        want(numbers == sorted(set(numbers)), "roots out of order")
        if self.stands_alone:
            want(set(range(4)) <= set(numbers), "a missing root")
        for number, value in roots:
            if number < 2:
                self.reference(value, (THREAD,))
            elif number < 4:
                self.reference(value, TABLES)
            else:
                self.value(value)

    @staticmethod
    def head(decoder):
        """Kind and the fields of its head."""
        first = decoder.item()
        if type(first) is bytes:
            return STRING, [0, first]
        return uint(first, BYTES, "kind of object"), [decoder.item() for _ in range(HEADS[first])]

    # ---- Values.

    def reference(self, item, kinds):
        want(type(item) is Tagged and item.tag in (REFERENCE, BASE), f"no reference: {item!r}")
        uint(item.value)
        if item.tag == REFERENCE:
            want(item.value < len(self.kinds), f"no object {item.value}")
            kind = self.kinds[item.value]
            want(kind in kinds, f"a reference to object {item.value} of kind {kind}")
        else:
            want(set(kinds) & {CLOSURE, CHUNK, CELL}, "a library function at a wrong place")

    def reference_or_nil(self, item, kinds):
        if item is not None:
            self.reference(item, kinds)

    def builtin(self, item):
        uint(item, len(self.builtins) - 1, "builtin")
        self.used.add(item)

    def value(self, item, is_key=False):
        if type(item) is Tagged:
            want(item.tag in TAGS, f"tag {item.tag}")
            if item.tag == 7:
                self.builtin(item.value)
            elif item.tag in (REFERENCE, BASE):
                self.reference(item, VALUES)
            elif item.tag == VECTOR:
                want(type(item.value) is bytes and len(item.value) == 12, "lanes of a vector")
            elif item.tag == VECTOR_KEY:
                want(is_key, "a vector's key that is no key")
                self.reference(Tagged(REFERENCE, item.value), (STRING,))
            else:
                want(item.tag == 9 or is_key, "a dead key that is no key")
                uint(item.value)
        elif type(item) is int:
            integer(item)
        else:
            want(item is None or type(item) in (bool, float), f"no value: {item!r}")

    def values(self, item):
        for value in items(item):
            self.value(value)

    # ---- Objects.

    def check_object(self, kind, fields):
        fields = list(fields)
        if kind not in IMMUTABLE:
            uint(fields.pop(0), 2**36 - 1, "identity")
        (self.string, self.table, self.closure, self.cell, self.open_cell, self.userdata,
         self.thread, self.buffer, self.chunk, self.function, self.record,
         self.shape, self.bytes)[kind](fields)

    def string(self, fields):
        want(type(items(fields, 1)[0]) is bytes, "text of a string")

    def elements(self, flags, array_room):
        uint(flags, 255)
        self.reference_or_nil(self.bodies.item(), TABLES)
        array = self.bodies.item()
        if type(array_room) is list:
            packed, array_room = items(array_room, 2, "room of an array")
            want(packed in PACKED, "unknown packing")
            want(type(array) is Tagged and array.tag == PACKED[packed], "elements of another kind")
            want(type(array.value) is bytes and len(array.value) % 8 == 0, "packed elements")
            want(0 < uint(array_room) and len(array.value) // 8 <= array_room, "a packed array")
            return
        want(len(items(array)) <= uint(array_room), "array beyond its room")
        want(not array or array[-1] is not None, "an array that ends in nil")
        self.values(array)

    def table(self, fields):
        flags, array_room, entry_room = fields
        self.elements(flags, array_room)
        entries = groups(self.bodies.item(), 2, "entries")
        want(len(entries) <= uint(entry_room), "entries beyond their room")
        for key, value in entries:
            want(key is not None and key == key, "a key that is nil or NaN")
            want(type(key) is not Tagged or key.tag != VECTOR, "a vector as it is no key")
            self.value(key, is_key=True)
            self.value(value)
            if type(key) is Tagged and key.tag == 10:
                want(value is None, "a dead key with a value")

    def record(self, fields):
        flags, array_room, room = fields
        self.elements(flags, array_room)
        shape = self.bodies.item()
        self.reference(shape, (SHAPE,))
        count = self.key_count(shape.value)
        want(count <= uint(room, 2 * FIELDS_MAX), "fields beyond their room")
        for _ in range(count):
            self.value(self.bodies.item())

    def shape(self, fields):
        parent, key = items(fields, 2, "shape")
        self.reference_or_nil(parent, (SHAPE,))
        self.reference_or_nil(key, (STRING,))
        want((parent is None) == (key is None), "a shape with a key or a parent only")

    def key_count(self, number):
        count = 0
        while count <= FIELDS_MAX:
            parent = (self.heads if number in self.heads else self.image)[number][1][0]
            if parent is None:
                return count
            self.reference(parent, (SHAPE,))
            number = parent.value
            count += 1
        raise Wrong("a shape with too many keys")

    def closure(self, fields):
        function, upvalues = fields
        self.reference(function, CODE)
        for _ in range(uint(upvalues, 255)):
            self.reference(self.bodies.item(), CELLS)

    def cell(self, fields):
        self.value(self.bodies.item())

    def open_cell(self, fields):
        self.reference(self.bodies.item(), (THREAD,))
        uint(self.bodies.item())

    def userdata(self, fields):
        host_type, count, payload = fields
        metatable = self.bodies.item()
        if 1 <= uint(host_type, 65535) <= HOST_TYPES_MAX:
            want(host_type <= len(self.types), "a type that is not in the list")
            self.used_types.add(host_type)
            want(metatable is None and count == 0, "a host object with a metatable or user values")
            want(payload is None or type(payload) is bytes or uint(payload) >= 0, "payload")
            return
        self.reference_or_nil(metatable, TABLES)
        for _ in range(uint(count, 65535)):
            self.value(self.bodies.item())
        want(type(payload) is bytes, "payload")

    def bytes(self, fields):
        self.written(*items(fields, 2, "buffer"))

    def written(self, size, data):
        least = (uint(size) + 1023) // 1024
        want(type(data) is bytes and least <= len(data) <= size, "bytes of a buffer")
        want(len(data) == least or data[-1] != 0, "zeros at the end of a buffer")

    def buffer(self, fields):
        room, size, data = items(fields, 3, "buffer")
        want(uint(size) <= uint(room), "buffer beyond its room")
        self.written(size, data)

    # ---- Threads.

    def thread(self, fields):
        size, = fields
        (status, entry, depth, inherited, resumer, error, hook, room, pending,
         frames) = (self.bodies.item() for _ in range(10))
        uint(size)
        uint(status, 5, "status")
        uint(entry, 5, "entry")
        uint(depth)
        uint(inherited)
        self.reference_or_nil(resumer, (THREAD,))
        self.value(error)
        self.hook(hook)
        want(len(items(pending)) <= uint(room), "pending variables beyond their room")
        want(pending == sorted(set(pending)), "pending variables out of order")
        for slot in pending:
            uint(slot, size - 1, "pending variable")
        if len(items(frames)) == 1:
            return self.values(frames[0])
        want(frames, "a thread without contents")
        open_top, top, results = items(frames[0], 3, "head of the frames")
        boolean(open_top)
        uint(top, size)
        uint(results, size)
        last = -1
        for frame in frames[1:]:
            slot = self.frame(frame, size)
            want(slot > last, "frames out of order")
            last = slot

    def hook(self, hook):
        if hook is None:
            return
        mask, stage, running, count, countdown, position, builtin, function = items(hook, 8, "hook")
        uint(mask, 15)
        uint(stage)
        boolean(running)
        integer(count)
        integer(countdown)
        uint(position)
        self.builtin(builtin)
        self.value(function)

    def frame(self, frame, size):
        link, link_position, slot, function, position, extra, registers = items(frame, 7, "frame")
        uint(link, 255)
        uint(link_position)
        uint(slot, size - 1, "slot")
        want(type(function) is Tagged, "a frame without a function")
        self.value(function)
        uint(position)
        self.values(extra)
        self.values(registers)
        want(slot + 1 + len(extra) + len(registers) <= size, "registers beyond the stack")
        return slot

    # ---- Code.

    def function(self, fields):
        chunk, index = items(fields, 2, "function")
        self.reference(chunk, (CHUNK,))
        uint(index)

    def chunk(self, fields):
        functions = items(items(fields, 1, "chunk")[0])
        want(functions, "a chunk without functions")
        for function in functions:
            self.code(function, len(functions))

    def code(self, fields, function_count):
        (name, source, line, last_line, parameters, vararg, max_stack, words, heights, constants, children,
         upvalues, lines, variables) = items(fields, 14, "code")
        self.reference_or_nil(name, (STRING,))
        self.reference_or_nil(source, (STRING,))
        uint(line)
        uint(last_line)
        uint(parameters, 255)
        boolean(vararg)
        uint(max_stack, 255)
        want(type(words) is bytes and len(words) % 4 == 0, "words")
        want(type(heights) is bytes and 4 * len(heights) == len(words), "heights")
        for constant in items(constants):
            if type(constant) is Tagged:
                self.reference(constant, (STRING,))
            else:
                self.value(constant)
        for child in items(children):
            uint(child, function_count - 1, "child")
        for name, from_register, index in groups(upvalues, 3, "upvalues"):
            self.reference_or_nil(name, (STRING,))
            boolean(from_register)
            uint(index, 255)
        want(lines is None or (type(lines) is bytes and len(lines) == len(words)), "lines")
        for name, start, end in groups(variables, 3, "variables"):
            self.reference(name, (STRING,))
            want(uint(start) <= uint(end), "range of a variable")


def check_image(data):
    """The heads of its objects, by number."""
    mark, version, kind, dialect, machine = items(decode(data), 5, "image")
    want(type(mark) is Text and mark == "moonlet-image", "mark of an image")
    want(version == IMAGE_VERSION, f"image version {version}")
    uint(kind, 1, "kind of image")
    uint(dialect, 1, "language of an image")
    want(type(machine) is bytes, "machine")
    item = decode(machine)
    want(item[5] == 0 and item[6] == [], "an image that is a difference")
    return Machine(item, {}).heads


def check_state(data, images):
    """`images`: heads of objects by hash."""
    mark, version, image, name, sequence, machine, check = items(decode(data), 7, "state")
    want(type(mark) is Text and mark == "moonlet-vm", "mark of a state")
    want(version == ENVELOPE_VERSION, f"state version {version}")
    want(type(image) is bytes and len(image) == 32, "hash of the image")
    want(type(name) is Text, "id")
    uint(sequence)
    want(type(machine) is bytes, "machine")
    want(check == checksum(data[:-9]).to_bytes(8, "big"), "checksum")
    want(image in images, f"image {image.hex()} is not among the files")
    Machine(decode(machine), images[image])


def check_files(paths):
    """How many files are wrong."""
    wrong = 0
    images = {}
    states = []
    for path in paths:
        data = path.read_bytes()
        try:
            if data[1:15] == b"\x6dmoonlet-image":
                images[hashlib.sha256(data).digest()] = check_image(data)
            else:
                states.append((path, data))
        except (Wrong, ValueError, IndexError) as problem:
            print(f"{path}: {problem}")
            wrong += 1
    for path, data in states:
        try:
            check_state(data, images)
        except (Wrong, ValueError, IndexError) as problem:
            print(f"{path}: {problem}")
            wrong += 1
    print(f"{len(images)} images and {len(states)} states are looked at, {wrong} are wrong")
    return wrong


def check_documents():
    """How many numbers here are not those of the documents."""
    state, image = ((FORMATS / name).read_text(encoding="utf-8") for name in ("state.md", "image.md"))
    fields = re.search(r"^settings = \[(.*?)\]", state, re.DOTALL | re.MULTILINE).group(1).split(",")
    several = [re.search(r": (\d+)\*\1 ", field) for field in fields]
    found = [
        ("state.md, title", int(re.match(r"# .* version (\d+)", state).group(1)), MACHINE_VERSION),
        ("state.md, last row of its history", last_version(state), MACHINE_VERSION),
        ("state.md, version of a machine",
         int(re.search(r"^machine = \[version: (\d+)", state, re.MULTILINE).group(1)), MACHINE_VERSION),
        ("state.md, version of an envelope",
         int(re.search(r'"moonlet-vm", version: (\d+)', state).group(1)), ENVELOPE_VERSION),
        ("state.md, settings", sum(int(s.group(1)) if s else 1 for s in several), SETTINGS),
        ("image.md, last row of its history", last_version(image), IMAGE_VERSION),
        ("image.md, version of an image",
         int(re.search(r'"moonlet-image", version: (\d+)', image).group(1)), IMAGE_VERSION),
    ]
    found.append(("state.md, highest kind of object",
                  max(map(int, re.findall(r"^head //= \((\d+), ", state, re.MULTILINE))), BYTES))
    wrong = [(place, number, here) for place, number, here in found if number != here]
    for place, number, here in wrong:
        print(f"docs/formats/{place}: {number}, where tests/check_formats.py has {here}")
    return len(wrong)


def last_version(document):
    return int(re.findall(r"^\| (\d+) \|", document, re.MULTILINE)[-1])


def make_states(program, folder):
    environment = dict(os.environ, MOONLET_KEEP_STATES=folder, MOONLET_PROPERTY_CASES="1")
    done = subprocess.run([program, "--gtest_filter=*CorpusProperty*"], env=environment, cwd=ROOT,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=200)
    if done.returncode != 0:
        print(done.stdout.decode(errors="replace")[-3000:])
        sys.exit(f"check_formats: {program} failed")


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1])
    parser.add_argument("--tests", help="the program that makes states to look at")
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = options.files or sorted(p for p in GOLDEN.iterdir() if p.suffix in (".image", ".state"))
        if options.tests:
            make_states(options.tests, folder)
            made = sorted(pathlib.Path(folder).iterdir())
            if not made:
                sys.exit("check_formats: no states were made; is rapidcheck there?")
            paths = paths + made
        sys.exit(1 if check_documents() + check_files(paths) else 0)


if __name__ == "__main__":
    main()
