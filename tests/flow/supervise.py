#!/usr/bin/env python3
"""What keeps the processes running: the supervisor starts again what ends, rests after crashes only, and
its own death costs nothing: the next command of deploy/ brings it back."""

import contextlib
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.system import BRIDGE, BROKER, PROCESSES, ROOT, SUPERVISOR, free_ports
from harness.wait import wait_until

RENTAL, PRODUCT = "lockstock-rental", "lockstock-product"
SOMEBODY_ELSE = 65534
HANG_S = 60  # it is asked every 5 s, and given 5 s, three times


class SupervisorCase(SystemCase):
    def setUp(self):
        self.system.wait_ready()
        self.said_before = len(self.said())

    def said(self):
        """The lines of the supervisor's log."""
        log = self.system.dir / "log" / "supervise.log"
        return log.read_text().splitlines() if log.exists() else []

    def wait_said(self, pattern, timeout_s=10):
        """Until it has said so since the test began; the match of that line."""
        def look():
            found = (re.search(pattern, line) for line in self.said()[self.said_before:])
            return next((match for match in found if match), None)
        return wait_until(look, f"the supervisor to say {pattern!r}", timeout_s)

    def deploy(self, command, *words, data=None):
        return subprocess.run([ROOT / "deploy" / command, *words, "--data", data or self.system.dir],
                              capture_output=True, text=True, timeout=60, check=False)

    def pids(self):
        return {process: self.system.pid(process) for process in PROCESSES}

    def assert_gone(self, pids):
        """None of them runs; one that was adopted may wait for its parent as a zombie, which has no command line."""
        left = [process for process, pid in pids.items() if (pathlib.Path("/proc") / str(pid) / "cmdline").exists()
                and (pathlib.Path("/proc") / str(pid) / "cmdline").read_bytes()]
        self.assertEqual(left, [])

    def wait_again(self, process, before):
        """Until it runs with another pid than before."""
        return wait_until(lambda: self.system.pid(process) not in (0, before) and self.system.pid(process),
                          f"{process} to be started again")


class ProcessesEnd(SupervisorCase):
    def test_one_that_is_killed_is_started_again(self):
        for process in (RENTAL, BROKER):
            others = self.pids()
            del others[process]
            before = self.system.kill(process)
            self.wait_said(rf"{process} was ended by signal 9 after \d+ s; starting it again in \d\.\d+ s; its log is ")
            self.wait_again(process, before)
            self.system.wait_ready()
            self.assertEqual({other: self.system.pid(other) for other in others}, others)

    def test_one_that_ends_in_order_is_started_without_a_rest(self):
        for _ in range(3):
            before = self.system.signal(RENTAL, signal.SIGTERM)
            self.wait_again(RENTAL, before)
            self.system.wait_ready(RENTAL)
        said = [line for line in self.said()[self.said_before:] if RENTAL in line]
        self.assertEqual(len(said), 3, said)
        for line in said:
            self.assertRegex(line, r"ended with status 0 after \d+ s; starting it again$")

    def test_each_is_restarted_when_somebody_asks(self):
        before = self.pids()
        self.system.ask_restart(*PROCESSES)
        after = self.pids()
        for process in PROCESSES:
            self.assertNotIn(after[process], (0, before[process]), process)
        said = [line.split("supervisor: ")[1] for line in self.said()[self.said_before:] if "was restarted" in line]
        self.assertEqual(said, [f"{process} was restarted" for process in (*PROCESSES[1:], BROKER)])
        self.system.wait_ready()

    def test_new_bridge_that_does_not_start_leaves_the_old_one(self):
        self.system.restart()  # so that the supervisor holds the sockets from the begin
        settings = self.system.dir / "etc" / "lockstock.ini"
        good, before = settings.read_text(), self.system.pid(BRIDGE)
        settings.write_text(good + "\nrequest-timeout-ms = 1\n")  # the section of the bridge is the last one
        try:
            with self.assertRaisesRegex(AssertionError, "not ready after its restart"):
                self.system.ask_restart(BRIDGE)
        finally:
            settings.write_text(good)
            (self.system.dir / "run" / f"{BRIDGE}.restart-failed").unlink()
        self.assertEqual(self.system.pid(BRIDGE), before)
        self.wait_said(f"the new {BRIDGE} was not ready, and the old one goes on; why stands in .*/{BRIDGE}.log")
        self.assertEqual(self.web.get("/products").status, 200)
        self.system.ask_restart(BRIDGE)
        self.assertNotIn(self.system.pid(BRIDGE), (0, before))

    def test_second_bridge_of_one_name_is_refused_with_a_sentence(self):
        settings = self.system.dir / "etc" / "lockstock.ini"
        command = [self.system.build / "bin" / BRIDGE, "--config", settings, "--base-port", str(free_ports(5))]
        done = subprocess.run(command,
                              capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(done.returncode, 75, done)
        self.assertRegex(done.stderr, r'a process of the name \\?"bridge\\?" runs already')
        self.assertEqual(self.web.get("/products").status, 200)

    def test_one_that_is_away_is_started_when_somebody_asks(self):
        supervisor = self.system.pid(SUPERVISOR)
        for _ in range(3):  # its rest grows
            self.wait_again(PRODUCT, self.system.kill(PRODUCT))
        with self.system.down(PRODUCT):
            (self.system.dir / "run" / f"{PRODUCT}.restart").touch()
            os.kill(supervisor, signal.SIGUSR1)
        wait_until(lambda: not (self.system.dir / "run" / f"{PRODUCT}.restart").exists(), "the restart")
        self.system.wait_ready(PRODUCT)

    def test_connections_wait_while_the_bridge_is_started_again(self):
        self.system.restart()  # so that the supervisor holds the sockets from the begin
        for number in (signal.SIGKILL, signal.SIGTERM):
            for _ in range(3):
                before = self.system.signal(BRIDGE, number)
                wait_until(lambda before=before: self.system.pid(BRIDGE) != before, "the bridge to die")
                self.assertEqual(self.web.get("/products").status, 200)
                self.wait_again(BRIDGE, before)
                self.system.wait_ready(BRIDGE)
        with self.system.down(BRIDGE):
            for port in range(self.system.base_port, self.system.base_port + 5):
                socket.create_connection(("127.0.0.1", port)).close()

    def test_one_whose_log_was_removed_is_started_again(self):
        shutil.rmtree(self.system.dir / "log")
        self.wait_again(RENTAL, self.system.kill(RENTAL))
        self.system.wait_ready(RENTAL)
        self.assertTrue((self.system.dir / "log" / f"{RENTAL}.log").exists())

    def test_one_that_can_have_no_log_is_started_again(self):
        log = self.system.dir / "log"
        shutil.rmtree(log)
        log.touch()
        self.addCleanup(log.unlink)
        self.wait_again(RENTAL, self.system.kill(RENTAL))
        self.system.wait_ready(RENTAL)

    def test_crashes_in_a_row_rest_longer_each_time(self):
        self.system.restart()
        for _ in range(4):
            self.wait_again(PRODUCT, self.system.kill(PRODUCT))
        rests = [float(rest) for rest in re.findall(
            rf"{PRODUCT} was ended by signal 9 .* again in (\d\.\d+) s", "\n".join(self.said()[self.said_before:]))]
        self.assertEqual(rests, [0.2, 0.4, 0.8, 1.6])

    def check(self, what, process=RENTAL):
        settings = self.system.dir / "etc" / "lockstock.ini"
        done = subprocess.run([self.system.build / "bin" / process, "--config", settings, "--check", what],
                              capture_output=True, text=True, timeout=30, check=False)
        return done.returncode, done.stdout.strip()

    def test_every_process_can_be_asked_by_its_own_program(self):
        for process in PROCESSES[1:]:
            self.assertEqual(self.check("live", process), (0, "alive"))
            self.assertEqual(self.check("ready", process), (0, '{"ready":true,"degraded":[]}'))
        self.assertEqual(self.check("well")[0], 64)
        with self.system.down(BROKER):
            self.assertEqual(self.check("live"), (0, "alive"))
            code, said = self.check("ready")
            self.assertEqual((code, json.loads(said)["why"]), (69, "no connection to the broker"))
        self.system.wait_ready()
        pid = self.system.signal(RENTAL, signal.SIGSTOP)
        code, said = self.check("live")
        os.kill(pid, signal.SIGCONT)
        self.assertEqual(code, 69)
        self.assertIn("does not answer at its socket", said)
        with self.system.down(RENTAL):
            self.assertEqual(self.check("live")[0], 69)

    def test_one_that_is_frozen_is_killed_and_started_again(self):
        before = self.system.signal(RENTAL, signal.SIGSTOP)
        self.wait_said(f"{RENTAL} has not answered 3 times in a row: killed", HANG_S)
        self.wait_again(RENTAL, before)
        self.system.wait_ready()

    def test_broker_that_is_frozen_is_killed_and_started_again(self):
        log = self.system.dir / "log" / f"{BROKER}.log"
        wait_until(lambda: "as supervisor" in log.read_text(), "the broker to be asked", 20)
        before = self.system.signal(BROKER, signal.SIGSTOP)
        self.wait_said(f"{BROKER} has not answered 3 times in a row: killed", HANG_S)
        self.wait_again(BROKER, before)
        self.system.wait_ready()
        self.order_to_the_end(self.register())
        # One connection to each of them, however often it is asked.
        self.eventually(lambda: log.read_text().count("as supervisor"), 2, "the new one to be asked", 20)

    def test_bridge_that_takes_no_connection_is_killed_and_started_again(self):
        before = self.system.pid(BRIDGE)
        resource.prlimit(before, resource.RLIMIT_NOFILE, (8, 8))  # fewer than it has: accept() fails
        self.wait_said(f"{BRIDGE} has not answered 3 times in a row: killed", HANG_S)
        self.wait_again(BRIDGE, before)
        self.system.wait_ready()
        self.assertEqual(self.web.get("/products").status, 200)


class SupervisorEnds(SupervisorCase):
    def assert_taken_over(self, alive, dead):
        """A supervisor other than `dead` holds the processes of `alive`, and starts them again."""
        wait_until(lambda: self.system.pid(SUPERVISOR) not in (0, dead), "the supervisor to be back")
        self.assertEqual(self.pids(), alive)
        self.wait_said(f"took over {len(PROCESSES)} processes")
        before = self.system.kill("lockstock-stock")
        self.wait_again("lockstock-stock", before)
        self.system.wait_ready()

    def test_its_death_costs_nothing_and_the_next_command_brings_it_back(self):
        up = ("up", "--base-port", str(self.system.base_port), "--mqtt-port", str(self.system.mqtt_port),
              "--no-build", "--detach")
        for command in (("status",), up, ("add-device", "scanner", "scanner-1")):
            alive = self.pids()
            dead = self.system.kill(SUPERVISOR)
            self.assertEqual(self.web.get("/products").status, 200)
            done = self.deploy(*command)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("the supervisor had died: it is back", done.stderr)
            self.assert_taken_over(alive, dead)

    def test_next_one_takes_the_sockets_out_of_the_bridge_that_lives(self):
        self.system.restart()  # so that the bridge has them from a supervisor
        self.system.kill(SUPERVISOR)
        self.assertEqual(self.deploy("status").returncode, 0)
        with self.system.down(BRIDGE):
            for port in range(self.system.base_port, self.system.base_port + 5):
                socket.create_connection(("127.0.0.1", port)).close()
        self.system.wait_ready(BRIDGE)
        self.assertEqual(self.web.get("/products").status, 200)

    def test_systemd_brings_it_back_and_is_told_how_it_is(self):
        alive, dead = self.pids(), self.system.kill(SUPERVISOR)
        path = self.system.dir / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            systemd.bind(str(path))
            systemd.settimeout(10)
            env = os.environ | {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "200000"}
            command = [self.system.build / "bin" / "lockstock-supervise", self.system.dir]
            supervisor = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                          stderr=subprocess.DEVNULL)
            self.addCleanup(supervisor.wait)
            self.addCleanup(supervisor.terminate)
            self.assertEqual({systemd.recv(64) for _ in range(4)}, {b"READY=1", b"WATCHDOG=1"})
            self.assert_taken_over(alive, dead)
            second = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
            self.assertEqual(second.returncode, 1)
            self.assertIn("another supervisor runs", second.stderr)
            systemd.setblocking(False)
            with contextlib.suppress(BlockingIOError):  # room for its last word
                while systemd.recv(64):
                    pass
            supervisor.terminate()
            wait_until(lambda: systemd.recv(64) == b"STOPPING=1", "systemd to be told of the end")
            self.assertEqual(supervisor.wait(timeout=30), 0)
        self.system.start()

    def test_what_died_while_it_was_away_is_started_when_it_is_back(self):
        self.system.kill(SUPERVISOR)
        before = self.system.kill(RENTAL)
        self.deploy("status")
        self.wait_again(RENTAL, before)
        self.system.wait_ready()

    def test_adopted_ones_are_stopped_like_its_own(self):
        self.system.kill(SUPERVISOR)
        self.deploy("status")
        wait_until(lambda: self.system.pid(SUPERVISOR), "the supervisor to be back")
        alive = self.pids()
        done = self.deploy("down")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_gone(alive)
        self.assertEqual(self.said()[-1].split("supervisor: ")[1], "stopped")
        self.system.start()

    def test_whoever_has_the_folder_open_has_not_locked_it(self):
        second = subprocess.run(["bash", "-c", 'exec 9<"$1"; exec "$0" "$1"',
                                 self.system.build / "bin" / "lockstock-supervise", self.system.dir],
                                capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(second.returncode, 1, second)
        self.assertIn("another supervisor runs", second.stderr)


class OneName(SupervisorCase):
    def test_system_is_found_by_another_spelling_of_its_folder(self):
        link = self.system.dir.parent / f"{self.system.dir.name}-link"
        link.symlink_to(self.system.dir)
        self.addCleanup(link.unlink)
        alive = self.pids()
        for spelling in (link, f"{self.system.dir}/../{self.system.dir.name}/", os.path.relpath(self.system.dir)):
            done = self.deploy("status", data=spelling)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            done = self.deploy("up", "--base-port", "1", "--mqtt-port", "7", "--no-build", "--detach", data=spelling)
            self.assertEqual(done.returncode, 1)
            self.assertIn("runs in", done.stderr)
        self.assertEqual(self.pids(), alive)

    def test_system_is_found_after_its_pid_files_were_removed(self):
        alive, supervisor = self.pids(), self.system.pid(SUPERVISOR)
        shutil.rmtree(self.system.dir / "run")
        done = self.deploy("up", "--base-port", "1", "--mqtt-port", "7", "--no-build", "--detach")
        self.assertIn("runs in", done.stderr)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.system.pid(SUPERVISOR), supervisor)
        self.assertEqual(self.pids(), alive)
        wait_until(lambda: self.deploy("status").returncode == 0, "the processes to say again where they listen", 60)
        shutil.rmtree(self.system.dir / "run")
        self.assertEqual(self.deploy("down").returncode, 0)
        self.assert_gone(alive)
        self.system.start()

    @unittest.skipIf(os.geteuid() != 0, "only root can give a folder away")
    def test_who_does_not_own_the_folder_writes_nothing_in_it(self):
        alive = self.pids()
        with self.system.down():  # nor does the supervisor meanwhile
            shutil.rmtree(self.system.dir / "run")
            os.chown(self.system.dir, SOMEBODY_ELSE, -1)
            try:
                self.assertEqual(self.deploy("status").returncode, 3)
                self.assertEqual(list((self.system.dir / "run").glob("*.pid")), [])
            finally:
                os.chown(self.system.dir, os.geteuid(), -1)
        self.eventually(self.pids, alive, "the supervisor to write its pid files again", 30)


if __name__ == "__main__":
    unittest.main(verbosity=2)
