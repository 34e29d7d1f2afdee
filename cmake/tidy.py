"""Runs clang-tidy over the sources of one build: tidy.py SOURCE_DIR BUILD_DIR.

A source is checked again only if itself, a header of ours that it includes, its compiler flags, or the rules have changed:
what came out clean leaves an empty file under build/tidy, named by the hash of all that.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

source_dir, build_dir = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
cache = source_dir / "build" / "tidy"

# What gcc knows and clang does not.
FOREIGN_FLAGS = re.compile(r" -fprofile-\S+| -fdiagnostics-color=always| -Werror")


def headers_by_object():
    """What ninja learnt from the compiler: each object's headers that are ours."""
    found, current = {}, None
    listing = subprocess.run(["ninja", "-C", build_dir, "-t", "deps"], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        if line and not line.startswith(" "):
            current = found.setdefault(line.split(":")[0], [])
        elif line.strip():
            path = pathlib.Path(os.path.normpath(build_dir / line.strip()))
            if source_dir in path.parents and build_dir not in path.parents:
                current.append(path)
    return found


digests = {}


def digest(path):
    if path not in digests:
        digests[path] = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "gone"
    return digests[path]


def check(entry):
    """Returns the findings of one source, an empty text where it is clean."""
    run = subprocess.run(["clang-tidy", "--quiet", "-p", cache, entry["file"]], capture_output=True, text=True, check=False)
    return "" if run.returncode == 0 else run.stdout + run.stderr


def main():
    cache.mkdir(parents=True, exist_ok=True)
    entries = json.loads((build_dir / "compile_commands.json").read_text())
    for entry in entries:
        entry["command"] = re.sub(r"^\S*ccache ", "", FOREIGN_FLAGS.sub("", entry["command"]))
    (cache / "compile_commands.json").write_text(json.dumps(entries))

    headers = headers_by_object()
    version = subprocess.run(["clang-tidy", "--version"], capture_output=True, text=True, check=True).stdout
    rules = version + "".join((source_dir / folder / ".clang-tidy").read_text() for folder in (".", "tests"))
    due = {}
    for entry in entries:
        source = pathlib.Path(entry["file"])
        if not source.exists() or source.suffix != ".cpp" or build_dir in source.parents:
            continue
        output = re.search(r" -o (\S+)", entry["command"]).group(1)
        parts = [rules, entry["command"], digest(source)]
        parts += [digest(header) for header in sorted(headers.get(output, []))]
        stamp = cache / hashlib.sha256("\n".join(parts).encode()).hexdigest()
        if not stamp.exists():
            due[stamp] = entry

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
        running = {pool.submit(check, entry): (stamp, entry) for stamp, entry in due.items()}
        for number, future in enumerate(concurrent.futures.as_completed(running), start=1):
            stamp, entry = running[future]
            findings = future.result()
            name = os.path.relpath(entry["file"], source_dir)
            print(f"[{number}/{len(due)}] {name}", file=sys.stderr)
            if findings:
                failed += 1
                print(findings)
            else:
                stamp.touch()
    if failed:
        sys.exit(f"clang-tidy: findings in {failed} of {len(due)} sources")


main()
