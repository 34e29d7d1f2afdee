#!/usr/bin/env python3
"""Patient reads, registrations, pages, name searches, bookings and invoices over HTTP under wrk, 32 connections: ours on both file engines, in turn with the
hand-written floor and, with --peers, with the Express peers of ../shared/peers. Prints CPU per request of the servers' process trees,
requests/s and ratios (performance.md 6 and 8). With `--engines postgresql --peers` ours and the tuned peer work in turn on one
PostgreSQL server, the peers' own."""
import argparse
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import edge

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
TICKS = os.sysconf("SC_CLK_TCK")
PEERS_TENANTS = 10

# What is measured: the script's name, and how many times the requests/s of Prisma's and of the tuned peer are wanted.
KINDS = {"get": ("GET /api/v1/patients/{id}", 35, 15), "create": ("POST /api/v1/patients", 30, 15),
         "list": ("GET /api/v1/patients?limit=20", 20, 10), "search": ("GET /api/v1/patients?limit=20&name=…", 40, 10),
         "book": ("POST /api/v1/appointments", 50, 12),
         "bill": ("POST /api/v1/invoices/bill of five lines, drafted and issued in one request as the peers' POST of an invoice is", 40, 18),
         "invoice": ("POST /api/v1/invoices of five lines and then its issue: two requests of ours are counted as one", 40, 18)}
REQUESTS = {"invoice": 2}  # of ours for what is one of a peer's
PEERS_SCRIPT = {"bill": "invoice"}  # where it is not named as ours
TUNED_GOAL_ON_POSTGRESQL = 5  # on one server with the peer, for reads and registrations
PEER_SERVER = "postgresql://postgres@127.0.0.1:55432/postgres"


def process_cpu(roots):
    """Seconds of user and system time of processes and all their descendants."""
    children, times = {}, {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(name))
        times[int(name)] = sum(map(int, fields[11:15]))
    total, todo = 0, list(roots)
    while todo:
        one = todo.pop()
        total += times.get(one, 0)
        todo += children.get(one, [])
    return total / TICKS


def pss_mib(pid):
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        return int(re.search(r"^Pss:\s+(\d+)", rollup.read(), re.M)[1]) / 1024


def load(url, script, seconds, roots, env, cwd=None, conflicts=0):
    """One run of wrk: requests/s, CPU us a request, p50 and p99 as wrk prints them. At most the share `conflicts` may not be 2xx."""
    before = process_cpu(roots)
    words = ["wrk", "-t1", "-c32", f"-d{seconds}s", "--latency"] + (["-s", script] if script else [])
    out = subprocess.run([*words, url], capture_output=True, text=True,
                         env={**os.environ, **env}, cwd=cwd, check=True).stdout
    cpu = process_cpu(roots) - before
    count = int(re.search(r"(\d+) requests in", out)[1])
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    if not count or (bad and int(bad[1]) > count * conflicts):
        sys.exit(f"{url}: {bad[1] if bad else 'no'} answers are not as they should be\n{out}")
    if bad:  # what failed is no request served
        count -= int(bad[1])
    latency = {share: re.search(rf"{share}%\s+([\d.]+\w+)", out)[1] for share in (50, 99)}
    return {"rps": count / seconds, "cpu": cpu * 1e6 / count, "p50": latency[50], "p99": latency[99]}


def peer_postmaster():
    with open("/tmp/medflow-peer-pg/postmaster.pid") as database:
        return int(database.readline())


class Ours:
    """Over PostgreSQL it works on the server of the peers where they are measured, else on one that it starts."""

    def __init__(self, arguments, engine, folder, as_peers=False):
        # The peers' searches are within tenants of their own, of a tenth of the patients: so are ours.
        self.searched = Ours(arguments, engine, f"{folder}-searched", True) if "search" in arguments.kinds and not as_peers else None
        os.makedirs(folder)
        patients = arguments.patients // PEERS_TENANTS if as_peers else arguments.patients
        beside_peers = engine == "postgresql" and arguments.peers is not None
        more = {"MEDFLOW_TEST_POSTGRES": PEER_SERVER} if beside_peers else {}
        self.process = subprocess.Popen([arguments.server, "--serve", engine, str(patients), folder, str(arguments.threads)]
                                        + ["--as-peers"] * as_peers, stdout=subprocess.PIPE, text=True, env={**os.environ, **more})
        line = self.process.stdout.readline().split()
        if len(line) != 4:
            sys.exit("the server did not start")
        self.url = f"http://127.0.0.1:{line[0]}"
        self.env = {"TOKEN": line[1], "IDS": line[2], "NAMES": line[3]}
        self.roots = [self.process.pid] + ([peer_postmaster()] if beside_peers else [])

    def run(self, kind, seconds):
        if kind == "search" and self.searched:
            return self.searched.run(kind, seconds)
        run = load(self.url, f"{HERE}/{kind}.lua", seconds, self.roots, self.env)
        each = REQUESTS.get(kind, 1)
        return {**run, "rps": run["rps"] / each, "cpu": run["cpu"] * each}

    def memory(self):
        return pss_mib(self.process.pid)

    def stop(self):
        if self.searched:
            self.searched.stop()
        self.process.terminate()
        self.process.wait()


class Floor:
    """peers/full_floor with the settings that performance.md compares with: audit append only, XChaCha20-Poly1305."""

    def __init__(self, binary, scripts, engine, folder, port):
        os.makedirs(folder)
        token = f"{folder}/token"
        self.process = subprocess.Popen([f"{binary}/floor_{engine}", str(port), folder, "50000", token], stderr=subprocess.DEVNULL,
                                        env={**os.environ, "AUDIT": "durable", "AEAD": "xchacha", "NOIDX": "1"})
        self.url, self.scripts, self.env = f"http://127.0.0.1:{port}", scripts, {"TOK": token}
        for _ in range(300):
            if subprocess.run(["curl", "-s", "-o", os.devnull, self.url]).returncode == 0:
                return
            time.sleep(0.2)
        sys.exit("the floor did not start")

    def run(self, kind, seconds):
        script = f"{self.scripts}/{kind}.lua"  # it has no search
        return load(self.url, script, seconds, [self.process.pid], self.env) if os.path.exists(script) else None

    def memory(self):
        return pss_mib(self.process.pid)

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Express:
    """peers/express: `prisma` or the tuned `pg`. Its setup (npm, PostgreSQL, seed) has to be done."""

    def __init__(self, folder, kind):
        self.folder, self.kind = folder, kind

    def run(self, kind, seconds):
        subprocess.run(["./start.sh", self.kind], cwd=self.folder, check=True, stdout=subprocess.DEVNULL)
        try:
            with open("/tmp/medflow-peer.pids") as api:
                roots = [int(api.readline()), peer_postmaster()]
            conflicts = 0.2 if kind == "book" else 0  # its client books slots by chance, and its transactions fail at times
            script = f"wrk/{PEERS_SCRIPT.get(kind, kind)}.lua"
            load("http://127.0.0.1:3001", script, 2, roots, {}, self.folder, conflicts)  # warms it
            return load("http://127.0.0.1:3001", script, seconds, roots, {}, self.folder, conflicts)
        finally:
            subprocess.run(["./stop.sh"], cwd=self.folder, check=False, stdout=subprocess.DEVNULL)

    def memory(self):
        return None

    def stop(self):
        pass


def build_floor(peers, folder):
    """The floor's binaries, built beside our data so that nothing is written into ../shared."""
    target = f"{folder}/full_floor"
    shutil.copytree(f"{peers}/full_floor", target, ignore=shutil.ignore_patterns("bin"))
    built = subprocess.run(["bash", "./build.sh"], cwd=target, capture_output=True, text=True)
    return target if built.returncode == 0 else None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="the program bench_http")
    parser.add_argument("--program", required=True, help="the program medflow")
    parser.add_argument("--edge", action="store_true", help="measure the edge alone: no hospital, no peers")
    parser.add_argument("--patients", type=int, default=50_000)
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="serving threads of ours; as `medflow serve` one a core")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--engines", default="sqlite,sqlcipher")
    parser.add_argument("--kinds", default=",".join(KINDS), help="of " + ", ".join(KINDS))
    parser.add_argument("--peers", nargs="?", const="", help="measure the Express peers too; a folder where their setup is done")
    parser.add_argument("--floor", help="a folder where full_floor is built already")
    arguments = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is missing: apt-get install wrk")
    edge.run(arguments, load)
    if arguments.edge:
        return
    peers = os.path.join(os.path.dirname(ROOT), "shared", "peers")
    engines = arguments.engines.split(",")
    kinds = arguments.kinds.split(",")
    servers, results = {}, {kind: {} for kind in kinds}
    with tempfile.TemporaryDirectory(prefix="medflow-bench-") as folder:
        try:
            floor = arguments.floor
            on_files = engines != ["postgresql"]
            if on_files and not floor and os.path.isdir(peers):
                floor = build_floor(peers, folder)
            if on_files and not floor:
                print("../shared/peers is missing, or its floor cannot be built here: our own figures only")
            for number, engine in enumerate(engines):
                servers[f"ours {engine}"] = Ours(arguments, engine, f"{folder}/{engine}")
                if floor and engine != "postgresql":
                    servers[f"full_floor {engine}"] = Floor(f"{floor}/bin", floor, engine, f"{folder}/floor-{engine}",
                                                            20_000 + os.getpid() % 9_000 + number)
            if arguments.peers is not None:
                express = os.path.join(arguments.peers or peers, "express")
                if os.path.isdir(f"{express}/node_modules") and os.path.exists(f"{express}/wrk/data.lua"):
                    if on_files:
                        servers["express prisma"] = Express(express, "prisma")
                    servers["express tuned"] = Express(express, "pg")
                else:
                    print("the Express peers are not set up (express/setup.sh, pg.sh start, pg.sh seed 50000): left out")
            memory = {}
            for kind in kinds:
                for server in servers.values():
                    if not isinstance(server, Express):
                        server.run(kind, 1)  # warms it
                for _ in range(arguments.rounds):
                    for name, server in servers.items():
                        if run := server.run(kind, arguments.seconds):
                            results[kind].setdefault(name, []).append(run)
                if not memory:  # of so many patients as were wanted, before more come
                    memory = {name: server.memory() for name, server in servers.items()}
        finally:
            for server in servers.values():
                server.stop()
    for kind in kinds:
        report(kind, engines, results[kind], memory)


def report(kind, engines, results, memory):
    what, prisma_goal, tuned_goal = KINDS[kind]
    middle = {name: {key: statistics.median(run[key] for run in runs) for key in ("rps", "cpu")} for name, runs in results.items()}
    print(f"\n{what}, 32 connections, one wrk thread, audited and durable before the answer\n")
    print("| server | requests/s | CPU us a request (least, most) | p50, p99 of the last run | PSS MiB |\n| --- | --- | --- | --- | --- |")
    for name, runs in results.items():
        cpu = [run["cpu"] for run in runs]
        size = f"{memory[name]:.0f}" if memory[name] else "-"
        print(f"| {name} | {middle[name]['rps']:.0f} | {middle[name]['cpu']:.1f} ({min(cpu):.1f}, {max(cpu):.1f}) "
              f"| {runs[-1]['p50']}, {runs[-1]['p99']} | {size} |")
    print()
    for engine in engines:
        ours = middle[f"ours {engine}"]
        if floor := middle.get(f"full_floor {engine}"):
            goal = " (goal: at most 1.6x)" if kind == "get" else ""
            print(f"{engine}: CPU a request is {ours['cpu'] / floor['cpu']:.2f}x the floor's{goal}")
        for peer, goal in (("express prisma", prisma_goal), ("express tuned", tuned_goal)):
            if engine == "postgresql" and kind in ("get", "create"):
                goal = TUNED_GOAL_ON_POSTGRESQL
            if other := middle.get(peer):
                print(f"{engine}: {ours['rps'] / other['rps']:.1f}x the requests/s of {peer} (goal: {goal}x), "
                      f"1/{other['cpu'] / ours['cpu']:.0f} of its CPU")


signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
main()
