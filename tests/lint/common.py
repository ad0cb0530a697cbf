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


def write_sample(root, sample):
    for name, text in sample.items():
        path = pathlib.Path(root, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def self_test(check, rules, good, bad):
    """good: a sample without findings. bad: {rule: sample that must give it}, laid over good."""
    missing = set(rules) - set(bad)
    errors = [f"no bad sample shows that '{rule}' can fail" for rule in sorted(missing)]
    for rule, sample in {"": {}, **bad}.items():
        with tempfile.TemporaryDirectory(prefix="lint-") as folder:
            write_sample(folder, {**good, **sample})
            found = {finding.rule for finding in check(pathlib.Path(folder))}
        wanted = {rule} if rule else set()
        if found != wanted:
            errors.append(f"sample '{rule or 'good'}': expected {wanted}, found {found}")
    # An exception hides its own finding and nothing else, and a stale one is a fault itself.
    one = Finding("rule-a", "x.c", 1, "text")
    if judge([one], {"rule-a"}, {}) == [] or judge([one], {"rule-a"}, {"rule-a x.c": "r"}) != []:
        errors.append("exceptions do not work")
    if len(judge([], {"rule-a"}, {"rule-a x.c": "r"})) != 1:
        errors.append("a stale exception is not noticed")
    return errors


def finish(name, errors, done):
    for error in errors:
        print(error)
    print(f"{name}: {len(errors)} faults" if errors else f"{name}: {done}")
    sys.exit(1 if errors else 0)


def main(check, rules, good, bad):
    """check(root) returns findings; rules names every rule it can report."""
    name = pathlib.Path(sys.argv[0]).stem
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--self-test", action="store_true", help="show that each rule can fail")
    if parser.parse_args().self_test:
        finish(name, self_test(check, rules, good, bad), f"{len(rules)} rules can fail")
    finish(name, judge(check(ROOT), set(rules), load_exceptions()), "clean")
