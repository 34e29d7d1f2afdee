"""Runs clang-tidy over the sources of one build: tidy.py SOURCE_DIR BUILD_DIR.

A source is checked again only if itself, a header of ours that it includes, its compiler flags, or the rules have changed:
what came out clean leaves an empty file under build/tidy, named by the hash of all that, in which this checkout's own place does not occur:
the files may be copied to another checkout.

Most of a check's time goes into the headers. So neighbours are checked as one source, one after the other, as far as they
compile together; those that do not (two helpers of one name) are a further group.
"""

import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

source_dir, build_dir = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
cache = source_dir / "build" / "tidy"
together_max = 20

# What gcc knows and clang does not.
# And no precompiled header: each source has to include what it uses. Debug information is nothing to clang-tidy.
FOREIGN_FLAGS = re.compile(r" -fprofile-\S+| -fdiagnostics-color=always| -Werror| -g0| -Winvalid-pch -include \S+/cmake_pch\.hxx")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
FINDING = re.compile(r"^(/\S+?):\d+:\d+: (?:error|warning): ", re.M)


@functools.cache
def text_of(path):
    return path.read_text()


@functools.cache
def digest(path):
    return hashlib.sha256(text_of(path).encode()).hexdigest()


@functools.cache
def includes(path):
    """The headers of ours that a file names itself; so nothing needs to be built before it is checked."""
    places = (path.parent, source_dir, source_dir / "include", source_dir / "src")
    named = [[place / name for place in places if (place / name).is_file()] for name in INCLUDE.findall(text_of(path))]
    return [found[0] for found in named if found]


def headers(path):
    found, due = set(), [path]
    while due:
        for header in includes(due.pop()):
            if header not in found:
                found.add(header)
                due.append(header)
    return sorted(found)


class Source:
    def __init__(self, entry, stamp):
        self.path, self.stamp, self.directory = pathlib.Path(entry["file"]), stamp, entry["directory"]
        words = shlex.split(entry["command"])
        del words[words.index("-o") : words.index("-o") + 2]
        self.flags = [word for word in words[1:] if word not in ("-c", entry["file"], "-MD") and not word.endswith((".o", ".o.d"))]
        self.flags = [word for word in self.flags if word not in ("-MT", "-MF")]


def joined(sources):
    """A file that holds these sources, in a folder to which their rules apply."""
    rules = cache / "together" / ("tests" if source_dir / "tests" in sources[0].path.parents else "")
    rules.mkdir(parents=True, exist_ok=True)
    if rules.name == "tests":
        (rules / ".clang-tidy").write_text((source_dir / "tests" / ".clang-tidy").read_text())
    lines, places, said = [], [], set()
    for source in sources:
        places.append((len(lines), source.path))
        for line in text_of(source.path).splitlines():
            twice = line.startswith(("#include ", "using ")) and line in said  # that would be a finding
            said.add(line)
            lines.append("" if twice else line)
    text = "\n".join(lines) + "\n"
    path = rules / (hashlib.sha256(text.encode()).hexdigest()[:24] + ".cpp")
    path.write_text(text)
    return path, places


def placed(text, path, places):
    """The findings by the sources' own lines."""

    def place(match):
        line = int(match[1]) - 1
        begin, source = max((one for one in places if one[0] <= line), key=lambda one: one[0])
        return f"{source}:{line - begin + 1}:"

    return re.sub(re.escape(str(path)) + r":(\d+):", place, text)


def check(sources):
    """Yields (source, findings) of each; an empty text where it is clean."""
    path, places = (sources[0].path, []) if len(sources) == 1 else joined(sources)
    compiler = ["clang++", "-fsyntax-only", "-w", "-ferror-limit=0", *sources[0].flags, str(path)]
    if len(sources) > 1:
        run = subprocess.run(compiler, cwd=sources[0].directory, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            path.unlink()
            clashing = {pathlib.Path(name) for name in FINDING.findall(placed(run.stderr, path, places))}
            apart = [source for source in sources if source.path in clashing]
            if len(apart) in (0, len(sources)):
                apart = sources[len(sources) // 2 :]
            return check([source for source in sources if source not in apart]) + check(apart)
    quiet = ["-Wno-shadow"] if places else []  # a neighbour's helper is no outer scope
    run = subprocess.run(["clang-tidy", "--quiet", str(path), "--", *sources[0].flags, *quiet], cwd=sources[0].directory,
                         capture_output=True, text=True, check=False)
    if len(sources) > 1:
        path.unlink()
    if run.returncode == 0:
        return [(source, "") for source in sources]
    if places:
        run.stdout = placed(run.stdout, path, places)
    found = {pathlib.Path(os.path.normpath(name)) for name in FINDING.findall(run.stdout)}
    guilty = [source for source in sources if source.path in found]
    if not guilty or found - {source.path for source in sources}:
        guilty = sources  # a header's, or something else went wrong
    text = run.stdout + ("" if run.stdout.strip() else run.stderr)
    return [(source, text if source is guilty[0] else " " if source in guilty else "") for source in sources]


def due_sources():
    """Those that are to be checked, in groups of neighbours with equal flags."""
    version = subprocess.run(["clang-tidy", "--version"], capture_output=True, text=True, check=True).stdout
    rules = version + (source_dir / ".clang-tidy").read_text()
    rules_of_tests = rules + (source_dir / "tests" / ".clang-tidy").read_text()
    groups = {}
    for entry in json.loads((build_dir / "compile_commands.json").read_text()):
        entry["command"] = re.sub(r"^\S*ccache ", "", FOREIGN_FLAGS.sub("", entry["command"]))
        path = pathlib.Path(entry["file"])
        if not path.exists() or path.suffix != ".cpp" or build_dir in path.parents:
            continue
        in_tests = source_dir / "tests" in path.parents
        parts = [rules_of_tests if in_tests else rules, entry["command"].replace(str(source_dir), "."), digest(path)]
        parts += [digest(header) for header in headers(path)]
        stamp = cache / hashlib.sha256("\n".join(parts).encode()).hexdigest()
        if not stamp.exists():
            source = Source(entry, stamp)
            groups.setdefault((in_tests, *source.flags), []).append(source)
    for group in groups.values():
        group.sort(key=lambda source: source.path)
        for first in range(0, len(group), together_max):
            yield group[first : first + together_max]


def main():
    cache.mkdir(parents=True, exist_ok=True)
    groups = list(due_sources())
    number, failed, total = 0, 0, sum(map(len, groups))
    with concurrent.futures.ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
        for future in concurrent.futures.as_completed([pool.submit(check, group) for group in groups]):
            for source, findings in future.result():
                number += 1
                print(f"[{number}/{total}] {os.path.relpath(source.path, source_dir)}", file=sys.stderr, flush=True)
                if findings:
                    failed += 1
                    print(findings, flush=True)
                else:
                    source.stamp.touch()
    if failed:
        sys.exit(f"clang-tidy: findings in {failed} of {total} sources")


main()
