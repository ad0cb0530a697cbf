"""What /proc says about the processes of a system."""

import os
import time

from harness.system import BROKER, PROCESSES

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def pss_kib(system):
    """{process: proportional memory in KiB}."""
    result = {}
    for process in PROCESSES:
        with open(f"/proc/{system.pid(process)}/smaps_rollup") as file:
            result[process] = next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    return result


def cpu_s(system):
    """{process: CPU seconds, user and system, since its start}."""
    result = {}
    for process in PROCESSES:
        with open(f"/proc/{system.pid(process)}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        result[process] = (int(fields[11]) + int(fields[12])) / TICKS_PER_S
    return result


def broker_bytes(system):
    """Bytes that the broker read and wrote: on its sockets, but for a few lines of log."""
    with open(f"/proc/{system.pid(BROKER)}/io") as file:
        counters = dict(line.split(": ") for line in file)
    return int(counters["rchar"]) + int(counters["wchar"])


class CpuWatch:
    """with CpuWatch(system) as watch: ...; then watch.used_s and watch.wall_s."""

    def __init__(self, system):
        self.system = system
        self.used_s = {}
        self.wall_s = 0.0

    def __enter__(self):
        self._before, self._start = cpu_s(self.system), time.monotonic()
        return self

    def __exit__(self, *_):
        self.wall_s = time.monotonic() - self._start
        after = cpu_s(self.system)
        self.used_s = {process: after[process] - self._before[process] for process in after}
