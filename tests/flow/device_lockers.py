#!/usr/bin/env python3
"""The locker's binary on real pseudo-terminals with a real broker, and no services: this file plays
the service, the boards and the hands. kill -9 at any moment opens no door twice."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.desk_case import LOCKER, OPERATIONS_MAX, OPERATIONS_MIN, DeskCase
from harness.devices import Cu16, command, config, grant, now_ms
from harness.wait import wait_until


JOURNAL_MAX = 24  # commands that have not expired; a locker refuses any more (rules 4.3)


class LockerCase(DeskCase):
    sizes = "SSML"
    extra = ()

    def setUp(self):
        super().setUp()
        self.keys = self.plug("keys")
        self.line = self.plug("boards")
        self.board = Cu16(self.line)
        self.stack.callback(self.board.close)
        self.locker = self.device("locker", LOCKER, "--port", self.keys.path, "--compartments",
                                  self.sizes, "--board", f"cu16:{self.line.path}", *self.extra)
        self.locker.start()
        self.locker.wait_panel("none online")
        self.wait_door(len(self.sizes), "closed")

    def doors(self, compartment):
        return [record["door"] for record in self.service.of_kind(LOCKER, "door")
                if record["compartment"] == compartment]

    def wait_door(self, compartment, state):
        wait_until(lambda: self.doors(compartment)[-1:] == [state],
                   f"compartment {compartment} to be {state}", 20)

    def send(self, body):
        self.service.send("locker", LOCKER, "cmd", body)

    def effects(self):
        return [(record["commandId"], record["effect"], record.get("refusal"))
                for record in self.service.of_kind(LOCKER, "command")]


class Commands(LockerCase):
    def test_command_opens_and_tells_what_was_sensed(self):
        self.send(command(self.locker, "a" * 32, 2))
        self.locker.wait_panel("ok compartment 2 is open")
        self.service.wait_records(LOCKER, "command", 1)
        self.assertEqual(self.effects(), [("a" * 32, "opened", None)])
        self.wait_door(2, "open")
        self.board.open.discard(1)
        self.wait_door(2, "closed")
        self.locker.wait_panel("done compartment 2 is closed")
        self.assertEqual(self.board.pulses, [1])
        self.assertEqual(self.service.states[LOCKER]["compartments"], "SSML")

    def test_forged_late_and_repeated_commands_move_nothing(self):
        self.send(command(self.locker, "1" * 32, 1, key=b"another key"))
        self.send(command(self.locker, "2" * 32, 1, expires_at=now_ms() - 1))
        self.send(command(self.locker, "3" * 32, 9))
        self.send({**command(self.locker, "4" * 32, 1), "compartment": 2})
        self.send(b"\xff{")
        good = command(self.locker, "5" * 32, 1)
        self.send(good)
        self.locker.wait_panel("ok compartment 1 is open")
        self.send(good)
        self.service.wait_records(LOCKER, "command", 5)  # one bad_mac in 10 s is enough
        self.assertEqual(self.effects(), [
            ("1" * 32, "refused", "bad_mac"), ("2" * 32, "expired", None),
            ("3" * 32, "refused", "unknown_compartment"),
            ("5" * 32, "opened", None), ("5" * 32, "repeated", None)])
        self.assertEqual(self.board.pulses, [0])

    def test_jammed_door_is_reported(self):
        self.board.jammed.add(0)
        self.send(command(self.locker, "b" * 32, 1))
        self.locker.wait_panel("error compartment 1 does not open")
        self.service.wait_records(LOCKER, "command", 1)
        self.assertEqual(self.effects(), [("b" * 32, "jammed", None)])

    def test_kill_after_the_pulse_is_reported_as_interrupted_and_never_pulses_again(self):
        self.board.jammed.add(0)  # so that the effect is not known yet
        self.send(command(self.locker, "c" * 32, 1))
        wait_until(lambda: self.board.pulses, "the pulse")
        self.locker.kill()
        pulses = list(self.board.pulses)
        mark = self.locker.mark()
        self.locker.start()
        self.locker.wait_panel("none online", since=mark)
        self.service.wait_records(LOCKER, "command", 1)
        self.assertEqual(self.effects(), [("c" * 32, "interrupted", None)])
        self.wait_door(1, "closed")
        self.assertEqual(self.board.pulses, pulses)

    def test_kill_inside_each_flash_operation_opens_at_most_once(self):
        operation, died, opened, lives = 1, True, 0, []
        while died and operation < OPERATIONS_MAX:
            self.locker.kill()
            self.board.open.clear()
            before = len(self.board.pulses)
            self.wait_journal(lives)
            body = command(self.locker, f"{operation:032x}", 1)
            lives.append(body["expiresAt"])
            died = self.dies_in(operation, body)
            self.locker.kill()
            mark = self.locker.mark()
            self.locker.start()
            self.locker.wait_panel("none online", since=mark)
            self.send(body)  # the broker may bring it twice
            self.wait_told(body["id"])
            pulses = len(self.board.pulses) - before
            self.assertLessEqual(pulses, 1, f"operation {operation}")
            opened += pulses
            operation += 1
        print(f"{operation - 1} operations", file=sys.stderr)
        self.assertGreater(operation, OPERATIONS_MIN, "the shim did not kill")
        self.assertGreater(opened, 2)

    @staticmethod
    def wait_journal(lives):
        """Until one more command finds room: all but the latest must have expired."""
        if len(lives) >= JOURNAL_MAX:
            wait_until(lambda: now_ms() > lives[-JOURNAL_MAX], "the oldest command to expire", 60)

    def told(self, command_id):
        return [effect for told_id, effect, _ in self.effects() if told_id == command_id]

    def dies_in(self, operation, body):
        """Starts it and commands it; is it dead before the command's end was told?"""
        mark = self.locker.mark()
        self.locker.start_to_die(operation)
        wait_until(lambda: self.locker.is_dead()
                   or "panel none online" in self.locker.lines[mark:], "the locker")
        self.send(body)
        wait_until(lambda: self.locker.is_dead() or self.told(body["id"]), "the command's end")
        return self.locker.is_dead()

    def wait_told(self, command_id):
        """One effect that is not about a repetition."""
        def firsts():
            return [effect for effect in self.told(command_id) if effect != "repeated"]

        # A device repeats a record that was lost after at most 30 s.
        wait_until(firsts, f"the effect of {command_id}", timeout_s=45)
        self.assertEqual(len(firsts()), 1, self.told(command_id))

    def test_silent_board_makes_doors_unknown_and_comes_back(self):
        self.board.is_silent = True
        self.wait_door(1, "unknown")
        self.send(command(self.locker, "d" * 32, 1))
        self.service.wait_records(LOCKER, "command", 1)
        self.assertEqual(self.effects(), [("d" * 32, "no_answer", None)])
        self.board.is_silent = False
        self.wait_door(1, "closed")
        states = [record["boardState"] for record in self.service.of_kind(LOCKER, "board")]
        self.assertEqual(states[-2:], ["silent", "answering"])

    def test_unplugged_board_line_is_opened_again(self):
        self.board.close()
        self.line.unplug()
        self.wait_door(1, "unknown")
        self.line.plug()
        self.board = Cu16(self.line)
        self.stack.callback(self.board.close)
        self.wait_door(1, "closed")


class Codes(LockerCase):
    extra = ("--dead-time-ms", "0")

    def setUp(self):
        super().setUp()
        self.service.send("locker", LOCKER, "config", config(self.locker, 1, [
            grant(self.locker, 11, 3, "12345678"), grant(self.locker, 12, 4, "87654321")]), True)
        wait_until(lambda: self.service.ups[LOCKER][-1]["configRevision"] == 1, "the configuration")

    def test_code_opens_once_also_without_network(self):
        mark = self.locker.mark()
        self.broker.stop()
        self.locker.wait_panel("none offline", since=mark)
        self.keys.send("12345678\r")
        self.locker.wait_panel("ok compartment 3 is open")
        self.board.present.discard(2)
        self.board.open.discard(2)
        self.locker.wait_panel("done compartment 3 is closed")
        self.keys.send("12345678\r")
        wait_until(lambda: self.locker.panel("error"), "a refusal")
        self.restart_broker()
        (used,) = self.service.wait_records(LOCKER, "grant", 1)
        self.assertEqual((used["grantId"], used["compartment"], used["effect"]), (11, 3, "opened"))
        self.assertEqual(self.board.pulses, [2])

    def test_qr_code_with_identifier_opens(self):
        self.keys.send("]Q187654321\r\n")
        self.locker.wait_panel("ok compartment 4 is open")

    def test_used_code_stays_used_after_kill(self):
        self.keys.send("12345678\r")
        wait_until(lambda: self.board.pulses, "the pulse")
        self.locker.kill()
        self.board.open.clear()
        mark = self.locker.mark()
        self.locker.start()
        self.keys.send("12345678\r")
        wait_until(lambda: any(line.startswith("panel error") for line in self.locker.lines[mark:]),
                   "a refusal")
        self.assertEqual(self.board.pulses, [2])
        self.service.wait_records(LOCKER, "grant", 1)
        self.assertEqual([r["grantId"] for r in self.service.of_kind(LOCKER, "grant")], [11])

    def test_wrong_codes_lock_out(self):
        for code in ("11111111", "22222222", "33333333", "12345678"):
            self.keys.send(code + "\r")
        self.locker.wait_panel("error wrong code: wait 30 s")
        self.locker.wait_panel("error too many wrong codes")
        records = self.service.wait_records(LOCKER, "code", 3)
        self.assertEqual([record["wrongCount"] for record in records[:3]], [1, 2, 3])
        self.assertEqual(self.board.pulses, [])

    def test_what_is_no_code_is_an_error(self):
        for text in ("1234567", "123456789", "1234567a", "LS:P:12:3"):
            mark = self.locker.mark()
            self.keys.send(text + "\r")
            self.locker.wait_panel("error type the 8 digits of your code", since=mark)
        self.assertEqual(self.service.of_kind(LOCKER, "code"), [])

    def test_forged_and_old_configurations_are_refused(self):
        forged = config(self.locker, 5, [grant(self.locker, 13, 1, "55555555")])
        self.service.send("locker", LOCKER, "config", {**forged, "mac": "0" * 64})
        self.service.send("locker", LOCKER, "config", config(self.locker, 1, []))
        self.service.send("locker", LOCKER, "config", config(self.locker, 2, [
            grant(self.locker, 14, 4, "87654321")]))
        wait_until(lambda: self.service.ups[LOCKER][-1]["configRevision"] == 2, "the new one")
        self.keys.send("55555555\r")
        self.locker.wait_panel("error wrong code")
        self.keys.send("87654321\r")
        self.locker.wait_panel("ok compartment 4 is open")


class TwoBoards(DeskCase):
    def test_dead_board_does_not_stop_the_other(self):
        lines = [self.plug("board-a"), self.plug("board-b")]
        boards = [Cu16(lines[0]), Cu16(lines[1], address=1)]
        for board in boards:
            self.stack.callback(board.close)
        boards[0].is_silent = True
        locker = self.device("locker", LOCKER, "--compartments", "SSLL", "--locks-per-board", "2",
                             "--board", f"cu16:{lines[0].path}",
                             "--board", f"cu16:{lines[1].path}:1").start()
        locker.wait_panel("none online")
        wait_until(lambda: any(record["boardState"] == "silent"
                               for record in self.service.of_kind(LOCKER, "board")), "silence", 20)
        self.service.send("locker", LOCKER, "cmd", command(locker, "e" * 32, 4))
        locker.wait_panel("ok compartment 4 is open")
        self.assertEqual((boards[0].pulses, boards[1].pulses), ([], [1]))


if __name__ == "__main__":
    unittest.main()
