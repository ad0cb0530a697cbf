"""The small regular expressions that schemas may use, as tables for kit/json/pattern.c.

Form: ^A$ or ^(A|B|...)$, where A is a row of characters and classes, each with {n}, {m,n} or ?.
Nothing unbounded, ASCII only, and only patterns in which taking as much as possible is always
right, so that matching needs no second try.
"""

import string

ASCII = 128


class Atom:
    def __init__(self, chars, low, high):
        self.chars = chars
        self.min = low
        self.max = high


class Pattern:
    def __init__(self, regex, alternatives):
        self.regex = regex
        self.alternatives = alternatives
        self.length_max = max(sum(a.max for a in atoms) for atoms in alternatives)

    def is_digits(self):
        return all(a.chars <= set(string.digits) for atoms in self.alternatives for a in atoms)


class _Reader:
    def __init__(self, node, text):
        self.node = node
        self.text = text
        self.at = 0

    def fail(self, what):
        self.node.fail(f'pattern "{self.text}" at {self.at}: {what}')

    def peek(self):
        return self.text[self.at] if self.at < len(self.text) else ""

    def take(self):
        char = self.peek()
        if char == "" or ord(char) >= ASCII:
            self.fail("expected an ASCII character")
        self.at += 1
        return char

    def escaped(self):
        char = self.take()
        if char != "\\":
            return char
        char = self.take()
        if char.isalnum():
            self.fail(f'"\\{char}" is not supported; write the class out')
        return char

    def char_class(self):
        chars = set()
        if self.peek() == "^":
            self.fail("negated classes are not supported")
        while self.peek() != "]":
            first = last = self.escaped()
            if self.peek() == "-" and self.text[self.at + 1 : self.at + 2] != "]":
                self.take()
                last = self.escaped()
            if ord(first) > ord(last):
                self.fail("the range runs backwards")
            chars.update(chr(c) for c in range(ord(first), ord(last) + 1))
        self.take()
        return chars

    def count(self):
        if self.peek() == "?":
            self.take()
            return 0, 1
        if self.peek() != "{":
            return 1, 1
        end = self.text.find("}", self.at)
        low, comma, high = self.text[self.at + 1 : end].partition(",")
        if not low.isdigit() or (comma and not high.isdigit()):
            self.fail("a count must be {n} or {m,n}")
        self.at = end + 1
        low, high = int(low), int(high or low)
        if low > high or high == 0:
            self.fail("the count is empty")
        return low, high

    def atoms(self, stops):
        atoms = []
        while self.peek() not in stops:
            if self.peek() in "()|.*+?{}$^":
                self.fail(f'"{self.peek()}" is not supported here')
            if self.peek() == "[":
                self.take()
                chars = self.char_class()
            else:
                chars = {self.escaped()}
            if "\0" in chars or not chars:
                self.fail("an empty class, or NUL")
            atoms.append(Atom(chars, *self.count()))
        self.check_greedy(atoms)
        return atoms

    def check_greedy(self, atoms):
        for i, atom in enumerate(atoms):
            if atom.min == atom.max:
                continue
            for following in atoms[i + 1 :]:
                if atom.chars & following.chars:
                    self.fail("it is not clear where one part ends and the next begins")
                if following.min > 0:
                    break


def parse(node):
    """The pattern of a schema node that has one."""
    regex = node.get("pattern")
    if not (regex.startswith("^") and regex.endswith("$")):
        node.fail(f'pattern "{regex}" must be anchored: ^...$')
    reader = _Reader(node, regex[:-1])
    reader.at = 1
    if reader.peek() != "(":
        return Pattern(regex, [reader.atoms([""])])
    alternatives = []
    while reader.peek() in "(|":
        reader.take()
        alternatives.append(reader.atoms(["|", ")"]))
        if reader.peek() == ")":
            break
    reader.take()
    if reader.peek() != "":
        reader.fail("an alternation must be the whole pattern")
    return Pattern(regex, alternatives)
