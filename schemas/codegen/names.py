"""How names on the wire become names in C."""

import re

C_WORDS = set("""auto break case char const continue default do double else enum extern float for
goto if inline int long register restrict return short signed sizeof static struct switch typedef
union unsigned void volatile while bool true false""".split())


def snake(text):
    """productId -> product_id, CANCELED_OutOfStock -> canceled_out_of_stock, _links -> links"""
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text)
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def member(node, key):
    name = snake(key)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name in C_WORDS:
        node.fail(f'"{key}" cannot be the name of a C member')
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", key):
        node.fail(f'"{key}" must be 1 to 64 ASCII letters and digits')
    return name


def message(schema_name):
    """event.rental -> msg_event_rental"""
    return "msg_" + re.sub(r"[.-]", "_", schema_name)


def is_base(schema_name):
    """rental is the base of event.rental and others. Forms have a dot in their name; common is none."""
    return "." not in schema_name and schema_name != "common"


def enum_constant(enum_name, value):
    return f"{enum_name}_{snake(value)}".upper()
