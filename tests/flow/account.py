#!/usr/bin/env python3
"""Account as a real process: started where DIR says so, asked by the operator's socket and as the bridge
asks, kept over kill -9; secrets are nowhere in what it writes."""

import contextlib
import hashlib
import json
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.system import BRIDGE, ROOT, System

ACCOUNT = "lockstock-account"
LINK, TOKEN = "marker-of-a-link-0123456789", "marker-of-a-token-0123456789"
PASSWORD, WRONG = "marker of a right password", "marker of a wrong password"
NAME, LOGIN = "Marker Of A Name", "marker-of-a-login@example.org"


def digest(secret):
    return hashlib.sha256(secret.encode()).hexdigest()


class Account(SystemCase):
    @classmethod
    def make_system(cls):
        return System(with_accounts=True)

    def ask(self, method, body):
        """By the socket of the operator of this machine."""
        return self.system.admin(ACCOUNT).post(f"/requests/{method}", body)

    def invite(self, login, role="operator", **more):
        answer = self.ask("person-create", {"login": login, "name": NAME, "role": role,
                                            "linkHash": digest(LINK + login), **more})
        self.assertEqual(answer.status, 200, answer)
        return answer.json["id"]

    @contextlib.contextmanager
    def as_bridge(self):
        """The broker knows one bridge at a time."""
        with self.system.down(BRIDGE), self.system.mqtt("bridge") as mqtt:
            mqtt.subscribe("lockstock/v1/reply/bridge/+")
            yield mqtt
        self.system.wait_ready()

    def call(self, mqtt, method, body, status="ok"):
        answer = mqtt.call("bridge", "account", method, json.dumps(body))
        self.assertEqual(answer.user["status"], status, answer.payload)
        return json.loads(answer.payload)

    def test_1_operator_of_the_machine_asks_by_the_socket(self):
        account = self.ask("account-create", {"name": "Kim & Sons"})
        self.assertEqual(account.status, 200, account)
        customer = self.invite("carla", "customer", account=account.json["id"])
        self.assertEqual(self.ask("person-get", {"id": customer}).json["account"], account.json["id"])
        self.assertEqual(self.ask("person-get", {"id": 1}).status, 404)
        self.assertEqual(self.ask("person-get", {"id": "one"}).status, 422)
        self.assertEqual(self.ask("nothing", {}).status, 404)
        later = self.ask("session-open", {"login": "a", "password": "b", "tokenHash": digest("c")})
        self.assertEqual(later.status, 409, later)

    def test_2_invited_person_signs_in_and_stays_in_over_a_crash(self):
        person = self.invite(LOGIN)
        with self.as_bridge() as mqtt:
            self.call(mqtt, "password-set", {"linkHash": digest(LINK + LOGIN), "password": PASSWORD})
            opened = self.call(mqtt, "session-open", {"login": LOGIN.upper(), "password": PASSWORD,
                                                      "tokenHash": digest(TOKEN), "address": "192.0.2.7"})
            self.assertEqual((opened["person"], opened["role"]), (person, "operator"))
            for login in (LOGIN, "stranger"):
                self.call(mqtt, "session-open", {"login": login, "password": WRONG, "tokenHash": digest("other")},
                          "unauthenticated")
        self.system.kill(ACCOUNT)
        self.system.wait_ready(ACCOUNT)
        sessions = self.ask("session-list", {"page": 0, "size": 9}).json
        self.assertEqual([one["id"] for one in sessions["items"]], [opened["id"]])

    def test_3_backup_and_status_know_it(self):
        status = subprocess.run([ROOT / "deploy" / "status", "--data", self.system.dir], capture_output=True,
                                text=True, check=False)
        self.assertIn("account", status.stdout + status.stderr)
        archive = self.system.dir / "kept.tar.gz"
        done = subprocess.run([ROOT / "deploy" / "backup", "--data", self.system.dir, archive],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = subprocess.run([ROOT / "deploy" / "verify", archive], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("account", done.stdout + done.stderr)

    def deploy(self, *words, status=0, given=""):
        """deploy/account; what it prints."""
        done = subprocess.run([ROOT / "deploy" / "account", *words, "--data", self.system.dir], capture_output=True,
                              text=True, input=given, timeout=60, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout.strip() if status == 0 else done.stderr

    def row_of(self, word, what="people"):
        return next(line.split() for line in self.deploy("list", what).splitlines() if word in line)

    def test_4_people_are_let_in_by_the_command_line(self):
        link = self.deploy("invite", "--login", "Ben", "--name", "Ben Doe", "--role", "picker")
        self.assertRegex(link, r"^http://127\.0\.0\.1:\d+/ui/welcome#lsl_[0-9a-f]{64}$")
        self.assertEqual(self.row_of("ben")[1:5], ["ben", "picker", "-", "invited"])
        self.assertIn("already", self.deploy("invite", "--login", "ben", "--name", "B", "--role", "picker", status=1))
        account = self.deploy("make-account", "Doe & Co")
        self.deploy("role", "ben", "customer", "--account", account)
        self.assertEqual(self.row_of("ben")[2:4], ["customer", account])
        self.assertNotEqual(self.deploy("reset", "ben"), link)
        self.deploy("block", "ben")
        self.assertEqual(self.row_of("ben")[4], "disabled")
        self.assertIn("active customer", self.deploy("token", "ben", "--name", "Shop", status=1))
        self.deploy("unblock", "ben")
        self.deploy("end-sessions", "ben")
        self.assertIn("nothing was changed", self.deploy("erase", "ben", status=1, given="no\n"))
        self.deploy("erase", "ben", given="yes\n")
        self.assertIn("nobody with the login", self.deploy("block", "ben", status=1))
        self.assertIn("--help", self.deploy("sing", status=1))
        self.assertIn("no role", self.deploy("invite", "--login", "x", "--name", "X", "--role", "boss", status=1))

    def test_5_people_come_in_by_a_file(self):
        rows = "login,name,role,account\nkim@example.org,Kim,customer,Kims\nlee@example.org,Lee,customer,Kims\n" \
               "pat,Pat,picker,\n"
        links = self.deploy("import", "-", given=rows).splitlines()
        self.assertEqual([line.split(",")[0] for line in links], ["login", "kim@example.org", "lee@example.org", "pat"])
        self.assertEqual(len({line.split("#")[-1] for line in links}), 4)
        self.assertEqual(self.row_of("kim@")[3], self.row_of("lee@")[3])
        self.assertEqual(self.deploy("import", "-", given=rows), "login,link")  # all are there
        for bad in ("login,name\n", rows + "x,X,boss,\n", rows + "y,Y,customer,\n", rows + "z,Z,picker,Kims\n"):
            self.assertIn("error:", self.deploy("import", "-", given=bad, status=1))

    def test_6_token_of_a_customer_is_printed_once(self):
        account = self.deploy("make-account", "Shops")
        link = self.deploy("invite", "--login", "shop", "--name", "Shop", "--role", "customer", "--account", account)
        with self.as_bridge() as mqtt:
            self.call(mqtt, "password-set", {"linkHash": digest(link.split("#")[1]), "password": PASSWORD})
        token = self.deploy("token", "shop", "--name", "Web shop", "--days", "90", "--scopes", "read order")
        self.assertRegex(token, r"^lst_[0-9a-f]{64}$")
        number = self.row_of("Web shop", "tokens")[0]
        self.deploy("end-token", number)
        self.assertNotIn("Web shop", self.deploy("list", "tokens"))

    def test_7_secrets_are_nowhere_and_names_in_one_row(self):
        self.system.stop()
        self.addCleanup(self.system.start)
        secret = [word.encode() for word in (LINK, TOKEN, PASSWORD, WRONG)]
        found = [f"{path}: {word}" for path in self.system.dir.rglob("*") if path.is_file()
                 for word in secret if word in path.read_bytes()]
        self.assertEqual(found, [])
        names = {path.relative_to(self.system.dir).parts[0] + "/" + path.name
                 for path in self.system.dir.rglob("*") if path.is_file() and path.suffix != ".gz"
                 for word in (NAME, LOGIN) if word.encode() in path.read_bytes()}
        self.assertLessEqual(names, {"db/account.db", "db/account.db-wal"})
        for table, column in (("event_log", "envelope"), ("rpc_response", "response")):
            rows = self.system.query("account", f"SELECT count(*) FROM {table} WHERE {column} LIKE '%arker%'")
            self.assertEqual(rows, [(0,)], table)


if __name__ == "__main__":
    unittest.main(verbosity=2)
