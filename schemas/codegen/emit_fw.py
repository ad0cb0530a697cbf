"""Writes the firmware's C code: plain structs, and tables for firmware/core/json.c.

Only for device.* schemas. What the firmware's codec cannot check, it refuses, as model.py does.
"""

import names
from emit import NOTE, c_string
from source import SchemaError

PREFIX = "device."
INT32_MAX = 2**31 - 1
MEMBERS_MAX = 32  # FW_JSON_MEMBERS_MAX
KEY_SIZE = 24  # FW_JSON_KEY_SIZE, with NUL
DEPTH_MAX = 2  # FW_JSON_DEPTH_MAX
COUNT_MAX = 255  # of a pattern's atom
KINDS = ("INT", "TEXT", "ENUM", "ARRAY")
INCLUDES = ["", "#include <stdbool.h>", "#include <stddef.h>", "#include <stdint.h>", ""]


def fail(obj, member, text):
    raise SchemaError(f'{obj.struct}: member "{member.key}": {text}, as the firmware reads it')


def check(system, obj):
    """Refuses what firmware/core/json.c does not do."""
    if obj.base:
        raise SchemaError(f"{obj.struct}: forms of a base are not understood, as the firmware reads it")
    if obj.depth > DEPTH_MAX + 1 or len(obj.members) > MEMBERS_MAX or obj.members_min:
        raise SchemaError(f"{obj.struct}: too deep, too many members or minProperties")
    for member in obj.members:
        if member.kind not in KINDS or member.is_inline:
            fail(obj, member, f"{member.kind} is not understood, nor are objects in place")
        if len(member.key) >= KEY_SIZE or not member.key.isalnum():
            fail(obj, member, f"a name must have 1 to {KEY_SIZE - 1} letters and digits")
        if member.kind == "ENUM" and max(map(len, system.enums[member.enum].values)) >= KEY_SIZE:
            fail(obj, member, f"values of enums have {KEY_SIZE - 1} characters at most")
        if member.pattern and len(member.pattern.alternatives) > 1:
            fail(obj, member, "an alternation is not understood")


def struct_name(obj):
    return "fw_" + obj.struct[len("msg_"):]


def enum_constant(name, value):
    return "FW_MSG_" + names.enum_constant(name, value)


def c_type(member):
    if member.kind == "INT":
        return "int32_t" if -INT32_MAX <= member.min and member.max <= INT32_MAX else "int64_t"
    if member.kind == "ENUM":
        return f"enum fw_msg_{member.enum}"
    return f"struct {struct_name(member.object)}"


def struct_lines(obj):
    lines = [f"struct {struct_name(obj)} {{"]
    for member in obj.members:
        if not member.required:
            lines.append(f"    bool has_{member.name};")
        if member.kind == "TEXT":
            lines.append(f"    char {member.name}[{member.size_bytes}];")
        elif member.kind == "ARRAY":
            lines += [f"    {c_type(member)} {member.name}[{member.max}];",
                      f"    size_t {member.name}_count;"]
        else:
            lines.append(f"    {c_type(member)} {member.name};")
    return lines + ["};"]


def header(name, obj):
    struct = struct_name(obj)
    guard = struct.upper() + "_GEN_H"
    within = sorted({m.object.struct[len("msg_"):] for m in obj.members if m.object})
    lines = [NOTE.format(f"{name}.schema.json") + f"#ifndef {guard}", f"#define {guard}", *INCLUDES]
    lines += ['#include "fw/common.gen.h"', *(f'#include "fw/{o}.gen.h"' for o in within), "",
              "struct fw_json_shape;", "", *struct_lines(obj), "",
              f"extern const struct fw_json_shape {struct}_shape;", "",
              "/* FW_OK, or FW_E_INVALID: *ret untouched. */",
              f"int {struct}_decode(const char *text, size_t size, struct {struct} *ret);",
              "/* Bytes written (no NUL), or FW_E_TOO_LARGE. */",
              f"int {struct}_encode(const struct {struct} *in, char *buf, size_t size_max);"]
    return "\n".join(lines + ["", "#endif", ""])


def patterns(system):
    """regex -> (symbol, pattern): equal ones are there once."""
    found = {}
    for obj in system.values():
        for member in obj.members:
            if member.pattern and member.pattern.regex not in found:
                symbol = f"fw_msg_pattern_{len(found)}"
                found[member.pattern.regex] = (symbol, member.pattern)
    return found


def pattern_lines(symbol, pattern):
    lines = ["", f"const struct fw_json_atom {symbol}[] = {{"]
    for atom in pattern.alternatives[0]:
        bits = sum(1 << ord(c) for c in atom.chars)
        words = ", ".join(f"0x{bits >> 32 * i & 0xFFFFFFFF:08x}U" for i in range(4))
        if atom.max > COUNT_MAX:
            raise SchemaError(f"pattern {pattern.regex}: counts are {COUNT_MAX} at most")
        lines.append(f"    {{ {{ {words} }}, {atom.min}, {atom.max} }},")
    return lines + ["    { { 0, 0, 0, 0 }, 0, 0 },", "};"]


def member_facts(obj, member, found):
    struct = struct_name(obj)
    facts = [f".key = {c_string(member.key)}", f".kind = FW_JSON_{member.kind}",
             f".offset = offsetof(struct {struct}, {member.name})",
             f".size_bytes = sizeof(((struct {struct} *)0)->{member.name})"]
    if member.required:
        facts.append(".has_offset = FW_JSON_REQUIRED")
    else:
        facts.append(f".has_offset = offsetof(struct {struct}, has_{member.name})")
    if member.kind == "ARRAY":
        facts.append(f".count_offset = offsetof(struct {struct}, {member.name}_count)")
        facts.append(f".detail = &{struct_name(member.object)}_shape")
    if member.kind == "ENUM":
        facts.append(f".detail = fw_msg_{member.enum}_texts")
        facts.append(f".max = FW_MSG_{member.enum.upper()}_COUNT")
    else:
        facts += [f".min = INT64_C({member.min})", f".max = INT64_C({member.max})"]
    if member.pattern:
        facts.append(f".detail = {found[member.pattern.regex][0]}")
    return facts


def code(name, obj, found):
    struct = struct_name(obj)
    lines = [NOTE.format(f"{name}.schema.json") + f'#include "fw/{struct[3:]}.gen.h"', "",
             '#include "core/json.h"', ""]
    lines += [f"extern const struct fw_json_atom {symbol}[];"
              for symbol in sorted({found[m.pattern.regex][0] for m in obj.members if m.pattern})]
    lines += ["", f"static const struct fw_json_member {struct}_members[] = {{"]
    for member in obj.members:
        lines += ["    {", *(f"        {fact}," for fact in member_facts(obj, member, found)),
                  "    },"]
    required = sum(1 << i for i, m in enumerate(obj.members) if m.required)
    lines += ["};", f"const struct fw_json_shape {struct}_shape = {{",
              f"    .members = {struct}_members,", f"    .member_count = {len(obj.members)},",
              f"    .required = {required}U,", f"    .size_bytes = sizeof(struct {struct}),", "};",
              "", f"int {struct}_decode(const char *text, size_t size, struct {struct} *ret)", "{",
              f"    return fw_json_decode(&{struct}_shape, text, size, ret);", "}", "",
              f"int {struct}_encode(const struct {struct} *in, char *buf, size_t size_max)", "{",
              f"    return fw_json_encode(&{struct}_shape, in, buf, size_max);", "}", ""]
    return "\n".join(lines)


def used_enums(system, messages):
    used = {m.enum for obj in messages.values() for m in obj.members if m.kind == "ENUM"}
    return {name: enum.values for name, enum in sorted(system.enums.items()) if name in used}


def common_header(enums):
    lines = [NOTE.format("the enums of device.* schemas") + "#ifndef FW_COMMON_GEN_H",
             "#define FW_COMMON_GEN_H", ""]
    for name, values in enums.items():
        lines.append(f"enum fw_msg_{name} {{")
        lines += [f"    {enum_constant(name, v)} = {i}," for i, v in enumerate(values)]
        lines += ["};", f"#define FW_MSG_{name.upper()}_COUNT {len(values)}",
                  f"extern const char fw_msg_{name}_texts[];",
                  f"const char *fw_msg_{name}_text(enum fw_msg_{name} value);", ""]
    return "\n".join(lines + ["#endif", ""])


def common_code(enums, found):
    lines = [NOTE.format("the enums and patterns of device.* schemas") + '#include "fw/common.gen.h"',
             "", '#include "core/json.h"', ""]
    lines += [f"extern const struct fw_json_atom {symbol}[];" for symbol, _ in found.values()]
    for symbol, pattern in found.values():
        lines += pattern_lines(symbol, pattern)
    for name, values in enums.items():
        rows = [f"    {c_string(v)}" + ' "\\0"' for v in values[:-1]] + [f"    {c_string(values[-1])}"]
        lines += ["", f"const char fw_msg_{name}_texts[] =", *rows[:-1], rows[-1] + ";", "",
                  f"const char *fw_msg_{name}_text(enum fw_msg_{name} value)", "{",
                  f"    return fw_json_text_at(fw_msg_{name}_texts, (unsigned int)value);", "}"]
    return "\n".join(lines + [""])


def render(system):
    """File name -> text."""
    messages = {n: o for n, o in system.messages.items() if n.startswith(PREFIX)}
    for obj in messages.values():
        check(system, obj)
    enums, found = used_enums(system, messages), patterns(messages)
    texts = {"common.gen.h": common_header(enums), "common.gen.c": common_code(enums, found)}
    for name, obj in messages.items():
        texts[f"{struct_name(obj)[3:]}.gen.h"] = header(name, obj)
        texts[f"{struct_name(obj)[3:]}.gen.c"] = code(name, obj, found)
    return texts
