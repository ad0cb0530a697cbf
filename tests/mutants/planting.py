"""Reads planted bugs (planted/*.txt, see README.md) and writes copies of the sources that hold them, each
behind a condition. Source text is matched whatever its white space, so that formatting does not matter."""

import pathlib
import re

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
MEMBERS = ("harm", "by", "file", "in")
KINDS = ("expression", "statement", "sql")


class Mistake(Exception):
    """The data is wrong, or does not follow the code; the text says what to do."""


class Piece:
    def __init__(self, kind, file, function):
        self.kind, self.file, self.function = kind, file, function
        self.old, self.new = "", ""
        self.start = self.end = 0  # of the old piece in its file


class Planted:
    def __init__(self, name, where):
        self.name, self.where = name, where
        self.harm, self.by = "", ""
        self.pieces = []
        self.number = 0

    def unit_test(self):
        """The unit test that is to catch it; "": none."""
        kind, _, test = self.by.partition(" ")
        return test.removeprefix("unit.") if kind in ("unit", "selftest") else ""

    def check(self):
        if self.by.split(" ")[0] in ("unit", "selftest") and not re.fullmatch(r"unit unit\.\w+|selftest( unit\.\w+)?",
                                                                              self.by):
            raise Mistake(f"{self.where}: {self.name} says by whom it is to be caught as \"{self.by}\"; write "
                          "unit unit.NAME, as ctest names it")
        if not self.harm or not self.by or not self.pieces:
            raise Mistake(f"{self.where}: {self.name} needs harm, by, and at least one piece")
        for piece in self.pieces:
            if not piece.old:
                raise Mistake(f"{self.where}: {self.name} has a piece without an old text (lines with -)")


class Reader:
    """One file of planted bugs."""

    def __init__(self, path):
        self.path = path
        self.list = []
        self.file = self.function = ""

    def read(self):
        for number, line in enumerate(self.path.read_text().splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                self.take(line, f"{self.path.name}:{number}")
        return self.list

    def take(self, line, where):
        if line.startswith("["):
            self.list.append(Planted(line.strip("[] "), where))
            self.file = self.function = ""
            return
        if not self.list:
            raise Mistake(f"{where}: a planted bug begins with its [name]")
        planted = self.list[-1]
        if line[0] in "-+":
            self.take_text(planted, line, where)
        else:
            self.take_member(planted, line, where)

    @staticmethod
    def take_text(planted, line, where):
        if not planted.pieces:
            raise Mistake(f"{where}: say {', '.join(KINDS)} before the old text")
        piece = planted.pieces[-1]
        if line[0] == "-":
            piece.old += line[1:] + "\n"
        else:
            piece.new += line[1:] + "\n"

    def take_member(self, planted, line, where):
        word, _, value = line.partition(":")
        value = value.strip()
        if word in KINDS and not value:
            planted.pieces.append(Piece(word, self.file, self.function))
        elif word == "file":
            self.file, self.function = value, ""
        elif word == "in":
            self.function = value
        elif word in MEMBERS:
            setattr(planted, word, f"{getattr(planted, word)} {value}".strip())
        else:
            raise Mistake(f"{where}: \"{line}\" is none of {', '.join(MEMBERS + KINDS)}, - or +")


def read_all(folder=FOLDER / "planted"):
    planted, names = [], set()
    for path in sorted(folder.glob("*.txt")):
        planted += Reader(path).read()
    for number, one in enumerate(planted, 1):
        one.number = number
        one.check()
        if one.name in names:
            raise Mistake(f"{one.where}: there are two bugs with the name {one.name}")
        names.add(one.name)
    return planted


# ---- where the old pieces are ----

def find_function(text, name):
    """Start and end of a function's definition."""
    for match in re.finditer(rf"^[^\s#/].*\b{re.escape(name)}\(", text, re.MULTILINE):
        end = text.find("\n}\n", match.start())
        semicolon = text.find(";", match.start())
        brace = text.find("\n{", match.start())
        if end >= 0 and 0 <= brace < semicolon:
            return match.start(), end + 2
    return None


def locate(planted, piece, text):
    begin, end = 0, len(text)
    if piece.function:
        found = find_function(text, piece.function)
        if found is None:
            raise Mistake(f"{planted.name}: {piece.file} has no function {piece.function} any more; make its "
                          f"data follow the code ({planted.where})")
        begin, end = found
    pattern = re.compile(r"\s+".join(re.escape(word) for word in piece.old.split()))
    places = [match.span() for match in pattern.finditer(text, begin, end)]
    if len(places) != 1:
        raise Mistake(f"{planted.name}: its old piece is {len(places)} times in {piece.file}"
                      f"{', ' + piece.function + '()' if piece.function else ''}, not once; make its data "
                      f"follow the code ({planted.where}): {' '.join(piece.old.split())}")
    piece.start, piece.end = places[0]


# ---- changed copies ----

def render(planted, piece, old):
    new = " ".join(piece.new.split("\n")).strip()  # on one line, so that line numbers stay
    if piece.kind == "expression":
        return f"(planted_is({planted.number}) ? ({new}) : ({old}))"
    return f"if (planted_is({planted.number})) {{ {new} }} else {{ {old} }}"


def change(text, pieces):
    """The text with all pieces planted: [(planted, piece)]. Pieces may lie within each other, not across."""
    pieces = sorted(pieces, key=lambda pair: (pair[1].start, -pair[1].end))
    out, at, index = [], 0, 0
    while index < len(pieces):
        planted, piece = pieces[index]
        inner = []
        index += 1
        while index < len(pieces) and pieces[index][1].start < piece.end:
            if pieces[index][1].end > piece.end:
                raise Mistake(f"{planted.name} and {pieces[index][0].name} overlap in {piece.file}; cut one "
                              "of the old pieces shorter")
            inner.append(pieces[index])
            index += 1
        out.append(text[at:piece.start])
        out.append(render(planted, piece, change_part(text, piece, inner)))
        at = piece.end
    return "".join(out) + text[at:]


def change_part(text, piece, inner):
    for _, other in inner:
        other.start -= piece.start
        other.end -= piece.start
    return change(text[piece.start:piece.end], inner)


PREPARE = ("services/kit/store/db.c", "sqlite3_prepare_v3(db->handle, sql,",
           "sqlite3_prepare_v3(db->handle, planted_sql(sql),")


def files(planted):
    """The files that are changed."""
    return sorted({PREPARE[0]} | {piece.file for one in planted for piece in one.pieces if piece.kind != "sql"})


def unit_tests(planted):
    return sorted({one.unit_test() for one in planted} - {""})


def copies(planted):
    """{file: changed text} of everything that is planted. SQL is changed where it is prepared."""
    by_file = {PREPARE[0]: []}
    for one in planted:
        for piece in one.pieces:
            path = ROOT / piece.file
            if not path.is_file():
                raise Mistake(f"{one.name}: there is no {piece.file} any more; make its data follow the code "
                              f"({one.where})")
            locate(one, piece, path.read_text())
            if piece.kind != "sql":
                by_file.setdefault(piece.file, []).append((one, piece))
    result = {}
    for file, pieces in by_file.items():
        text = change((ROOT / file).read_text(), pieces)
        if file == PREPARE[0]:
            if PREPARE[1] not in text:
                raise Mistake(f"{file} prepares statements in another way now; tell planting.py")
            text = text.replace(PREPARE[1], PREPARE[2])
        result[file] = f'#include "mutants/planted.h"\n#line 1 "{ROOT / file}"\n{text}'
    return result


def c_string(text):
    words = " ".join(text.split())
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


def table(planted):
    """names.c: what planted.c knows of the data."""
    lines = ['#include "mutants/planted.h"', "", "const struct planted_row planted_rows[] = {"]
    for one in planted:
        sql = next((piece for piece in one.pieces if piece.kind == "sql"), None)
        texts = (c_string(sql.old), c_string(sql.new)) if sql else ("0", "0")
        lines.append(f"    {{ {one.number}, {c_string(one.name)}, {texts[0]}, {texts[1]} }},")
    lines += ["    { 0, 0, 0, 0 },", "};", ""]
    return "\n".join(lines)
