"""What /proc says about the processes of a system."""

import os
import time

from harness.system import BROKER, PROCESSES, SERVICES

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def pss_kib(system):
    """{process: proportional memory in KiB}."""
    result = {}
    for process in PROCESSES:
        with open(f"/proc/{system.pid(process)}/smaps_rollup") as file:
            result[process] = next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    return result


def cpu_s(system):
    """{process: (pid, CPU seconds, user and system, since its start)}."""
    result = {}
    for process in PROCESSES:
        pid = system.pid(process)
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        result[process] = (pid, (int(fields[11]) + int(fields[12])) / TICKS_PER_S)
    return result


def cpu_between(before, after):
    """{process: CPU seconds}; of one that was started again meanwhile, since then."""
    return {process: seconds - (before[process][1] if before[process][0] == pid else 0)
            for process, (pid, seconds) in after.items()}


def broker_bytes(system):
    """Bytes that the broker read and wrote: on its sockets, but for a few lines of log."""
    with open(f"/proc/{system.pid(BROKER)}/io") as file:
        counters = dict(line.split(": ") for line in file)
    return int(counters["rchar"]) + int(counters["wchar"])


def work(system):
    """{service: (work items, group commits) since its start}."""
    result = {}
    for service in SERVICES:
        metrics = system.metrics(f"lockstock-{service}")
        result[service] = (metrics["lockstock_items_total"], metrics["lockstock_commits_total"])
    return result


class Watch:
    """with Watch(system) as watch: ...; then watch.data says what each process did meanwhile."""

    def __init__(self, system):
        self.system = system
        self.data = {}

    def __enter__(self):
        self._cpu, self._work, self._start = cpu_s(self.system), work(self.system), time.monotonic()
        return self

    def __exit__(self, *_):
        wall_s = time.monotonic() - self._start
        cpu, done = cpu_s(self.system), work(self.system)
        self.data = {"wall_s": wall_s, "cpu_s": cpu_between(self._cpu, cpu),
                     "items": {name: done[name][0] - self._work[name][0] for name in done},
                     "commits": {name: done[name][1] - self._work[name][1] for name in done}}
