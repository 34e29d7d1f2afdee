#!/usr/bin/env python3
"""Checks an export of the audit log without any of MedFlow's code.

    verify_export.py [--root BASE64] [--size N] [--key KEY [--checkpoints NOTES] [--proof JSON]...] FILE
                                                         ("-" reads standard input)

FILE is what `audit.export` gives: one line {"seq": N, "event": "<base64>"} per event. Every event is read strictly, numbers
must follow one on another, each row's revisions must be 1, 2, 3 ..., and the root of the RFC 6962 tree over the events is
computed and compared with --root where that is given. Prints size, root and the number of events per action.

--key is the verifier key of `audit.head` (C2SP signed-note). --checkpoints is a file of signed notes, such as a sink keeps: each has to
be signed by the key, and the log to have had that root at that size; where the log is shorter, it was cut. --proof is an answer of
`audit.prove_inclusion` (its event has to be in FILE, and its root to be that of its signed note, or of the export) or of
`audit.prove_consistency` (both roots have to be those of the export). Proofs are checked by their hashes alone.
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
    marks = reader.choice(4)
    event["on_behalf_of"] = reader.take(16) if marks & 1 else None
    event["clock_synchronised"] = marks & 2 != 0
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


# Ed25519 (RFC 8032, section 5.1), verification only; slow and simple.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def recover_x(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def add_points(a, b):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    e, f = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    g, h = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(times, point):
    out = (0, 1, 1, 0)
    while times:
        if times & 1:
            out = add_points(out, point)
        point, times = add_points(point, point), times >> 1
    return out


def read_point(data):
    number = int.from_bytes(data, "little")
    y, sign = number & (1 << 255) - 1, number >> 255
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (recover_x(BASE_Y, 0), BASE_Y, 1, recover_x(BASE_Y, 0) * BASE_Y % P)


def signature_holds(key, message, signature):
    if len(signature) != 64:
        return False
    a, r, s = read_point(key), read_point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    left, right = multiply(s, BASE), add_points(r, multiply(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def unbase64(text):
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise Damage("this is no base64") from error


class Key:
    """A verifier key: name+key id+base64(1 | public key)."""

    def __init__(self, text):
        name, identity, data = text.split("+", 2)
        data = unbase64(data)
        if len(data) != 33 or data[0] != 1:
            raise Damage("the verifier key is no Ed25519 key")
        self.name, self.public = name, data[1:]
        self.identity = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
        if self.identity.hex() != identity:
            raise Damage("the verifier key's id is not its own")

    def open(self, note):
        """Size and root of a signed note."""
        text, _, signatures = note.partition("\n\n")
        lines = text.split("\n")
        if len(lines) != 3 or lines[0] != self.name or str(int(lines[1])) != lines[1]:
            raise Damage("a note is no checkpoint of this log")
        for line in signatures.splitlines():
            dash, name, data = line.split(" ")
            data = unbase64(data)
            if dash == "\u2014" and name == self.name and data[:4] == self.identity:
                if signature_holds(self.public, (text + "\n").encode(), data[4:]):
                    return int(lines[1]), unbase64(lines[2])
        raise Damage("a checkpoint is not signed by the key")


def split_notes(text):
    notes, lines = [], []
    for line in text.split("\n"):
        if lines and lines[-1].startswith("\u2014 ") and not line.startswith("\u2014 "):
            notes.append("\n".join(lines) + "\n")
            lines = []
        if lines or line:
            lines.append(line)
    if lines:
        raise Damage("the checkpoints end within a note")
    return notes


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_by_inclusion(index, size, leaf, path):
    """RFC 9162, section 2.1.3.2."""
    if index >= size:
        raise Damage("the event is not in the proof's tree")
    last, out = size - 1, leaf
    for beside in path:
        if last == 0:
            raise Damage("the inclusion proof is too long")
        if index & 1 or index == last:
            out = node(beside, out)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            out = node(out, beside)
        index, last = index >> 1, last >> 1
    if last:
        raise Damage("the inclusion proof is too short")
    return out


def roots_by_consistency(earlier, size, earlier_root, path):
    """RFC 9162, section 2.1.4.2."""
    if earlier == size:
        return earlier_root, earlier_root
    path = list(path)
    if earlier & (earlier - 1) == 0:
        path.insert(0, earlier_root)
    index, last = earlier - 1, size - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    if not path:
        raise Damage("the consistency proof is too short")
    before = after = path[0]
    for beside in path[1:]:
        if last == 0:
            raise Damage("the consistency proof is too long")
        if index & 1 or index == last:
            before, after = node(beside, before), node(beside, after)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            after = node(after, beside)
        index, last = index >> 1, last >> 1
    if last:
        raise Damage("the consistency proof is too short")
    return before, after


def read_line(line):
    try:
        entry = json.loads(line)
        if not isinstance(entry, dict) or set(entry) != {"seq", "event"} or type(entry["seq"]) is not int:
            raise Damage("the line is no event")
        return entry["seq"], base64.b64decode(entry["event"], validate=True)
    except (ValueError, TypeError, binascii.Error) as error:
        raise Damage("the line is no event") from error


class Checker:
    def __init__(self, wanted=()):
        self.wanted = set(wanted)  # sizes whose roots are asked for
        self.roots = {}
        self.leaves = {}
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
        if seq in self.wanted:
            self.roots[seq] = self.tree.root() if self.first == 1 else None
            self.leaves[seq] = hashlib.sha256(b"\x00" + data).digest()
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


def check_checkpoints(checker, states):
    for size, root in states:
        if size > checker.size:
            raise Damage(f"the log ends at {checker.size}, and a checkpoint covers {size} events")
        if checker.roots.get(size) != root:
            raise Damage(f"the log is no extension of the checkpoint of {size} events")


def check_proof(checker, key, proof):
    path = [unbase64(text) for text in proof["hashes"]]
    if "seq" in proof:
        if proof["seq"] not in checker.leaves:
            raise Damage("the proof's event is not in the export")
        signed = None
        if proof.get("note"):
            signed = key.open(proof["note"])
            if signed[0] != proof["size"]:
                raise Damage("the proof's note is of another size")
        root = root_by_inclusion(proof["seq"] - 1, proof["size"], checker.leaves[proof["seq"]], path)
        if root != (signed[1] if signed else checker.roots.get(proof["size"])):
            raise Damage("the inclusion proof does not lead to the root")
        return
    before, after = roots_by_consistency(proof["earlier_size"], proof["size"], unbase64(proof["earlier_root"]), path)
    if before != checker.roots.get(proof["earlier_size"]) or after != checker.roots.get(proof["size"]):
        raise Damage("the consistency proof does not lead to the roots")


def sizes_of(states, proofs):
    sizes = [size for size, _ in states]
    for proof in proofs:
        sizes += [proof[name] for name in ("seq", "size", "earlier_size") if name in proof]
    return sizes


def check(lines, root, size, key=None, states=(), proofs=()):
    checker = Checker(sizes_of(states, proofs))
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
    check_checkpoints(checker, states)
    for proof in proofs:
        check_proof(checker, key, proof)
    if states or proofs:
        print(f"{len(states)} checkpoints and {len(proofs)} proofs hold")


def text_of(name):
    with open(name, encoding="utf-8") as file:
        return file.read()


def main():
    parser = argparse.ArgumentParser(description="Check an export of the audit log.")
    parser.add_argument("--root", help="the root to compare with, base64")
    parser.add_argument("--size", type=int, help="the number of the last event to compare with")
    parser.add_argument("--key", help="the verifier key of the log's checkpoints")
    parser.add_argument("--checkpoints", help="a file of signed checkpoints")
    parser.add_argument("--proof", action="append", default=[], help="a file with a proof, as JSON")
    parser.add_argument("file")
    arguments = parser.parse_args()
    if (arguments.checkpoints or arguments.proof) and not arguments.key:
        parser.error("--checkpoints and --proof need --key")
    try:
        key = Key(arguments.key) if arguments.key else None
        states = [key.open(note) for note in split_notes(text_of(arguments.checkpoints))] if arguments.checkpoints else []
        proofs = [json.loads(text_of(name)) for name in arguments.proof]
        asked = (arguments.root, arguments.size, key, states, proofs)
        if arguments.file == "-":
            check(sys.stdin, *asked)
        else:
            with open(arguments.file, encoding="utf-8") as lines:
                check(lines, *asked)
    except (Damage, ValueError, KeyError, TypeError) as damage:
        print(f"damaged: {damage}", file=sys.stderr)
        return EXIT_DAMAGED
    return 0


if __name__ == "__main__":
    sys.exit(main())
