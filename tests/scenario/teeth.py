#!/usr/bin/env python3
"""Do the scenarios bite? Each mutant is the real firmware with one rule of schemas/rules/devices.md
broken in a copy of its source; the scenario of that rule must fail, at that rule. Where the firmware is
right, a scenario that expects the contrary must fail, at that step."""
import concurrent.futures
import json
import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

from simulator import ROOT, SCENARIOS, play  # first: it finds the harness

from harness.cases import SystemCase
from harness.system import default_build_dir

PROGRAMS = ("lockstock-scanner", "lockstock-locker")
AT_ONCE = 2  # more runs cannot play on one system
RECORD_MS = 5000  # for a record to come, or to be missed: here it is

# scenario, program, source in firmware/core, what stands there, what is put there, and what the run
# says at its end. The longest first.
MUTANTS = [
    # 4.2: a command is not executed when it has expired.
    ("late-unlock", "lockstock-locker", "gate.c", "fw_clock_is_over(gate->setup.clock, cmd->expires_at)", "false",
     r'the record \{"/kind":"command".*"/effect":"expired"\} of locker-1 is there 0 times, not 1'),
    # 4.3: the id of a journaled command is answered with `repeated`.
    ("replayed-and-forged", "lockstock-locker", "gate.c", "fw_gate_entry_find_command(gate, id) != NULL", "false",
     r'the record .*"/effect":"repeated"\} of locker-1 is there 0 times, not 1'),
    # 4.1: a command is refused unless its MAC is right.
    ("replayed-and-forged", "lockstock-locker", "signed.c", "fw_signed_equal(mac, given, sizeof(mac))", "true",
     r'the record .*"/refusal":"bad_mac"\} of locker-2 is there 0 times, not 1'),
    # 4.4: jammed when the door stays closed.
    ("door-jammed", "lockstock-locker", "compartment.c", "FW_UNLOCK_JAMMED) |", "FW_UNLOCK_OPENED) |",
     r'the record .*"/effect":"jammed"\} of locker-1 is there 0 times, not 1'),
    # 5.3: a used grant never opens again.
    ("collection-without-network", "lockstock-locker", "gate_code.c", "grants[i].is_used != 0", "false",
     r'the panel of locker-1 with "used already" is seen 0 times, not 1'),
    # 3.5: the same line again within the dead time is a bounce.
    ("double-scan-and-bounce", "lockstock-scanner", "debounce.c", "if (same &&", "if (false && same &&",
     r"step /steps/\d+: .*(bounced of scanner-1 is 0|but scan \d+ of scanner-1 was)"),
]


def commands(build, program):
    """Those that make a program, as the build has them."""
    done = subprocess.run(["ninja", "-C", str(build), "-t", "commands", program], check=True, text=True,
                          stdout=subprocess.PIPE)
    return done.stdout.splitlines()


def split(command):
    """The words of a command of CMake: ": && cc ... && :"."""
    words = shlex.split(command)
    return [word for word in words if word not in (":", "&&")]


def make_mutant(folder, program, source, old, new):
    """A folder with both programs, one of them broken."""
    build = default_build_dir()
    path = ROOT / "firmware" / "core" / source
    # In every place, wherever its lines are broken.
    text, count = re.subn(r"\s+".join(map(re.escape, old.split())), lambda _: new, path.read_text())
    if count < 1:
        raise AssertionError(f"{source} has no '{old}' any more: give its mutant another place to break")
    broken, thing = folder / source, folder / (source + ".o")
    broken.write_text(text)
    for line in commands(build, program):
        words = split(line)
        if words[-2:] == ["-c", str(path)]:
            words[-1] = str(broken)
            words[words.index("-o") + 1] = str(thing)
            words = [word for word in words if not word.startswith("-W")] + ["-w"]
            words[words.index("-MF") + 1] = str(folder / "dependencies")
            subprocess.run(words, cwd=build, check=True)
        elif f"bin/{program}" in words:
            at = words.index("-o")
            words[at + 1] = str(folder / program)
            words.insert(at, str(thing))  # before the library that has the right one
            subprocess.run(words, cwd=build, check=True)
    for other in set(PROGRAMS) - {program}:
        (folder / other).symlink_to(build / "bin" / other)


def make_impatient(folder, path):
    """A copy of a scenario that waits for records only so long: the missing one ends it."""
    scenario = json.loads(path.read_text())
    for step in scenario["steps"]:
        if step["do"] == "wait" and "record" in step["condition"]:
            step["withinMs"] = RECORD_MS
    copy = folder / path.name
    copy.write_text(json.dumps(scenario))
    return copy


def make_contrary(folder, path):
    """A copy of a scenario whose last `expect` is turned round; and where that step is."""
    scenario = json.loads(path.read_text())
    at = max(at for at, step in enumerate(scenario["steps"]) if step["do"] == "expect")
    scenario["steps"][at]["condition"] = {"not": scenario["steps"][at]["condition"]}
    copy = folder / path.name
    copy.write_text(json.dumps(scenario))
    return copy, at


class Teeth(SystemCase):
    def play_mutant(self, mutant):
        scenario, *how, _ = mutant
        with tempfile.TemporaryDirectory(prefix="lockstock-mutant-") as name:
            folder = pathlib.Path(name)
            make_mutant(folder, *how)
            played = make_impatient(folder, SCENARIOS / f"{scenario}.json")
            return play(self.system, played, "--report", folder / "report", programs=folder)

    def test_each_mutant_is_noticed(self):
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            ends = list(pool.map(self.play_mutant, MUTANTS))
        for mutant, done in zip(MUTANTS, ends):
            with self.subTest(mutant[0], broken=mutant[3]):
                self.assertEqual(done.status, 1, done)
                last = done.out[done.out.rindex("failed after"):]
                self.assertTrue(re.search(mutant[-1], last), last)

    def test_contrary_of_an_expectation_fails_there(self):
        for name in ("wrong-item", "double-scan-and-bounce"):
            with self.subTest(name), tempfile.TemporaryDirectory(prefix="lockstock-contrary-") as folder:
                played, at = make_contrary(pathlib.Path(folder), SCENARIOS / f"{name}.json")
                done = play(self.system, played)
                self.assertEqual(done.status, 1, done)
                self.assertIn(f"step /steps/{at}: this should not be so", done.out)


if __name__ == "__main__":
    unittest.main()
