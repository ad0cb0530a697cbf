#!/usr/bin/env python3
"""A test that CTest kills as it takes too long leaves nothing behind: neither processes nor a folder."""

import os
import pathlib
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.wait import wait_until

# One that starts a system, has a process of it stand still or kept down, and then never ends.
ENDLESS = """
import signal, sys, time
sys.path.insert(0, sys.argv[1])
from harness.system import System
with System() as system:
    if sys.argv[2] == "frozen":
        system.signal("supervise", signal.SIGSTOP)
        system.signal("lockstock-stock", signal.SIGSTOP)
    print(system.dir, flush=True)
    time.sleep(3600)
"""


def children(pid):
    tasks = pathlib.Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in tasks for child in path.read_text().split()]


def kill_as_ctest_does(pid):
    """Stopped, then its descendants killed, then itself."""
    os.kill(pid, signal.SIGSTOP)
    for child in children(pid):
        kill_as_ctest_does(child)
    os.kill(pid, signal.SIGKILL)


def commands_with(text):
    """Those that run and have this in their command line."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if text in command:
            found.append(command)
    return found


class Killed(unittest.TestCase):
    def kill_a_test(self, how):
        test = subprocess.Popen([sys.executable, "-B", "-c", ENDLESS, str(pathlib.Path(__file__).parents[1]), how],
                                stdout=subprocess.PIPE, text=True)
        with test:
            folder = pathlib.Path(test.stdout.readline().strip())
            self.assertGreater(len(commands_with(str(folder))), 6)
            kill_as_ctest_does(test.pid)
        wait_until(lambda: not commands_with(str(folder)), "every process of the system to be gone", 60)
        wait_until(lambda: not folder.exists(), "its folder to be gone", 10)

    def test_killed_test_leaves_no_process_and_no_folder(self):
        self.kill_a_test("running")

    def test_killed_while_processes_stand_still_leaves_none(self):
        self.kill_a_test("frozen")


if __name__ == "__main__":
    unittest.main(verbosity=2)
