#!/usr/bin/env python3
"""Prints flash and RAM of each module of the firmware's core on a Cortex-M3, and holds them against
firmware/budget.txt. Fails when a module takes more than its budget, and when a budget has become
far too wide or belongs to no module, so that the file stays true.

  report.py BUILD_DIR [--update]     BUILD_DIR as of firmware/ports/cortex-m/build

--update writes the budget newly: what is used now and a tenth more."""
import pathlib
import re
import subprocess
import sys

BUDGET = pathlib.Path(__file__).resolve().parents[2] / "budget.txt"
FLASH_MAX = 48 * 1024  # of the whole core, C library parts included
RAM_MAX = 16 * 1024    # of one scanner or a bank of 16 compartments, stack included
STACK = 4096           # reserved for it; tests/cortex-m measures what a scanner needs
STALE = 0.75           # less than this of a budget used: the budget is stale
SLACK_BYTES = 64       # but a few bytes are never stale
HEAD = f"""# Flash and RAM of the firmware's core on a Cortex-M3 at -Os, in bytes: at most so much. RAM is
# what the module's struct takes (it is part of the applications' structs below), 0: has none.
# Checked by firmware/ports/cortex-m/report.py; `report.py BUILD_DIR --update` writes it newly.
# Whole: at most {FLASH_MAX} flash, and {RAM_MAX} RAM with {STACK} of stack.
"""


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def module_of(obj):
    name = obj.removesuffix(".obj").removesuffix(".c")
    if name.endswith(".gen"):
        return f"codec/{name.removesuffix('.gen')}"
    for folder in ("core", "drivers"):
        if (BUDGET.parent / folder / f"{name}.c").exists():
            return f"{folder}/{name}"
    raise SystemExit(f"{obj}: belongs to no module; build again")


def measure(build):
    """Module -> [flash, ram]; `whole` is everything linked together, with the C library's parts."""
    found = {}
    for line in run("arm-none-eabi-size", str(build / "libfw_core.a")).splitlines()[1:]:
        text, data, bss, _, _, obj = line.split()[:6]
        if int(data) or int(bss):
            raise SystemExit(f"{obj}: has {data} + {bss} bytes of globals; the core has none")
        found[module_of(obj)] = [int(text), 0]
    for line in run("arm-none-eabi-nm", "-S", str(build / "libfw_sizes.a")).splitlines():
        match = re.match(r"\w+ (\w+) B size_(\w+)$", line)
        if match:
            found[module_at(found, match.group(2))][1] = int(match.group(1), 16)
    text = run("arm-none-eabi-size", str(build / "whole.elf")).splitlines()[1].split()[0]
    ram = max(found["core/scanner"][1], found["core/locker"][1])
    found["whole"] = [int(text), ram]
    return dict(sorted(found.items()))


def module_at(found, name):
    for folder in ("core", "drivers"):
        if f"{folder}/{name}" in found:
            return f"{folder}/{name}"
    raise SystemExit(f"sizes.c: size_{name}: there is no such module")


def read_budget():
    budget = {}
    for line in BUDGET.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            module, flash, ram = line.split()
            budget[module] = [int(flash), int(ram)]
    return budget


def write_budget(found):
    def widen(used):
        return (used + used // 10 + 15) // 16 * 16
    lines = [f"{module:<28}{widen(flash):>8}{widen(ram):>8}\n"
             for module, (flash, ram) in found.items()]
    BUDGET.write_text(HEAD + "".join(lines), encoding="utf-8")


def is_stale(used, limit):
    return used < STALE * limit and limit - used > SLACK_BYTES


def compare(found, budget):
    wrong = [f"{module}: in the budget, but there is no such module" for module in budget
             if module not in found]
    for module, uses in found.items():
        if module not in budget:
            wrong.append(f"{module}: not in the budget")
            continue
        for what, used, limit in zip(("flash", "RAM"), uses, budget[module]):
            if used > limit:
                wrong.append(f"{module}: {used} bytes of {what}, {limit} allowed")
            elif is_stale(used, limit):
                wrong.append(f"{module}: {used} bytes of {what}, the budget of {limit} is stale")
    flash, ram = found["whole"]
    if flash > FLASH_MAX:
        wrong.append(f"whole: {flash} bytes of flash, never more than {FLASH_MAX}")
    if ram + STACK > RAM_MAX:
        wrong.append(f"whole: {ram} + {STACK} bytes of RAM, never more than {RAM_MAX}")
    return wrong


def self_test():
    """Each complaint, from figures that deserve it."""
    fine = {"core/a": [1000, 100], "whole": [2000, 500]}
    assert compare(fine, fine) == []
    assert "not in the budget" in compare(fine, {"whole": [2000, 500]})[0]
    assert "no such module" in compare({"whole": [2000, 500]}, fine)[0]
    assert "allowed" in compare(fine, fine | {"core/a": [999, 100]})[0]
    assert "stale" in compare(fine, fine | {"core/a": [1400, 100]})[0]
    assert compare(fine, fine | {"core/a": [1000, 150]}) == []  # a few bytes
    assert "never more" in compare({"whole": [FLASH_MAX + 1, 0]}, {"whole": [FLASH_MAX + 1, 0]})[0]
    assert "never more" in compare({"whole": [0, RAM_MAX]}, {"whole": [0, RAM_MAX]})[0]


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if not 2 <= len(sys.argv) <= 3 or sys.argv[1] == "--help" or sys.argv[2:] not in ([], ["--update"]):
        sys.exit(__doc__)
    found = measure(pathlib.Path(sys.argv[1]))
    if sys.argv[2:]:
        write_budget(found)
    budget = read_budget()
    print(f"{'module':<28}{'flash':>8}{'RAM':>8}   of{'flash':>8}{'RAM':>8}")
    for module, (flash, ram) in found.items():
        limits = budget.get(module, ["?", "?"])
        print(f"{module:<28}{flash:>8}{ram:>8}     {limits[0]:>8}{limits[1]:>8}")
    wrong = compare(found, budget)
    for text in wrong:
        print(text)
    if wrong:
        sys.exit("firmware/budget.txt: make it smaller, or say with report.py --update that it is so")
    return None


if __name__ == "__main__":
    main()
