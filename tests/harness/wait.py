"""Waiting: the one place where tests let time pass. Tests wait for conditions, never for durations."""

import time

POLL_S = 0.02


class TimeUp(AssertionError):
    """The condition did not come true before its deadline."""


def wait_until(condition, what, timeout_s=10.0):
    """Polls condition() until it returns something true, and returns that.

    An exception of the condition counts as "not yet"; the last one, or the last value, is shown when
    the time is up. `what` completes the sentence "waited N s for ...".
    """
    deadline = time.monotonic() + timeout_s
    last = None
    while True:
        try:
            last = condition()
            if last:
                return last
        except (AssertionError, OSError, ValueError, KeyError, LookupError) as error:
            last = f"{type(error).__name__}: {error}"
        if time.monotonic() >= deadline:
            raise TimeUp(f"waited {timeout_s:g} s for {what}; last seen: {last!r}")
        time.sleep(POLL_S)


def eventually(read, expected, what, timeout_s=10.0):
    """Polls read() until it returns `expected`; says what it was instead when the time is up."""
    last = []

    def is_so():
        last[:] = [read()]
        return last[0] == expected

    try:
        wait_until(is_so, what, timeout_s)
    except TimeUp as error:
        raise TimeUp(f"{what}: expected {expected!r}, got {last!r} ({error})") from None


def settle(read, what, same_for_s=1.0, timeout_s=30.0):
    """Polls read() until its value has been the same for same_for_s, and returns it."""
    state = {"value": object(), "since": time.monotonic()}

    def is_settled():
        value = read()
        if value != state["value"]:
            state["value"], state["since"] = value, time.monotonic()
        return time.monotonic() - state["since"] >= same_for_s

    wait_until(is_settled, f"{what} to settle", timeout_s)
    return state["value"]


def hold(seconds):
    """Lets a fault last: the only waiting that is not for a condition."""
    time.sleep(seconds)
