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
    """{source: {services that follow it}}"""
    result = {}
    for header, rows in tables(text):
        if header[0] == "source":
            for row in rows:
                for source in quoted(row[0]):
                    result.setdefault(source, set()).update(re.split(r",\s*", row[-1]))
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
