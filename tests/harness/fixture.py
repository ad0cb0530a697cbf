"""Kept releases (tests/fixtures): a whole DIR that an earlier release has left, unpacked and started
again on the day when it was kept. Programs of today see that day's wall clock (shift_clock.c): orders
wait in a locker for hours, codes and stored answers have an end."""

import contextlib
import json
import os
import tarfile
import time

from .system import ROOT, System, default_build_dir

FIXTURES = ROOT / "tests" / "fixtures"
CLOCK_SHIM = default_build_dir() / "lib" / "liblockstock_shift_clock.so"


def notes_of(release):
    """What the release has noted about the DIR that it left: names of orders, codes, times."""
    return json.loads((FIXTURES / release / "notes.json").read_text())


def views_of(release):
    """What the release showed of the DIR when it started on it again itself (harness.views)."""
    return json.loads((FIXTURES / release / "views.json").read_text())


class KeptSystem(System):
    """The DIR of an archive. Nothing runs in it yet."""

    def __init__(self, archive, at_ms, build=None, extra_args=()):
        """at_ms: what time it is there now."""
        super().__init__(build, extra_args)
        self.shift_ms = at_ms - int(time.time() * 1000)
        with tarfile.open(archive, "r:xz") as tar:
            tar.extractall(self.dir)

    def now_ms(self):
        return int(time.time() * 1000) + self.shift_ms

    @contextlib.contextmanager
    def its_day(self):
        """Programs that are started meanwhile have the wall clock of that day."""
        if not CLOCK_SHIM.exists():
            raise FileNotFoundError(f"{CLOCK_SHIM} is not there: build it, as tests/run does")
        asan = f"{os.environ.get('ASAN_OPTIONS', '')}:verify_asan_link_order=0"
        change = {"LD_PRELOAD": str(CLOCK_SHIM), "TEST_CLOCK_SHIFT_MS": str(self.shift_ms), "ASAN_OPTIONS": asan}
        before = {name: os.environ.get(name) for name in change}
        os.environ.update(change)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value

    def start(self):
        with self.its_day():
            return super().start()
