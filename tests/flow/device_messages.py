#!/usr/bin/env python3
"""Any message on the topics of devices, sent by devices that the broker lets in: each is refused and
counted, or acknowledged without effect; nothing moves, nobody dies, and the next good message of the
same device is answered as if nothing had been. Redelivery has one effect (rules/devices.md 1)."""

import json
import pathlib
import secrets
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.player import Player
from harness.wait import wait_until

REFUSED = "lockstock_messages_refused_total"
SUSPICIOUS = "lockstock_locker_records_suspicious_total"
DEVICE_BYTES_MAX = 16384
INT_MAX = 9007199254740991
BAD_INTEGERS = (0.5, -1, INT_MAX + 1, 10 ** 30, "1", None, True, [], {})


class DeviceCase(SystemCase):
    """A scanner and a locker, played by the test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls()
        cls.product_id = case.register("cable", 10)
        cls.scanner = Player(cls.system, "scanner", "scanner-1")
        cls.locker = Player(cls.system, "locker", "locker-1", compartments="SSML")
        cls.players = (cls.scanner, cls.locker)
        for player in cls.players:
            player.come_online()

    @classmethod
    def tearDownClass(cls):
        for player in cls.players:
            player.close()
        super().tearDownClass()

    def tearDown(self):
        self.system.wait_ready()
        for player in self.players:
            self.answers(player)

    def count(self, player, name):
        return self.system.metrics(player.process).get(name, 0)

    def refused(self, player, reason):
        return self.count(player, f'{REFUSED}{{reason="{reason}"}}')

    def world(self):
        """What must not move."""
        return {**self.everything(), **{name: self.web.all_items(f"/{name}", name)
                                        for name in ("assets", "lockers")}}

    def answers(self, player):
        """A good message of the device has its usual answer: no stuck state."""
        if player is self.scanner:
            self.assertEqual(player.scan("text", "no label")["result"], "unknown_label")
        else:
            player.say("start")

    def one_refusal(self, player, leaf, body, reason, retain=False):
        """Counted once with its reason, not answered, nothing moved, and the device goes on."""
        before, total = self.refused(player, reason), self.system.metric_sum(player.process, REFUSED)
        world, pid, mark = self.world(), self.system.pid(player.process), player.mark()
        player.send(leaf, body, retain=retain)
        wait_until(lambda: self.refused(player, reason) == before + 1,
                   f"one refusal with {reason} of {str(body)[:200]}; all: "
                   f"{self.system.metric_sum(player.process, REFUSED)} after {total}")
        self.assertEqual(self.system.metric_sum(player.process, REFUSED), total + 1)
        self.assertEqual(player.heard("ack", mark), [], "it was acknowledged")
        self.assertEqual(self.world(), world)
        self.assertEqual(self.system.pid(player.process), pid)

    def no_effect(self, player, body):
        """Acknowledged, and nothing moved."""
        world, pid = self.world(), self.system.pid(player.process)
        ack = player.up(body)
        self.assertEqual(self.world(), world)
        self.assertEqual(self.system.pid(player.process), pid)
        return ack


class NotWellFormed(DeviceCase):
    def rows(self, player):
        good = json.dumps(player.up_body()).encode()
        return [(b"", "malformed"), (b"hello", "malformed"), (b"\0", "malformed"), (b"\xff\xfe", "malformed"),
                (good[:-1], "malformed"), (good + b"}", "malformed"), (b"[" * 17 + b"]" * 17, "malformed"),
                (b'{"epoch":"a","epoch":"a"}', "malformed"), (b"\xef\xbb\xbf" + good, "malformed"),
                (good.replace(b'"boot"', b'"b\\ud800"'), "malformed"),
                (good + b" " * (DEVICE_BYTES_MAX + 1 - len(good)), "too_large"),
                (b" " * 200000, "too_large"), (b"[" * 200000, "too_large"),
                (b"null", "schema"), (b"[]", "schema"), (b"{}", "schema"), (b"[" + good + b"]", "schema"),
                (b'"' + b"x" * 16000 + b'"', "schema")]

    def test_bytes_that_are_no_message_are_refused(self):
        for player in self.players:
            for leaf in ("up", "state"):
                for raw, reason in self.rows(player):
                    with self.subTest(raw[:50], size=len(raw), of=player.name, leaf=leaf):
                        self.one_refusal(player, leaf, raw, reason)
            self.answers(player)

    def test_message_of_16_KiB_is_taken(self):
        for player in self.players:
            body = json.dumps(player.up_body(player.record("start"))).encode()
            mark = player.mark()
            player.send("up", body.ljust(DEVICE_BYTES_MAX))
            wait_until(lambda p=player, m=mark: [ack for ack in p.heard("ack", m) if ack["seq"] == p.seq],
                       f"the ack of {player.name}")


class WrongMembers(DeviceCase):
    def wrong_ups(self, player):
        good = player.up_body()
        rows = [{name: value for name, value in good.items() if name != gone} for gone in good]
        rows += [player.up_body(**{name: bad}) for name in ("boot", "firstSeq", "configRevision", "bounced",
                                                            "unreadable", "overflowed")
                 for bad in BAD_INTEGERS if bad is not None]
        rows += [player.up_body(more=1), player.up_body(boot=0), player.up_body(boot=2 ** 31),
                 player.up_body(firstSeq=0)]
        rows += [player.up_body(epoch=bad) for bad in ("", "a" * 31, "A" * 32, "g" * 32, 7, "a" * 33)]
        rows += [player.up_body(records=bad) for bad in (7, "", {}, [7], [[]], [{}])]
        return rows + [player.up_body(*[player.record("start", seq) for seq in range(player.seq + 1, player.seq + 10)])]

    def wrong_records(self, player):
        seq, start = player.seq + 1, player.record("start", player.seq + 1)
        rows = [{name: value for name, value in start.items() if name != gone} for gone in start]
        rows += [{**start, name: bad} for name in ("seq", "at", "grantId", "compartment", "board", "wrongCount",
                                                   "pauseMs") for bad in BAD_INTEGERS if bad is not None]
        scan = player.record("scan", seq, label="text", value="x")
        rows += [{**scan, "value": bad} for bad in ("x" * 65, "\n", "ä", 7, None, "\u0000x")]
        rows += [{**scan, "label": bad} for bad in ("", "Text", "rfid", 7)]
        rows += [{**scan, "symbology": bad} for bad in ("C1", "]C", "]C12", "", 1)]
        rows += [{**start, "kind": bad} for bad in ("", "dance", "Start", 7)]
        rows += [{**start, name: bad} for name in ("effect", "refusal", "door", "presence", "alarm", "boardState")
                 for bad in ("", "fine", 7)]
        rows += [{**start, "commandId": bad} for bad in ("", "a" * 31, "A" * 32, 7)]
        return rows + [{**start, "compartment": 0}, {**start, "compartment": 17}, {**start, "board": 16},
                       {**start, "more": 1}, {**start, "grantId": 0}]

    def wrong_states(self, player):
        good = player.state_body()
        other = "locker" if player.kind == "scanner" else "scanner"
        rows = [{name: value for name, value in good.items() if name != gone} for gone in good
                if gone != "compartments"]
        return rows + [player.state_body(kind=other), player.state_body(kind="printer"), player.state_body("gone"),
                       player.state_body(boot=0), player.state_body(boot=2 ** 31), player.state_body(epoch="x"),
                       player.state_body(firmware=""), player.state_body(firmware="x" * 33),
                       player.state_body(firmware="a b"), player.state_body(compartments=""),
                       player.state_body(compartments="XS"), player.state_body(compartments="S" * 17),
                       player.state_body(compartments=4), player.state_body(more=1)]

    def test_wrong_members_of_an_up_are_refused(self):
        for player in self.players:
            for body in self.wrong_ups(player):
                with self.subTest(str(body)[:300], of=player.name):
                    self.one_refusal(player, "up", body, self.reason_of(body))

    def test_wrong_members_of_a_record_are_refused_with_all_that_comes_with_it(self):
        for player in self.players:
            for record in self.wrong_records(player):
                good = player.record("start", player.seq + 1)
                with self.subTest(str(record)[:300], of=player.name):
                    self.one_refusal(player, "up", player.up_body(good, record, firstSeq=player.seq + 1),
                                     self.reason_of(record))
            self.assertEqual(player.say("start")["seq"], player.seq)

    def test_wrong_state_is_refused_and_the_device_stays_as_it_was(self):
        for player in self.players:
            for body in self.wrong_states(player):
                with self.subTest(str(body)[:300], of=player.name):
                    self.one_refusal(player, "state", body, "schema")

    @staticmethod
    def reason_of(body):
        """U+0000, and numbers that are not whole or too large, do not even pass the gate."""
        is_read = all(isinstance(value, int) and value <= INT_MAX for value in body.values()
                      if isinstance(value, (int, float)))
        return "schema" if is_read and "\\u0000" not in json.dumps(body) else "malformed"

    def test_records_out_of_order_are_refused_from_a_scanner(self):
        seq = self.scanner.seq
        for numbers, first in (((seq + 2, seq + 1), seq + 1), ((seq + 1, seq + 1), seq + 1),
                               ((seq + 1,), seq + 2)):
            records = [self.scanner.record("start", number) for number in numbers]
            with self.subTest(numbers=numbers, first=first):
                self.one_refusal(self.scanner, "up", self.scanner.up_body(*records, firstSeq=first), "schema")


class WithoutEffect(DeviceCase):
    """Well-formed, and not for this device: acknowledged, counted where it is suspicious."""

    def test_records_of_a_locker_from_a_scanner_move_nothing(self):
        members = {"compartment": 1, "effect": "opened"}
        for kind, more in (("door", {"compartment": 1, "door": "open", "presence": "present"}),
                           ("command", {"commandId": "a" * 32, **members}), ("grant", {"grantId": 1, **members}),
                           ("code", {"refusal": "wrong_code", "wrongCount": 3, "pauseMs": 30000}),
                           ("alarm", {"compartment": 1, "alarm": "forced"}),
                           ("board", {"board": 0, "boardState": "silent"}), ("start", {})):
            with self.subTest(kind):
                ack = self.no_effect(self.scanner, self.scanner.up_body(self.scanner.record(kind, **more)))
                self.assertEqual((ack["seq"], ack["verdicts"]), (self.scanner.seq, []))

    def test_suspicious_records_of_a_locker_are_counted_and_move_nothing(self):
        other = Player(self.system, "locker", "locker-2", compartments="S")
        other.come_online()
        self.addCleanup(other.close)
        opened = {"compartment": 1, "effect": "opened"}
        rows = [("scan", {"label": "command", "value": "RECEIVE"}),
                ("scan", {"label": "product", "value": str(self.product_id)}), ("scan", {}),
                ("door", {"compartment": 16, "door": "open"}), ("door", {"door": "open"}), ("door", {"compartment": 1}),
                ("command", {"commandId": secrets.token_hex(16), **opened}), ("command", opened),
                ("grant", {"grantId": 1, **opened}), ("grant", {"grantId": INT_MAX, **opened}), ("grant", opened)]
        for kind, more in rows:
            with self.subTest(kind=kind, **more):
                before = self.count(self.locker, SUSPICIOUS)
                ack = self.no_effect(self.locker, self.locker.up_body(self.locker.record(kind, **more)))
                self.assertEqual(ack["verdicts"], [])
                self.assertEqual(self.count(self.locker, SUSPICIOUS), before + 1)

    def test_scans_that_make_no_sense_get_a_verdict_and_move_nothing(self):
        scan = self.scanner.scan
        rows = [("text", ""), ("damaged", "LS:P:1:0"), ("product", "999999999"), ("product", str(INT_MAX)),
                ("product", "9" * 24), ("product", "-1"), ("product", "0"), ("product", ""), ("order", "1"),
                ("order", "9" * 24), ("asset", "NOWHERE"), ("bin", "A1"), ("tote", "T1"), ("command", "DONE"),
                ("command", "OK"), ("command", "EXPLODE"), ("command", ""), ("compartment", "LOCKER-1-01"),
                ("compartment", "LOCKER-9-99"), ("compartment", "-"), ("gtin", "00000000000000"), ("sgtin", "."),
                ("grai", "x"), ("giai", "'; DROP TABLE asset; --"), ("sscc", "%s%n"), ("gln", "~" * 64)]
        for label, value in rows:
            with self.subTest(label=label, value=value):
                world = self.world()
                verdict = scan(label, value)
                self.assertNotEqual(verdict["result"], "accepted")
                self.assertTrue(0 < len(verdict["prompt"]) <= 64)
                self.assertEqual(self.world(), world)

    def test_scan_without_its_members_gets_a_verdict(self):
        for members in ({}, {"label": "product"}, {"value": "1"}):
            ack = self.no_effect(self.scanner, self.scanner.up_body(self.scanner.record("scan", **members)))
            self.assertNotEqual(ack["verdicts"][0]["result"], "accepted")

    def test_eight_records_are_taken_and_each_has_its_verdict_in_order(self):
        records = [self.scanner.record("scan", label="text", value=f"number {i}") for i in range(8)]
        ack = self.no_effect(self.scanner, self.scanner.up_body(*records))
        self.assertEqual([verdict["seq"] for verdict in ack["verdicts"]], [record["seq"] for record in records])

    def test_offline_of_an_earlier_boot_or_log_is_ignored(self):
        locker = self.locker
        locker.boot += 1
        locker.come_online()
        for change in ({"boot": locker.boot - 1}, {"epoch": "0" * 32}):
            locker.send("state", locker.state_body("offline", **change))
            self.answers(locker)  # what came before has been read
            self.assertEqual(self.status(), "online")
        locker.send("state", locker.state_body("offline"))
        self.eventually(self.status, "offline", "the locker to be offline")
        locker.come_online()
        self.assertEqual(self.status(), "online")

    def status(self):
        return next(item for item in self.web.all_items("/lockers", "lockers")
                    if item["device"] == self.locker.name)["status"]

    def test_fewer_compartments_and_more_again(self):
        for sizes in ("S", "SSMLSSMLSSMLSSML", "SSML"):
            self.locker.send("state", self.locker.state_body(compartments=sizes))
            self.eventually(lambda: "".join(part["size"] for part in self.web.all_items("/lockers", "lockers")[0]
                                            ["compartments"]), sizes, "the compartments")
            self.answers(self.locker)


class Logs(DeviceCase):
    """Where we are in a device's log: gaps, going back, other logs, redelivery."""

    GAPS = "lockstock_device_records_missing_total"
    AGAIN = "lockstock_device_records_redelivered_total"

    def test_gap_is_counted_and_passed_over(self):
        for player in self.players:
            before = self.count(player, self.GAPS)
            player.seq += 5
            self.assertEqual(player.say("start")["seq"], player.seq)
            self.assertGreater(self.count(player, self.GAPS), before)

    def test_gap_inside_an_up_is_counted_and_passed_over(self):
        for player in self.players:
            before = self.count(player, self.GAPS)
            records = [player.record("start")]
            player.seq += 3
            records.append(player.record("start"))
            self.assertEqual(player.up(player.up_body(*records))["seq"], player.seq)
            self.assertGreater(self.count(player, self.GAPS), before)

    def test_seq_that_goes_back_has_no_second_effect_and_is_acknowledged_as_far_as_it_goes(self):
        for player in self.players:
            for _ in range(3):
                player.say("start")
            before = self.count(player, self.AGAIN)
            old = player.record("start", player.seq - 2)
            mark = player.mark()
            ack = self.no_effect(player, player.up_body(old))
            self.assertEqual(self.count(player, self.AGAIN), before + 1)
            self.assertGreaterEqual(ack["seq"], old["seq"])
            self.assertEqual(len(player.heard("ack", mark)), 1)

    def test_numbers_at_the_end_of_the_range_leave_no_stuck_device(self):
        for player in self.players:
            with self.subTest(player.name):
                player.up(player.up_body(firstSeq=INT_MAX))
                player.up(player.up_body(player.record("start", INT_MAX), firstSeq=INT_MAX))
                # The same log with its usual numbers: a device takes no ack beyond what it sent (1.3).
                body = player.up_body(player.record("start"))
                mark = player.mark()
                player.up(body)
                self.assertEqual([ack["seq"] for ack in player.heard("ack", mark)], [player.seq])
                player.renew()
                player.come_online()
                self.answers(player)

    def test_message_of_the_log_before_is_counted_and_not_answered(self):
        for player in self.players:
            with self.subTest(player.name):
                old_body = player.up_body(player.record("code", refusal="wrong_code", wrongCount=1, pauseMs=0))
                player.up(old_body)
                player.renew()
                player.boot += 1
                player.come_online()
                self.answers(player)
                world, mark = self.world(), player.mark()
                player.send("up", old_body)
                self.answers(player)  # has overtaken nothing: what came before has been read
                self.assertEqual([ack for ack in player.heard("ack", mark) if ack["epoch"] == old_body["epoch"]], [])
                self.assertEqual(self.world(), world)

    def test_log_that_is_in_use_again_goes_on_where_it_was_left(self):
        """A spare stood in for a while; then the device is back with its own flash, and says so."""
        for player in self.players:
            with self.subTest(player.name):
                body = player.up_body(*[player.record("code", refusal="wrong_code", wrongCount=1, pauseMs=0)
                                        for _ in range(2)])
                player.up(body)
                epoch, seq = player.epoch, player.seq
                player.renew()
                player.come_online()
                self.answers(player)
                player.epoch, player.seq, player.boot = epoch, seq, player.boot + 1
                player.send("state", player.state_body(), retain=True)
                world, before = self.world(), self.count(player, self.AGAIN)
                self.assertEqual(player.up(body)["seq"], seq)
                self.assertEqual(self.count(player, self.AGAIN), before + 2)
                self.assertEqual(self.world(), world)
                self.answers(player)

    def test_many_logs_in_turn_each_begin_anew(self):
        for player in self.players:
            for _ in range(20):
                player.renew()
                self.assertEqual(player.say("start")["seq"], 1)
            player.come_online()

    def test_new_log_begins_with_a_new_session(self):
        scanner = self.scanner
        self.assertEqual(scanner.scan("command", "RECEIVE")["result"], "accepted")
        scanner.renew()
        self.assertEqual(scanner.scan("product", self.product_id)["result"], "not_allowed")

    def qty(self):
        return self.web.get(f"/products/{self.product_id}").json["registeredQty"]

    def test_scans_told_twice_have_the_same_verdicts_and_one_effect(self):
        scanner, before = self.scanner, self.qty()
        records = [scanner.record("scan", label=label, value=value) for label, value in
                   (("command", "RECEIVE"), ("product", str(self.product_id)), ("product", str(self.product_id)),
                    ("product", str(self.product_id)), ("bin", "A1"))]
        body = scanner.up_body(*records)
        first = scanner.up(body)
        self.assertEqual([verdict["result"] for verdict in first["verdicts"]], ["accepted"] * 5)
        self.eventually(self.qty, before + 2, "two pieces more")
        world = self.world()
        again = scanner.up(body)
        self.assertEqual(again["verdicts"], first["verdicts"])
        self.system.kill(scanner.process)  # and whoever took them has died meanwhile
        self.system.wait_ready(scanner.process)
        longer = scanner.up(scanner.up_body(*records, scanner.record("scan", label="text", value="more")))
        self.assertEqual(longer["verdicts"][:5], first["verdicts"])
        self.assertEqual(longer["verdicts"][5]["result"], "unknown_label")
        self.assertEqual(self.world(), world)

    def test_lost_ack_costs_nothing(self):
        """The device was cut off before the ack came, and says it again over a new connection."""
        scanner, before = self.scanner, self.qty()
        for label, value in (("command", "RECEIVE"), ("product", self.product_id)):
            self.assertEqual(scanner.scan(label, value)["result"], "accepted")
        taken = self.system.metric_sum(scanner.process, "lockstock_stock_scans_total")
        body = scanner.up_body(scanner.record("scan", label="product", value=str(self.product_id)))
        scanner.send("up", body)
        scanner.connect()
        wait_until(lambda: self.system.metric_sum(scanner.process, "lockstock_stock_scans_total") == taken + 1,
                   "the scan to be taken")
        (verdict,) = scanner.up(body)["verdicts"]
        self.assertEqual((verdict["result"], verdict["prompt"][:2]), ("accepted", "1 "))
        self.assertEqual(scanner.scan("bin", "A1")["signal"], "done")
        self.eventually(self.qty, before + 1, "one piece more")

    def test_records_of_a_locker_told_twice_have_one_effect(self):
        def wrong_codes():
            return self.web.all_items("/lockers", "lockers")[0]["wrongCodes"]

        locker, before = self.locker, wrong_codes()
        body = locker.up_body(locker.record("code", refusal="wrong_code", wrongCount=1, pauseMs=0),
                              locker.record("door", compartment=1, door="closed", presence="absent"),
                              locker.record("door", compartment=1, door="open", presence="absent"))
        locker.up(body)
        self.assertEqual(wrong_codes(), before + 1)
        locker.door(1, "closed")
        world = self.world()
        self.assertGreaterEqual(locker.up(body)["seq"], body["records"][-1]["seq"])
        self.assertEqual(self.world(), world)


class Broker(DeviceCase):
    def test_retained_up_is_refused_when_the_broker_tells_it_again(self):
        for player in self.players:
            with self.subTest(player.name):
                body = player.up_body(player.record("start"))
                self.assertEqual(player.send("up", body, retain=True), 0)  # live, a message like any other
                player.up(body)
                self.system.kill(player.process)
                self.system.wait_ready(player.process)
                self.eventually(lambda p=player: self.refused(p, "retained"), 1, "the refusal")
                self.one_refusal(player, "up", b"", "malformed", retain=True)  # forgotten by the broker
                self.answers(player)

    def test_what_the_owner_tells_a_device_it_does_not_take_back(self):
        """A device cannot publish on ack, cmd and config, so that nobody is fooled."""
        for player in self.players:
            for leaf in ("ack", "cmd", "config"):
                self.assertEqual(player.send(leaf, {"epoch": player.epoch}), 0x87, (player.name, leaf))


class MissingKey(DeviceCase):
    def test_locker_without_its_key_harms_nobody_and_works_when_the_key_is_back(self):
        key = self.system.dir / "devices" / "locker-1.key"
        away = key.with_suffix(".away")
        other = Player(self.system, "locker", "locker-2", compartments="S")
        other.come_online()
        self.addCleanup(other.close)
        self.assertEqual(self.locker.revision, 0)  # so that it must be told a configuration
        key.rename(away)
        body = self.locker.up_body(self.locker.record("start"))
        pid, mark = self.system.pid(self.locker.process), self.locker.mark()
        for damaged in (None, "", "short", "z" * 64):
            with self.subTest(damaged):
                if damaged is not None:
                    key.write_text(damaged)
                world = self.everything()
                self.locker.send("up", body)
                self.locker.send("state", self.locker.state_body())
                other.say("start")
                self.assertEqual(self.everything(), world)
                self.assertEqual(self.locker.heard("config", mark), [], "signed with which key?")
        self.assertEqual(self.system.pid(self.locker.process), pid)
        key.unlink()
        away.rename(key)
        self.locker.come_online()
        self.assertEqual(self.locker.up(body)["seq"], self.locker.seq)
        self.locker.take_config(lambda config: config["grants"] == [], mark)

    def test_new_locker_without_a_key_is_no_locker_until_it_has_one_and_says_online(self):
        newcomer = Player(self.system, "locker", "locker-3", compartments="S")
        self.addCleanup(newcomer.close)
        key = self.system.dir / "devices" / "locker-3.key"
        text = key.read_text()
        key.unlink()
        newcomer.send("state", newcomer.state_body(), retain=True)
        newcomer.send("up", newcomer.up_body())
        self.answers(self.locker)  # what came before has been read
        self.assertNotIn("locker-3", [item["device"] for item in self.web.all_items("/lockers", "lockers")])
        self.assertEqual(newcomer.heard("ack"), [])
        key.write_text(text)
        newcomer.come_online()
        newcomer.say("start")

    def test_scanner_needs_no_key(self):
        (self.system.dir / "devices" / "scanner-1.key").unlink()
        self.assertEqual(self.scanner.scan("command", "RECEIVE")["result"], "accepted")


if __name__ == "__main__":
    unittest.main(verbosity=2)
