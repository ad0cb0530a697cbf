#!/usr/bin/env python3
"""Every business rule that code or tests cite exists in schemas/rules/*.md. Cited forms are
"schemas/rules/rental.md 3.1", "rules/rental.md 3.1 to 3.5" and, in a service's own files, "rules 4.3"."""
import re

import common

RULES = ("rule-unknown", "rule-twice")
SERVICES = "product|products|rental|delivery|stock|information|account|devices|access"
NUMBERS = r"(\d+(?:\.\d+)?(?:(?:,| and| to| or|-)\s*\d+(?:\.\d+)?)*)"


def numbered(root):
    """{service: [numbers]} out of headings "## 4. Cancel" and paragraphs "4.1 Cancel is ..."."""
    result = {}
    for path in common.files(root, r"^schemas/rules/[^/]*\.md$"):
        text = common.read(root, path)
        result[path.stem] = re.findall(r"^#+ (\d+)\.? ", text, re.M) + \
            re.findall(r"^(?:#+ )?(?:\*\*)?(\d+\.\d+)\b", text, re.M)
    return result


def citations(path, text):
    """(line, service, number)"""
    own = re.match(rf"(?:services|tests/unit)/({SERVICES})/", path.as_posix()) or \
        re.match("(?:firmware|tests/unit/firmware)/", path.as_posix()) and ("", "devices")
    flat = re.sub(r"\n\s*[*#/]* ?", lambda m: " " * (len(m.group())), text)
    pattern = rf"rules/({SERVICES})\.md,? (?:rules? )?{NUMBERS}|\b[Rr]ules? {NUMBERS}"
    for match in re.finditer(pattern, flat):
        service = match.group(1) or (own and own[1])
        if service:
            line = text.count("\n", 0, match.start()) + 1
            for number in re.findall(r"\d+(?:\.\d+)?", match.group(2) or match.group(3)):
                yield line, service, number


def check(root):
    known, findings = numbered(root), []
    for service, numbers in known.items():
        for number in sorted({n for n in numbers if numbers.count(n) > 1}):
            findings.append(common.Finding("rule-twice", f"schemas/rules/{service}.md", 0,
                                           f"{number} is there twice", number))
    for path in common.files(root, r"^(services|bridge|firmware|hw-sim|tests)/.*\.(c|h)$"):
        for line, service, number in citations(path, common.read(root, path)):
            if number not in known.get(service, []):
                findings.append(common.Finding("rule-unknown", path, line, "cites rule "
                                               f"{number} of {service}, which is not there",
                                               f"{service}-{number}"))
    return findings


GOOD = {"schemas/rules/rental.md": "# Rules\n\n## 4. Cancel\n\n4.1 Cancel is.\n\n4.2 Twice.\n",
        "services/rental/a.c": "/* See rules 4.1 and 4.2; 3 more. */\n",
        "services/stock/a.c": "/* schemas/rules/rental.md\n * 4.1. */\n"}
BAD = {"rule-unknown": {"services/rental/b.c": "/* rules 4.1 to 4.9 */\n"},
       "rule-twice": {"schemas/rules/rental.md": "## 4. Cancel\n\n4.1 A.\n\n4.2 B.\n\n4.2 C.\n"}}

if __name__ == "__main__":
    common.main(check, RULES, GOOD, BAD)
