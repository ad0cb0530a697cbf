"""Reads C as text, which clang-format has laid out: function definitions and their parameters. The
braces of a function stand in column 0, and nothing else but a struct's, an enum's or a table's do."""
import re

import common


class Function:
    """A definition: its name, the number of its first line, its parameters and its body as text
    without comments and literals."""

    def __init__(self, name, line, parameters, body):
        self.name, self.line, self.parameters, self.body = name, line, parameters, body


def split_parameters(text):
    """The parameters between the parentheses of a declaration; none for (void)."""
    depth, parts = 0, [""]
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    parts = [" ".join(part.split()) for part in parts]
    return [] if parts in ([""], ["void"]) else parts


def functions(text):
    """Every function that a C text defines, in order."""
    bare = common.without_comments_and_strings(text)
    for match in re.finditer(r"^(?![#{}\s])[^;{}#]*?\b(\w+)\(((?:[^;{}]|\n)*?)\)\n\{\n(.*?)^\}",
                             bare, re.M | re.S):
        head = bare[match.start():match.start(2)]
        yield Function(match.group(1), bare.count("\n", 0, match.start()) + 1 + head.count("\n"),
                       split_parameters(match.group(2)), match.group(3))
