#!/usr/bin/env python3
"""Checks what MedFlow says of opening windows against Python's zoneinfo, without any of MedFlow's code.

    oracle.py zones        writes every IANA zone, one a line
    oracle.py check FILE   checks lines "zone day start end from to" (tabs between; instants in seconds since 1970; "-" for none)

A time that comes twice is the first (fold 0). A time that does not exist is recognised by what it becomes on the way to UTC and
back; the instant at which clocks are put forward over it is sought by halving between what the offsets of both sides make of it. Differences are
printed, at most 20; the last line is "windows N differences N gaps N twice N none N". Exit code: 0 none differ, 1 some do.
"""
import datetime
import sys
import zoneinfo

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
SECOND = datetime.timedelta(seconds=1)
SHOWN = 20


def names():
    """Ids of zones; not what is a copy with leap seconds, or this machine's own setting."""
    return sorted(name for name in zoneinfo.available_timezones()
                  if not name.startswith(("posix/", "right/")) and name not in ("Factory", "localtime", "posixrules"))


def seconds(instant):
    return (instant - EPOCH) // SECOND


def offset(zone, at):
    return datetime.datetime.fromtimestamp(at, zone).utcoffset()


class Oracle:
    def __init__(self):
        self.zones = {}
        self.gaps = 0
        self.twice = 0

    def instant(self, zone, wall):
        first = wall.replace(tzinfo=zone, fold=0)
        second = wall.replace(tzinfo=zone, fold=1)
        if first.utcoffset() == second.utcoffset():
            return seconds(first.astimezone(UTC))
        back = first.astimezone(UTC).astimezone(zone)
        if back.replace(tzinfo=None, fold=0) == wall:
            self.twice += 1
            return seconds(first.astimezone(UTC))
        self.gaps += 1
        low, high = seconds(second.astimezone(UTC)), seconds(first.astimezone(UTC))
        before = offset(zone, low)
        while high - low > 1:
            middle = (low + high) // 2
            if offset(zone, middle) == before:
                low = middle
            else:
                high = middle
        return high

    def window(self, name, day, start, end):
        zone = self.zones.get(name) or self.zones.setdefault(name, zoneinfo.ZoneInfo(name))
        day = datetime.date.fromisoformat(day)
        start = datetime.time.fromisoformat(start)
        end = datetime.time.fromisoformat(end)
        last = day if end > start else day + datetime.timedelta(days=1)
        opens = self.instant(zone, datetime.datetime.combine(day, start))
        closes = self.instant(zone, datetime.datetime.combine(last, end))
        return (opens, closes) if opens < closes else None


def check(path):
    oracle = Oracle()
    windows = differences = none = 0
    with open(path, encoding="ascii") as lines:
        for line in lines:
            name, day, start, end, opens, closes = line.split()
            said = None if opens == "-" else (int(opens), int(closes))
            expected = oracle.window(name, day, start, end)
            windows += 1
            none += expected is None
            if said != expected:
                differences += 1
                if differences <= SHOWN:
                    print(f"{name} {day} {start}-{end}: MedFlow {said}, zoneinfo {expected}")
    print(f"windows {windows} differences {differences} gaps {oracle.gaps} twice {oracle.twice} none {none}")
    return 1 if differences else 0


def main():
    if sys.argv[1:] == ["zones"]:
        print("\n".join(names()))
        return 0
    if len(sys.argv) == 3 and sys.argv[1] == "check":
        return check(sys.argv[2])
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
