"""Crowds: many clients that order, look and cancel as fast as they are answered, played by siege (a connection for each
request) or by wrk (connections that are kept)."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
KINDS = ("POST", "GET", "cancel")
SECONDS_MAX = 1800   # it is ended long before: a crowd that nobody ends
END_TIMEOUT_S = 30   # an answer may take 10 s
TIMEOUT_S = 10
CLIENTS_MAX = 1000
SIEGE_SETTINGS = f"""verbose = false
color = off
quiet = false
json_output = true
show-logfile = false
logging = false
limit = {CLIENTS_MAX}
protocol = HTTP/1.1
connection = close
parser = false
cache = false
timeout = {TIMEOUT_S}
failures = 1000000
unique = true
"""


def need(program):
    if shutil.which(program) is None:
        sys.exit(f"{program} is missing: apt-get install {program}")


class Part:
    """Clients of one kind. What siege calls a failed transaction, or wrk an error, is `bad`."""

    def __init__(self, kind, command, env=None):
        self.kind, self.good, self.bad, self.slowest_s, self.why = kind, 0, 0, 0.0, ""
        self.process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True,
                                        stderr=subprocess.PIPE, env={**os.environ, **(env or {})})

    def finish(self):
        self.process.send_signal(signal.SIGINT)
        try:
            out, err = self.process.communicate(timeout=END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
        self.read(out, err)
        return self

    def read(self, out, err):
        raise NotImplementedError


class SiegePart(Part):
    def read(self, out, err):
        # Ended by a signal, siege writes now and then its other form, with the same words.
        end = {name.strip().lower().replace(" ", "_"): float(value)
               for name, value in re.findall(r'"?([A-Za-z_ ]+)"?:\s+([0-9.]+)', out + err)}
        if "longest_transaction" not in end:
            raise RuntimeError(f"siege gave no result: {out} {err}")
        self.good, self.bad = int(end["successful_transactions"]), int(end["failed_transactions"])
        self.slowest_s = end["longest_transaction"]


class WrkPart(Part):
    def read(self, out, err):
        lines = [line for line in out.splitlines() if line.startswith("RESULT ")]
        if not lines:
            raise RuntimeError(f"wrk gave no result: {out} {err}")
        end = json.loads(lines[0].removeprefix("RESULT "))
        self.bad, self.slowest_s = end["status"] + end["socket"], end["slowest_ms"] / 1000
        self.good = end["requests"] - end["status"]
        self.why = f"{end['status']} by their status, {end['socket']} by their connection: {end['first']}"


def share(clients):
    """How many of each kind."""
    return {kind: clients // len(KINDS) + (place < clients % len(KINDS)) for place, kind in enumerate(KINDS)}


def siege_command(folder, name, lines, clients):
    """lines: what each client asks for, one after the other, as siege writes it."""
    need("siege")
    settings, urls = pathlib.Path(folder) / "siegerc", pathlib.Path(folder) / name
    settings.write_text(SIEGE_SETTINGS)
    urls.write_text("\n".join(lines) + "\n")
    return ["siege", "-R", settings, "-b", "-c", clients, "-t", f"{SECONDS_MAX}S", "--content-type", "application/json",
            "-f", urls]


def siege(folder, port, clients, product, orders):
    """orders: how many there are to be looked at and canceled, from 1 on."""
    at = f"http://127.0.0.1:{port}/rentals"
    lines = {"POST": [f'{at} POST {{"productId":{product},"qty":1}}'],
             "GET": [f"{at}/{order}" for order in range(1, orders + 1)],
             "cancel": [f"{at}/{order} DELETE" for order in range(1, orders + 1)]}
    return [SiegePart(kind, siege_command(folder, kind, lines[kind], count)) for kind, count in share(clients).items()]


def wrk(_folder, port, clients, product, orders):
    need("wrk")
    return [WrkPart(kind, ["wrk", "-t1", f"-c{count}", f"-d{SECONDS_MAX}s", "--timeout", f"{TIMEOUT_S}s", "-s",
                           HERE / "crowd.lua", f"http://127.0.0.1:{port}"],
                    {"CROWD_KIND": kind, "CROWD_PRODUCT": str(product), "CROWD_ORDERS": str(orders)})
            for kind, count in share(clients).items()]


CROWDS = {"siege": siege, "wrk": wrk}
