"""The edge alone: a no-op route with every header and check beside a bare Beast server, and how long `medflow serve` takes until its first
answer. Used by compare.py."""
import http.client
import os
import signal
import statistics
import subprocess
import tempfile
import time


class Small:
    """bench_http as a server that needs no hospital."""

    def __init__(self, program, kind, path):
        self.process = subprocess.Popen([program, kind], stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{self.process.stdout.readline().strip()}{path}"

    def stop(self):
        self.process.terminate()
        self.process.wait()


def no_op(arguments, load):
    servers = {"no-op route": Small(arguments.server, "--nothing", "/healthz"), "bare Beast": Small(arguments.server, "--bare", "/")}
    runs = {name: [] for name in servers}
    try:
        for server in servers.values():
            load(server.url, None, 1, [server.process.pid], {})  # warms it
        for _ in range(max(arguments.rounds, 3)):
            for name, server in servers.items():
                runs[name].append(load(server.url, None, arguments.seconds, [server.process.pid], {}))
    finally:
        for server in servers.values():
            server.stop()
    print("| server | requests/s | CPU us a request | p50, p99 of the last run |\n| --- | --- | --- | --- |")
    middle = {}
    for name, some in runs.items():
        middle[name] = {key: statistics.median(run[key] for run in some) for key in ("rps", "cpu")}
        print(f"| {name} | {middle[name]['rps']:.0f} | {middle[name]['cpu']:.1f} | {some[-1]['p50']}, {some[-1]['p99']} |")
    ours, bare = middle["no-op route"], middle["bare Beast"]
    print(f"no-op route: {ours['rps'] / bare['rps']:.2f} of the requests/s of bare Beast, {bare['cpu'] / ours['cpu']:.2f} by CPU (goal: at least 0.7)")


def cpu_ms(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def first_answer(program, engine):
    """From starting the program to its first answer, several times over one folder: milliseconds, and those of CPU among them."""
    with tempfile.TemporaryDirectory(prefix="medflow-start-") as home:
        environment = {"HOME": home, "XDG_CONFIG_HOME": f"{home}/config", "PATH": os.environ["PATH"]}
        data = f"{engine}:{home}/data"
        subprocess.run([program, "init", "--data", data, "--tenant", "north", "--email", "a@b.example"], env=environment, check=True,
                       capture_output=True)
        times, busy = [], []
        for _ in range(7):
            begin = time.monotonic()
            process = subprocess.Popen([program, "serve", "--data", data, "--port", "0", "--quiet"], env=environment, stdout=subprocess.PIPE,
                                       text=True)
            port = process.stdout.readline().strip().rpartition(":")[2]
            connection = http.client.HTTPConnection("127.0.0.1", int(port))
            connection.request("GET", "/readyz")
            status = connection.getresponse().status
            times.append((time.monotonic() - begin) * 1000)
            busy.append(cpu_ms(process.pid))
            process.send_signal(signal.SIGTERM)
            process.wait()
            if status != 200:
                raise SystemExit(f"the first answer is {status}")
        return times, busy


def run(arguments, load):
    no_op(arguments, load)
    for engine in arguments.engines.split(","):
        if engine == "postgresql":
            continue  # which waits for its server
        times, busy = first_answer(arguments.program, engine)
        print(f"{engine}: start to first answer {statistics.median(times):.0f} ms (least {min(times):.0f}, most {max(times):.0f}; goal: at most 100), "
              f"{statistics.median(busy):.0f} ms of CPU")
    print(flush=True)
