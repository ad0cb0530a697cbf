"""Raw ceilings: what the libraries do alone, on this machine, in this minute."""

import contextlib
import json
import pathlib
import subprocess
import tempfile

from harness.system import ROOT, free_ports, is_free
from harness.wait import wait_until

HERE = pathlib.Path(__file__).resolve().parent
# Of the product's broker settings, those that say who may come in and where things are kept.
IDENTITY = ("user ", "allow_anonymous", "password_file", "acl_file", "listener", "persistence",
            "autosave", "use_username_as_clientid", "log_")


def wrk(port, script, connections, seconds, env=None, scheme="http"):
    """Runs wrk; {"per_s", "p50_ms", "p99_ms", "failed"}."""
    done = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s",
                           str(HERE / script), f"{scheme}://127.0.0.1:{port}"], capture_output=True,
                          text=True, check=False, timeout=seconds + 60, env={"PATH": "/usr/bin:/bin", **(env or {})})
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if not lines:
        raise RuntimeError(f"wrk gave no result: {done.stdout} {done.stderr}")
    return json.loads(lines[0].removeprefix("RESULT "))


def run_json(*command, timeout_s=120):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, check=True,
                          timeout=timeout_s)
    return json.loads(done.stdout)


@contextlib.contextmanager
def bare_broker():
    """mosquitto with the product's own settings, open to everybody on loopback; yields its port."""
    settings = (ROOT / "deploy" / "mosquitto" / "mosquitto.conf.in").read_text().splitlines()
    kept = [line for line in settings if line and not line.startswith(("#", "@", *IDENTITY))]
    port = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="lockstock-bench-") as folder:
        conf = pathlib.Path(folder) / "mosquitto.conf"
        conf.write_text("\n".join([f"listener {port} 127.0.0.1", "allow_anonymous true", *kept, ""]))
        broker = subprocess.Popen(["/usr/sbin/mosquitto", "-c", str(conf)], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: not is_free(port), "the bare broker to listen")
            yield port
        finally:
            broker.terminate()
            broker.wait()


def http_constant(programs, seconds):
    """{connections: result} of libmicrohttpd answering a constant."""
    server = subprocess.Popen([programs / "bench_http_ceiling"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True)
    try:
        port = int(server.stdout.readline())
        return {count: wrk(port, "orders.lua", count, seconds) for count in (1, 64)}
    finally:
        server.stdin.close()
        server.wait()


def rpc_echo(programs, seconds):
    """{outstanding: result} of two bare paho clients through the broker."""
    with bare_broker() as port:
        return {count: run_json(programs / "bench_rpc_echo", "--port", port, "--outstanding", count,
                                "--seconds", seconds) for count in (1, 64)}


def mqtt_flow(programs, seconds):
    """One bare paho publisher to one bare subscriber, QoS 1."""
    with bare_broker() as port:
        return run_json(programs / "bench_mqtt_ceiling", "--port", port, "--seconds", seconds)


def sqlite_commits(programs, seconds):
    """{batch: result} of group commits."""
    result = {}
    for batch in (1, 16, 64):
        with tempfile.TemporaryDirectory(prefix="lockstock-bench-") as folder:
            result[batch] = run_json(programs / "bench_sqlite_commit", "--file", f"{folder}/bench.db",
                                     "--batch", batch, "--seconds", seconds)
    return result
