#!/usr/bin/env python3
"""Public functions say what they promise: each that a header declares has a comment of its own.

What counts as a contract:
- the comment that ends on the line above the declaration, or stands behind it;
- a comment above several declarations in a row (no blank line between) is that of the first, and of
  each that it names: `rental_store_find()`, or `_find()`;
- it says at least three words (of three letters or more) that are not already in the declaration
  itself, or names another function as `name()`, whose contract it shares;
- the same words twice in one header are one contract, not two.
A drawn line (`/* ---- for tests ---- */`) is no contract. The share of functions without one is held by
ratchet.txt, in per cent of the area; above SHARE_MAX_PERCENT no number there helps."""
import re

import common

RATCHET = ("no-contract",)
RULES = (*RATCHET, "few-contracts")
HEADERS = r"^(services|bridge|deploy)/.*\.h$"
DECLARATION = re.compile(r"^(?!typedef|extern \"C\"|#|[{}\s]|else\b|struct \w+ \{)[A-Za-z_][^;{}#=()]*?"
                         r"\b(\w+)\([^;{}]*?\)[^;{}()]*?(?:\([^;{}()]*?\))?[^;{}()]*?(?=;|\n\{)", re.M)
OWN_WORDS_MIN = 3
SHARE_MAX_PERCENT = 10


class Declaration:
    def __init__(self, name, line, text, comment, is_own):
        self.name, self.line, self.text = name, line, text
        self.comment, self.is_own = comment, is_own


def comments(text):
    """(first line, last line, words without the stars) of every comment."""
    for match in re.finditer(r"/\*.*?\*/|//[^\n]*", text, re.S):
        first = text.count("\n", 0, match.start()) + 1
        words = re.sub(r"^\s*/?\*+/?|\*/|^\s*//", " ", match.group(), flags=re.M)
        yield first, first + match.group().count("\n"), " ".join(words.split())


def declarations(text):
    """Every function that a header declares, with the comment that may be its contract."""
    said = list(comments(text))
    ending = {last: words for _, last, words in said}
    bare = common.without_comments_and_strings(text)
    above, end = "", 0
    for match in DECLARATION.finditer(bare):
        first = bare.count("\n", 0, match.start()) + 1
        last = first + match.group().count("\n")
        behind = [words for begin, stop, words in said if begin == last and stop == last]
        is_own = bool(behind) or first - 1 in ending
        if behind:
            comment = behind[0]
        elif first - 1 in ending:
            comment = above = ending[first - 1]
        else:
            above = above if first == end + 1 else ""
            comment = above
        end = last
        yield Declaration(match.group(1), first, match.group(), comment, is_own)


def is_contract(one, seen):
    """Does the comment of a declaration say something of its own?"""
    if not one.comment or re.fullmatch(r"[-=]{3,}.*[-=]{3,}", one.comment):
        return False
    names = set(re.findall(r"(\w+)\(\)", one.comment))
    named = any(one.name == name or name.startswith("_") and one.name.endswith(name)
                for name in names)
    if not one.is_own and not named:
        return False
    if one.is_own and one.comment in seen:
        return False
    seen.add(one.comment)
    known = set(re.findall(r"[a-z]+", one.text.lower().replace("_", " ")))
    words = {word for word in re.findall(r"[a-z]{3,}", one.comment.lower())
             if word not in known and word.rstrip("s") not in known}
    return len(words) >= OWN_WORDS_MIN or bool(names - {one.name})


def survey(root):
    """{area: number of public functions}, and a finding for each without a contract."""
    counts, findings = {}, []
    for path in common.files(root, HEADERS):
        seen, place = set(), common.area(path)
        for one in declarations(common.read(root, path)):
            counts[place] = counts.get(place, 0) + 1
            if not is_contract(one, seen):
                findings.append(common.Finding(RATCHET[0], path, one.line,
                                               f"{one.name}() has no contract", one.name))
    return counts, findings


def check(root):
    """In an area with too many functions without a contract, each of them is a fault."""
    counts, findings = survey(root)
    for place, count in counts.items():
        found = [one for one in findings if common.area(one.path) == place]
        if 100 * len(found) > SHARE_MAX_PERCENT * count:
            findings += [common.Finding("few-contracts", one.path, one.line, one.text) for one in found]
            findings = [one for one in findings if one not in found]
    return findings


def totals(root):
    return survey(root)[0]


GOOD = {"bridge/a.h": """/* What this is for. */
typedef int (*a_cb)(void *context);

/* Opens the socket; _close() gives it back. KIT_E_IO when the port is taken. */
int a_open(struct a *a, int port);
void a_close(struct a *a);

/**
 * a_read() - Read what has come.
 *
 * Blocks never; 0 means that nothing waits.
 */
int a_read(struct a *a, char *ret_text,
           struct kit_error *err) KIT_MUST_CHECK;
int a_peek(struct a *a); /* As a_read(), and leaves it there. */

#define A_MAX 3
""", "bridge/c.h": "".join(f"/* Gives port {i} back to the broker. */\nvoid c_{i}(void);\n" for i in range(20))}
BAD = {f"no-contract {name}": {"bridge/b.h": text} for name, text in {
    "none": "int a_open(struct a *a);\n",
    "padding": "/* Opens the a. */\nint a_open(struct a *a, int port);\n",
    "group": "/* Where the answers of the broker go. */\nint a_in(int x);\nint a_out(int y);\n",
    "line": "/* ---- for the broker and its answers ---- */\nint a_in(int x);\n",
    "apart": "/* Where the answers of the broker go. */\n\nint a_in(int x);\n",
    "twice": "/* Fails without a broker. */\nint a(void);\n/* Fails without a broker. */\nint b(void);\n",
}.items()}
BAD["few-contracts"] = {"bridge/b.h": "int a(void);\nint b(void);\nint c(void);\n"}  # 3 of 27


if __name__ == "__main__":
    common.main(check, RULES, GOOD, BAD, RATCHET, totals)
