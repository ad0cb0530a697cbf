"""The faults, and the order in which they come: a shuffled deck, dealt again when it is empty, so that
every few rounds everything has happened."""

import os
import signal

from harness.system import BRIDGE, BROKER, PROCESSES, SERVICES
from harness.wait import hold

LONG_STOP_S = 5.0
SHORT_STOP_S = 1.0
DOWN_S = 3.0
FREEZABLE = PROCESSES[1:]


def kill(system, process):
    system.kill(process)


def kill_broker_and_wipe(system):
    with system.down(BROKER):
        for path in (system.dir / "mosquitto" / "data").iterdir():
            path.unlink()


def freeze(system, process, seconds):
    """The process stands still; its sockets stay open."""
    pid = system.signal(process, signal.SIGSTOP)
    hold(seconds)
    if pid and system.pid(process) == pid:
        os.kill(pid, signal.SIGCONT)


def down_for_a_while(system, process):
    with system.down(process):
        hold(DOWN_S)


def deck(rng):
    """(name, function of the system), each kind at least once, in random order."""
    cards = [(f"kill -9 {name}", lambda s, p=f"lockstock-{name}": kill(s, p)) for name in SERVICES]
    cards.append(("kill -9 bridge", lambda s: kill(s, BRIDGE)))
    cards.append(("kill -9 broker, its files wiped", kill_broker_and_wipe))
    first, second = rng.sample([f"lockstock-{name}" for name in SERVICES], 2)
    cards.append((f"kill -9 {first} and {second}", lambda s: (kill(s, first), kill(s, second))))
    slow, brief = rng.choice(FREEZABLE), rng.choice((*FREEZABLE, BROKER))
    cards.append((f"SIGSTOP {slow} {LONG_STOP_S:g} s", lambda s: freeze(s, slow, LONG_STOP_S)))
    cards.append((f"SIGSTOP {brief} {SHORT_STOP_S:g} s", lambda s: freeze(s, brief, SHORT_STOP_S)))
    cards.append((f"delivery down {DOWN_S:g} s", lambda s: down_for_a_while(s, "lockstock-delivery")))
    rng.shuffle(cards)
    return cards
