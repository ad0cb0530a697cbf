"""What the lint checks share: finding files, reporting, the list of exceptions, and the self-test
that shows that a check can fail. Standard library only; needs neither git nor a build."""
import argparse
import os
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXCEPTIONS = pathlib.Path(__file__).with_name("exceptions.txt")
RATCHET = pathlib.Path(__file__).with_name("ratchet.txt")
RATCHET_SLACK = 2  # a number in per cent that could be lower by more than this must be lowered
SKIPPED_FOLDERS = {".git", "build", ".lockstock", ".cache", "node_modules", "__pycache__"}


class Finding:
    """One fault. `name` (a function, a symbol, a word) makes the key stable when lines move."""

    def __init__(self, rule, path, line, text, name=""):
        self.rule, self.path, self.line, self.text = rule, str(path), line, text
        self.key = f"{rule} {path}" + (f":{name}" if name else "")

    def __str__(self):
        where = f"{self.path}:{self.line}" if self.line else self.path
        return f"{where}: {self.text} [{self.key}]"


def files(root, *patterns):
    """Repository files whose relative path matches one of the regular expressions, sorted."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
        for name in names:
            path = pathlib.Path(folder, name).relative_to(root)
            if any(re.search(pattern, path.as_posix()) for pattern in patterns):
                found.append(path)
    return sorted(found)


def read(root, path):
    return pathlib.Path(root, path).read_text(encoding="utf-8", errors="replace")


def without_comments_and_strings(text):
    """C text with the same lines, but comments and literals blanked."""
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''

    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())

    return re.sub(pattern, blank, text, flags=re.S)


def load_exceptions(path=EXCEPTIONS):
    """Lines "RULE PATH[:NAME]  # reason". Returns {key: reason}."""
    exceptions = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        entry, _, reason = line.partition("#")
        if not entry.strip():
            continue
        if not reason.strip():
            raise SystemExit(f"{path.name}:{number}: an exception needs a reason after #")
        exceptions[entry.strip()] = reason.strip()
    return exceptions


def judge(findings, rules, exceptions):
    """Findings that count, and exceptions of these rules that nothing needs any more."""
    keys = {finding.key for finding in findings}
    faults = [str(finding) for finding in findings if finding.key not in exceptions]
    stale = [key for key in exceptions if key.split()[0] in rules and key not in keys]
    return faults + [f"{EXCEPTIONS.name}: '{key}' is not needed any more: remove it"
                     for key in stale]


def area(path):
    """The part of the repository whose numbers ratchet.txt holds: services/kit, bridge, tests."""
    parts = pathlib.PurePath(path).parts
    return "/".join(parts[:2]) if parts[0] == "services" else parts[0]


def load_ratchet(path=RATCHET):
    """Lines "RULE AREA NUMBER" or "RULE AREA NUMBER%". Returns {(rule, area): number}."""
    lines = [line.partition("#")[0].split() for line in path.read_text().splitlines()]
    return {(line[0], line[1]): int(line[2].rstrip("%")) for line in lines if line}


def judge_ratchet(findings, rules, limits, totals=None):
    """Faults of rules whose findings may only become fewer: as many as the number says, no more and no
    less. With totals, {area: number of things that were looked at}, the numbers are per cent; these
    fall when something is added too, so they have some slack."""
    faults = []
    where = {key for key in limits if key[0] in rules} | \
        {(one.rule, area(one.path)) for one in findings if one.rule in rules}
    for rule, place in sorted(where):
        found = [one for one in findings if one.rule == rule and area(one.path) == place]
        limit = limits.get((rule, place), 0)
        number = 100 * len(found) / max(1, totals.get(place, 0)) if totals else len(found)
        if number > limit:
            faults += [str(one) for one in found]
            faults.append(f"{rule} {place}: {number:.1f}, and {RATCHET.name} allows {limit}")
        elif number < limit - (RATCHET_SLACK if totals else 0):
            faults.append(f"{rule} {place}: {number:.1f} by now, so lower the {limit} in {RATCHET.name}")
    return faults


def write_sample(root, sample):
    for name, text in sample.items():
        path = pathlib.Path(root, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def self_test(check, rules, good, bad):
    """good: a sample without findings. bad: {rule: sample that must give it}, laid over good; a
    second word in the key tells several samples of one rule apart."""
    missing = set(rules) - {rule.split()[0] for rule in bad}
    errors = [f"no bad sample shows that '{rule}' can fail" for rule in sorted(missing)]
    for rule, sample in {"": {}, **bad}.items():
        with tempfile.TemporaryDirectory(prefix="lint-") as folder:
            write_sample(folder, {**good, **sample})
            found = {finding.rule for finding in check(pathlib.Path(folder))}
        wanted = set(rule.split()[:1])
        if found != wanted:
            errors.append(f"sample '{rule or 'good'}': expected {wanted}, found {found}")
    # An exception hides its own finding and nothing else, and a stale one is a fault itself.
    one = Finding("rule-a", "x.c", 1, "text")
    if judge([one], {"rule-a"}, {}) == [] or judge([one], {"rule-a"}, {"rule-a x.c": "r"}) != []:
        errors.append("exceptions do not work")
    if len(judge([], {"rule-a"}, {"rule-a x.c": "r"})) != 1:
        errors.append("a stale exception is not noticed")
    # A number of ratchet.txt is a most, and one that is too large is a fault itself.
    for limit, faults, totals in ((0, 2, None), (1, 0, None), (2, 1, None), (99, 2, {"x.c": 1}),
                                  (100 + RATCHET_SLACK, 0, {"x.c": 1}),
                                  (101 + RATCHET_SLACK, 1, {"x.c": 1})):
        if len(judge_ratchet([one], {"rule-a"}, {("rule-a", "x.c"): limit}, totals)) != faults:
            errors.append(f"the ratchet does not hold at {limit}")
    return errors


def finish(name, errors, done):
    for error in errors:
        print(error)
    print(f"{name}: {len(errors)} faults" if errors else f"{name}: {done}")
    sys.exit(1 if errors else 0)


def main(check, rules, good, bad, ratchet=(), totals=None):
    """check(root) returns findings; rules names every rule it can report. Those under `ratchet` are
    held by ratchet.txt; totals(root), if given, makes that per cent."""
    name = pathlib.Path(sys.argv[0]).stem
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--self-test", action="store_true", help="show that each rule can fail")
    if parser.parse_args().self_test:
        finish(name, self_test(check, rules, good, bad), f"{len(rules)} rules can fail")
    findings = check(ROOT)
    errors = judge([one for one in findings if one.rule not in ratchet], set(rules) - set(ratchet),
                   load_exceptions())
    errors += judge_ratchet(findings, ratchet, load_ratchet(), totals and totals(ROOT))
    finish(name, errors, "clean")
