"""Our own labels as a scan head sends them (schemas/rules/devices.md 3.3)."""

SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
LETTERS = {"product": "P", "asset": "A", "bin": "B", "tote": "T", "order": "O", "compartment": "C",
           "command": "X"}


def check_character(text):
    """ISO/IEC 7064 MOD 37-2 of `text`, with - counted as 36."""
    total = 0
    for sign in text:
        total = (total + SIGNS.index(sign)) * 2 % 37
    return (SIGNS[:36] + "*")[(38 - total) % 37]


def own_label(kind, value):
    """The text of a label, as in own_label("asset", "LT-7")."""
    letter, value = LETTERS[kind], str(value)
    return f"LS:{letter}:{value}:{check_character(letter + value)}"


PLACES = {"-": ("Minus", False), ":": ("Semicolon", True), "*": ("Digit8", True)}


def keys_of(text):
    """(place on an American keyboard, with shift) of each key that a wedge presses for a label."""
    for sign in text:
        yield PLACES.get(sign) or ((f"Digit{sign}", False) if sign.isdigit() else (f"Key{sign}", True))
