"""What came of a planted bug: caught by what, or survived. A program that failed in another way is a Mistake."""

import re
import signal

import planting

NOT_PLANTED = 64  # the program has no such bug (by_environment.c)
SIGNALS = {signal.SIGABRT: "a check of the code itself", signal.SIGPROF: "the bound of time: it never ends",
           signal.SIGSEGV: "a crash"}


class Outcome:
    """What came of one planted bug."""

    def __init__(self, planted, done):
        self.planted = planted
        seeds = re.findall(r"^seed (\d+)$", done.stdout, re.MULTILINE)
        self.worlds = len(seeds)
        self.seed = seeds[-1] if seeds else "-"
        self.is_caught = done.returncode != 0
        violation = re.search(r"^violation (.*)$", done.stdout, re.MULTILINE)
        reached = re.search(r"^reached (\d+)$", done.stdout, re.MULTILINE)
        self.was_reached = reached is None or int(reached[1]) > 0
        self.check = violation[1] if violation else ""
        if done.returncode < 0:
            said = re.search(r"^bug: (.*)$", done.stderr, re.MULTILINE)
            self.check = SIGNALS.get(-done.returncode, f"signal {-done.returncode}")
            self.check += f": {said[1]}" if said else ""
        elif self.is_caught and not violation:
            raise planting.Mistake(f"{planted.name}: the world failed: {done.stderr.strip()}")

    def line(self):
        if self.is_caught:
            check = self.check.replace(f"{planting.ROOT}/", "")
            return f"caught    {self.planted.name:34} seed {self.seed:>4}  {check[:150]}"
        why = "" if self.was_reached else ", its place was never reached"
        return f"SURVIVED  {self.planted.name:34} {self.worlds} worlds{why}; harm: {self.planted.harm}"


class UnitOutcome:
    """The same of a unit test: it fails, a check of the code itself does, or it never ends."""

    def __init__(self, planted, done):
        self.planted = planted
        self.worlds = 0
        failed = re.search(r"^\[  (?:FAILED  |ERROR   )\] (test_\w+)", done.stdout + done.stderr, re.MULTILINE)
        said = re.search(r"^bug: (.*)$", done.stderr, re.MULTILINE)
        if done.returncode == NOT_PLANTED or (done.returncode > 0 and not failed):
            raise planting.Mistake(f"{planted.name}: {planted.by.split()[1]} has not said which test fails, but ended "
                                   f"with {done.returncode}: {(done.stderr or done.stdout).strip()[-300:]}")
        self.is_caught = done.returncode != 0
        self.check = ""
        if said:
            self.check = f"a check of the code itself: {said[1]}"
        elif failed:
            self.check = failed[1]
        elif done.returncode < 0:
            self.check = SIGNALS.get(-done.returncode, f"signal {-done.returncode}")

    def line(self):
        test = self.planted.by.split()[1]
        if self.is_caught:
            return f"caught    {self.planted.name:34} {test}: {self.check[:120]}"
        return f"SURVIVED  {self.planted.name:34} {test}; harm: {self.planted.harm}"
