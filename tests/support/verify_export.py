#!/usr/bin/env python3
"""Checks an export of the audit log without any of MedFlow's code.

    verify_export.py [--root BASE64] [--size N] FILE     ("-" reads standard input)

FILE is what `audit.export` gives: one line {"seq": N, "event": "<base64>"} per event. Every event is read strictly, numbers
must follow one on another, each row's revisions must be 1, 2, 3 ..., and the root of the RFC 6962 tree over the events is
computed and compared with --root where that is given. Prints size, root and the number of events per action.
Exit code: 0 intact, 8 damaged, 2 wrong usage.

A root can be computed only where the export begins at event 1; without --root a log that somebody wrote wholly anew, with
new numbers, is not seen.
"""
import argparse
import base64
import binascii
import collections
import hashlib
import json
import struct
import sys

EXIT_DAMAGED = 8
PATIENTS_MAX = 200
DETAIL_MAX = 16 * 1024 * 1024


class Damage(Exception):
    pass


class Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, size):
        if self.at + size > len(self.data):
            raise Damage("the event ends too early")
        piece = self.data[self.at:self.at + size]
        self.at += size
        return piece

    def number(self, form):
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0]

    def choice(self, count):
        value = self.number("B")
        if value >= count:
            raise Damage("a value is out of its range")
        return value

    def word(self):
        return self.take(self.number("B"))


def read_event(data):
    """The fields of one event, in the order of their bytes."""
    reader = Reader(data)
    if reader.number("B") != 1:
        raise Damage("unknown version")
    event = {"seq": reader.number("Q"), "at": reader.number("q"), "actor_kind": reader.choice(4)}
    event["actor"] = reader.take(16)
    event["session"] = reader.take(16)
    event["roles"] = reader.number("H")
    event["action"] = reader.word()
    event["object"] = (reader.number("H"), reader.take(16), reader.number("Q"))
    patients = reader.number("B")
    if patients > PATIENTS_MAX:
        raise Damage("too many patients")
    event["patients"] = [reader.take(16) for _ in range(patients)]
    event["outcome"] = reader.choice(3)
    event["error"] = reader.word()
    if event["outcome"] == 0 and event["error"]:
        raise Damage("an event that went well names an error")
    event["purpose"] = reader.number("B")
    event["address_hash"] = reader.take(16)
    event["user_agent_hash"] = reader.take(16)
    event["request"] = reader.take(16)
    event["count"] = reader.number("I")
    event["rows"] = [read_row(reader) for _ in range(reader.number("H"))]
    event["on_behalf_of"] = reader.take(16) if reader.choice(2) else None
    size = reader.number("I")
    if size > DETAIL_MAX:
        raise Damage("the detail is too long")
    event["detail"] = reader.take(size)
    if reader.at != len(data):
        raise Damage("bytes are left over")
    return event


def read_row(reader):
    return {"table": reader.number("H"), "id": reader.take(16), "revision": reader.number("Q"),
            "seal": reader.take(18), "removed": reader.choice(2) == 1}


class Tree:
    """The roots of the perfect subtrees from left to right, each with its height."""

    def __init__(self):
        self.peaks = []

    def append(self, event):
        node, height = hashlib.sha256(b"\x00" + event).digest(), 0
        while self.peaks and self.peaks[-1][1] == height:
            node, height = hashlib.sha256(b"\x01" + self.peaks.pop()[0] + node).digest(), height + 1
        self.peaks.append((node, height))

    def root(self):
        if not self.peaks:
            return hashlib.sha256().digest()
        node = self.peaks[-1][0]
        for left, _ in reversed(self.peaks[:-1]):
            node = hashlib.sha256(b"\x01" + left + node).digest()
        return node


def read_line(line):
    try:
        entry = json.loads(line)
        if not isinstance(entry, dict) or set(entry) != {"seq", "event"} or type(entry["seq"]) is not int:
            raise Damage("the line is no event")
        return entry["seq"], base64.b64decode(entry["event"], validate=True)
    except (ValueError, TypeError, binascii.Error) as error:
        raise Damage("the line is no event") from error


class Checker:
    def __init__(self):
        self.first = None
        self.next = None
        self.tree = Tree()
        self.actions = collections.Counter()
        self.rows = {}

    def add(self, line):
        seq, data = read_line(line)
        event = read_event(data)
        if self.next is None:
            self.first = self.next = seq
        if seq != self.next or event["seq"] != seq or seq < 1:
            raise Damage(f"expected event {self.next}")
        self.next += 1
        self.tree.append(data)
        self.actions[event["action"].decode("utf-8", "replace")] += 1
        for row in event["rows"]:
            self.check_revision((row["table"], row["id"]), row)

    def check_revision(self, key, row):
        # What came before the export's first event is not known.
        last = self.rows.get(key, 0 if self.first == 1 else row["revision"] - 1)
        if row["revision"] != last + 1:
            raise Damage("a row's revision does not follow on its last")
        self.rows[key] = 0 if row["removed"] else row["revision"]

    @property
    def size(self):
        return 0 if self.next is None else self.next - 1

    def root(self):
        return base64.b64encode(self.tree.root()).decode() if self.first in (None, 1) else None


def check(lines, root, size):
    checker = Checker()
    for number, line in enumerate(lines, 1):
        try:
            checker.add(line)
        except Damage as damage:
            raise Damage(f"line {number}: {damage}") from damage
    found = checker.root()
    print(f"size {checker.size}")
    print(f"root {found or '-'}")
    for action, count in sorted(checker.actions.items()):
        print(f"{count} {action}")
    if size is not None and size != checker.size:
        raise Damage(f"the log has {size} events")
    if root is not None and root != found:
        raise Damage(f"the root is not {root}")


def main():
    parser = argparse.ArgumentParser(description="Check an export of the audit log.")
    parser.add_argument("--root", help="the root to compare with, base64")
    parser.add_argument("--size", type=int, help="the number of the last event to compare with")
    parser.add_argument("file")
    arguments = parser.parse_args()
    try:
        if arguments.file == "-":
            check(sys.stdin, arguments.root, arguments.size)
        else:
            with open(arguments.file, encoding="utf-8") as lines:
                check(lines, arguments.root, arguments.size)
    except (Damage, UnicodeDecodeError) as damage:
        print(f"damaged: {damage}", file=sys.stderr)
        return EXIT_DAMAGED
    return 0


if __name__ == "__main__":
    sys.exit(main())
