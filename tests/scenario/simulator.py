"""Runs lockstock-sim, for the tests of this folder."""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.system import ROOT, default_build_dir  # noqa: E402

SCENARIOS = ROOT / "hw-sim" / "scenarios"
TIMEOUT_S = 300
SPEED = 20  # of people: the walls of the warehouse are not what is tested


class Done:
    """How a run ended."""

    def __init__(self, status, out):
        self.status = status
        self.out = out

    def __repr__(self):
        return f"exit status {self.status}\n{self.out}"


def simulator(*words, cwd=ROOT):
    done = subprocess.run([str(default_build_dir() / "bin" / "lockstock-sim"), *map(str, words)],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          timeout=TIMEOUT_S, check=False, cwd=cwd)
    return Done(done.returncode, done.stdout.decode(errors="replace"))


def play(system, *words, programs=None):
    """programs: the folder of the firmware; the build's own unless given."""
    return simulator("run", *words, "--data", system.dir, "--bin", programs or system.build / "bin",
                     "--deploy", ROOT / "deploy", "--speed", SPEED)
