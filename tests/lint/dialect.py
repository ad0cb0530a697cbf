#!/usr/bin/env python3
"""One dialect: how our C says what can be said in several ways, and how many parameters a function
takes at most."""
import re

import common
import ctext

PARAMETERS_MAX = 5
# A callback's form is its library's: it takes what only that library makes.
LIBRARY = r"\b(struct (MHD_Connection|mosquitto)|sqlite3_context|sqlite3_value) ?\*"

# rule, files it holds for, what is not to be written, what to write
PHRASES = [
    ("check-false", r"", r"\b(FW_)?CHECK\(\s*(false|0)\b", "write UNREACHABLE() (FW_UNREACHABLE())"),
    ("print-text", r"^(?!(tests/unit/)?firmware/)", r"\bsnprintf\([^;]*?,\s*%s\s*,", "write kit_text_copy()"),
    ("relay", r"", r"\breturn\s+\(?rc\s*[!=]=\s*(KIT|FW)_OK\)?\s*\?", "return early instead"),
    ("chain", r"", r"\bif \(rc == (KIT|FW)_OK\)\s*\{?\s*rc = ",
     "return early, unless something has to be given back"),
]
RULES = ["parameters"] + [phrase[0] for phrase in PHRASES]


def code_of(text):
    """C text with the same lines, but comments and literals blanked, other than "%s"."""
    marked = text.replace('"%s"', "%s")
    return common.without_comments_and_strings(marked)


def check(root):
    findings = []
    for path in common.files(root, r"^(services|bridge|hw-sim|firmware|tests)/.*\.[ch]$"):
        text = common.read(root, path)
        for function in ctext.functions(text):
            count = len(function.parameters)
            if count > PARAMETERS_MAX and not re.search(LIBRARY, " ".join(function.parameters)):
                findings.append(common.Finding("parameters", path, function.line,
                                               f"{function.name}() takes {count}, at most "
                                               f"{PARAMETERS_MAX}", function.name))
        code = code_of(text)
        for rule, holds, phrase, instead in PHRASES:
            if not re.search(holds, path.as_posix()):
                continue
            for match in re.finditer(phrase, code):
                line = code.count("\n", 0, match.start()) + 1
                findings.append(common.Finding(rule, path, line, instead))
    return findings


GOOD = {"bridge/a.c": """/* CHECK(false); return rc == KIT_OK ? f() : rc; */
static int on_request(void *closure, struct MHD_Connection *connection, const char *url,
                      const char *method, const char *version, const char *data)
{
    if (rc != KIT_OK)
        return rc;
    snprintf(a, b, "%s %s", c, d);
    return is_it ? f() : g("CHECK(false)", h(1, 2, 3, 4, 5, 6));
}
"""}
BAD = {
    "parameters": {"bridge/b.c": "int f(int a, int b, int c,\n      int d, int e, g_cb f)\n{\n}\n"},
    "check-false": {"bridge/b.c": 'CHECK(false && "no such state");\n'},
    "print-text": {"bridge/b.c": '(void)snprintf(a->text, sizeof(a->text),\n    "%s", text);\n'},
    "relay": {"bridge/b.c": "return rc == KIT_OK ? f() : rc;\n"},
    "chain": {"bridge/b.c": "if (rc == KIT_OK)\n    rc = f();\n"},
}

if __name__ == "__main__":
    common.main(check, RULES, GOOD, BAD, RULES)
