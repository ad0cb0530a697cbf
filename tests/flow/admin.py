#!/usr/bin/env python3
"""The operator's listener of a running process: a Unix socket for its user alone; TCP by setting, to read only."""

import pathlib
import shutil
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.system import PROCESSES, System, free_ports
from harness.web import Web

RENTAL = "lockstock-rental"


class Admin(SystemCase):
    @classmethod
    def make_system(cls):
        cls.port = free_ports(1)
        return System(extra_args=("--set", f"rental.admin-listen=127.0.0.1:{cls.port}"))

    def test_sockets_are_for_their_user_alone(self):
        run = self.system.dir / "run"
        self.assertEqual(stat.S_IMODE(run.stat().st_mode), 0o700)
        for process in PROCESSES[1:]:
            mode = (run / f"{process}.sock").stat().st_mode
            self.assertTrue(stat.S_ISSOCK(mode), process)
            self.assertEqual(stat.S_IMODE(mode), 0o600, process)
        self.assertEqual(list(run.glob("*.admin")), [])

    @unittest.skipUnless(shutil.which("curl"), "curl is not there")
    def test_curl_reads_and_acts_by_the_socket(self):
        def curl(*words):
            done = subprocess.run(["curl", "-sS", "-o", "-", "-w", "%{http_code}", "--unix-socket",
                                   self.system.dir / "run" / f"{RENTAL}.sock", *words],
                                  capture_output=True, text=True, timeout=20, check=True)
            return done.stdout[:-3].strip(), int(done.stdout[-3:])
        self.assertEqual(curl("http://x/readyz"), ('{"ready":true,"degraded":[]}', 200))
        self.assertIn("lockstock_bus_up 1", curl("http://x/metrics")[0])
        self.assertEqual(curl("-X", "POST", "http://x/dead-letters/1/retry")[1], 404)  # it was asked, there is none

    def test_tcp_reads_alone_and_for_no_page_of_others(self):
        tcp = Web(self.port)
        self.assertEqual(tcp.get("/readyz").json, {"ready": True, "degraded": []})
        self.assertIn(b"lockstock_bus_up 1", tcp.get("/metrics").body)
        self.assertEqual(tcp.get("/dead-letters").json, [])
        self.assertEqual(tcp.post("/dead-letters/1/retry", None).status, 405)
        self.assertEqual(tcp.get("/metrics", headers={"Host": "evil.example"}).status, 403)
        self.assertEqual(tcp.get("/metrics", headers={"Origin": "http://127.0.0.1"}).status, 403)


if __name__ == "__main__":
    unittest.main(verbosity=2)
