"""Reads the tables of schemas/topics.md: who follows which stream, who may call what."""
import re


def tables(text):
    """{first cell of the header: [rows as lists of cells]} for each heading, in order."""
    found, header = [], None
    for line in text.splitlines():
        if not line.startswith("|"):
            header = None
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if header is None:
            header = cells
            found.append((header, []))
        elif not set("".join(cells)) <= set("-: "):
            found[-1][1].append(cells)
    return found


def quoted(cell):
    return re.findall(r"`([^`]+)`", cell)


def followers(text):
    """{source: {services that follow it}}; a dash is nobody."""
    result = {}
    for header, rows in tables(text):
        if header[0] == "source":
            for row in rows:
                for source in quoted(row[0]):
                    result.setdefault(source, set()).update(set(re.split(r",\s*", row[-1])) - {"–"})
    return result


def owners(text):
    """{kind of device: (owner, leaves it publishes, leaves it reads)}"""
    publish = {}
    for header, rows in tables(text):
        if header[0] == "topic":
            for row in rows:
                match = re.fullmatch(r"`lockstock/v1/device/<site>/<kind>/<device>/(\w+)`", row[0])
                if match:
                    publish[match.group(1)] = row[1].startswith("owner")
    result = {}
    for header, rows in tables(text):
        if header[0] == "kind" and header[1] == "owner":
            for row in rows:
                leaves = quoted(row[2])
                result[quoted(row[0])[0]] = (row[1], [x for x in leaves if publish[x]],
                                             [x for x in leaves if not publish[x]])
    return result


def callers(text):
    """{(instance, method): {callers}}; "its followers" are those of the source, from the other table."""
    result, follow = {}, followers(text)
    for header, rows in tables(text):
        if header[0] != "instance":
            continue
        for row in rows:
            for instance in quoted(row[0]):
                for method in quoted(row[1]):
                    who = set(re.split(r",\s*", row[-1]))
                    if who == {"its followers"}:
                        who = follow[instance]
                    result.setdefault((instance, method), set()).update(who)
    return result
