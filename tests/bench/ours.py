"""The same kinds of work through the whole system."""

import re
import time

from ceilings import run_json, wrk
from harness.wait import hold, wait_until
from probes import Watch, broker_bytes, pss_kib

QTY_MAX = 1000000
LEVEL_TIMEOUT_S = 300
BACKLOG = 1000       # orders not yet delivered, at most
RATE_PER_S = 50
IDLE_S = 2           # to learn what heartbeats cost
CONNECTIONS = 64


class Ours:
    """Measures one running system; every method returns plain data and leaves the streams level."""

    def __init__(self, system, programs, seconds):
        self.system = system
        self.programs = programs
        self.seconds = seconds
        self.watches = {}  # measurement -> Watch

    def register(self, name):
        answer = self.system.web.post("/products", {"name": name, "qty": QTY_MAX})
        if answer.status != 201:
            raise RuntimeError(f"cannot register a product: {answer}")
        self.wait_level()
        return answer.json["id"]

    def wait_level(self):
        wait_until(self.system.streams_are_level, "the streams to be level", LEVEL_TIMEOUT_S)

    def watch(self, name):
        self.watches[name] = Watch(self.system)
        return self.watches[name]

    def post(self, connections):
        product = self.register(f"posted at {connections}")
        with self.watch(f"POST at {connections}"):
            result = wrk(self.system.base_port, "orders.lua", connections, self.seconds,
                         {"BENCH_PRODUCT": str(product)})
        start = time.monotonic()
        self.wait_level()
        result["caught_up_s"] = time.monotonic() - start
        return result

    def get(self):
        count = self.system.web.get("/rentals?size=1").json["page"]["totalElements"]
        with self.watch(f"GET at {CONNECTIONS}"):
            return wrk(self.system.base_port, "gets.lua", CONNECTIONS, self.seconds,
                       {"BENCH_RENTALS": str(count)})

    def order_load(self, name, *flags):
        product = self.register(name)
        with self.watch(name):
            result = run_json(self.programs / "bench_order_load", "--http-port", self.system.base_port,
                              "--mqtt-port", self.system.mqtt_port, "--user", "operator",
                              "--password", self.system.secret("operator"), "--product", product,
                              "--seconds", self.seconds, *flags, timeout_s=self.seconds + 120)
        self.wait_level()
        return result

    def latency(self):
        return self.order_load(f"orders at {RATE_PER_S}/s", "--rate", RATE_PER_S, "--connections", 8)

    def sustained(self):
        return self.order_load(f"sustained, backlog {BACKLOG}", "--backlog", BACKLOG,
                               "--connections", CONNECTIONS)

    def bytes_per_order(self, orders):
        """One order at a time; what heartbeats cost meanwhile is taken off."""
        product = self.register("weighed")
        before = broker_bytes(self.system)
        hold(IDLE_S)
        idle_per_s = (broker_bytes(self.system) - before) / IDLE_S
        before, start = broker_bytes(self.system), time.monotonic()
        for _ in range(orders):
            self.system.web.post("/rentals", {"productId": product, "qty": 1})
        self.wait_level()
        took_s = time.monotonic() - start
        return {"per_order": (broker_bytes(self.system) - before - idle_per_s * took_s) / orders,
                "idle_per_s": idle_per_s}

    def scans(self, scanners, lockers, *flags):
        """lockstock-sim load: the firmware's own core on many connections."""
        with self.watch(f"{scanners} scanners"):
            return run_json(self.programs.parent / "bin" / "lockstock-sim", "load", "--data",
                            self.system.dir, "--scanners", scanners, "--lockers", lockers,
                            "--for", self.seconds, "--json", *flags, timeout_s=self.seconds + 300)

    def memory_mib(self):
        return {process: kib / 1024 for process, kib in pss_kib(self.system).items()}

    def ready_s(self):
        """What deploy/up says about its step "start": from the first process to all ready."""
        return float(re.search(r"^\s+start\s+([0-9.]+) s", self.system.up_output, re.M).group(1))
