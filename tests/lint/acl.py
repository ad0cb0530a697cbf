#!/usr/bin/env python3
"""The broker's ACL (deploy/mosquitto/acl) says what schemas/topics.md says: it is derived here from
the tables there, and every difference is a fault."""
import re

import common
import topics

ACL = "deploy/mosquitto/acl"
TOPICS = "schemas/topics.md"
ROOT_TOPIC = "lockstock/v1/"
OPERATORS = ("operator", "operator-2", "operator-3")
SECRET = ("rpc/account/#", "reply/+/account")  # passwords and names: topics.md says so in words
RULES = ("acl-missing", "acl-too-much", "acl-form")


def expected(text):
    """Set of (user, access, topic), access being read, write or deny."""
    follow, calls = topics.followers(text), topics.callers(text)
    users = set(follow) | {instance for instance, _ in calls} | \
        {caller for who in calls.values() for caller in who}
    serve = {instance for instance, _ in calls}
    rights = set()
    for user in users:
        rights |= {(user, "write", f"service/{user}/state"), (user, "read", "service/+/state"),
                   (user, "write", f"service/{user}/status"),
                   (user, "write", f"service/{user}/degraded")}
        if user in serve:
            rights |= {(user, "read", f"rpc/{user}/+/+"), (user, "write", f"reply/+/{user}")}
        if user in follow:
            rights |= {(user, "write", f"stream/{user}"), (user, "write", f"stream/{user}/head")}
        for (instance, method), who in calls.items():
            if user in who:
                rights |= {(user, "write", f"rpc/{instance}/{method}/{user}"),
                           (user, "read", f"reply/{user}/+")}
        for source, who in follow.items():
            if user in who:
                rights |= {(user, "read", f"stream/{source}"),
                           (user, "read", f"stream/{source}/head")}
    for kind, (owner, told, heard) in topics.owners(text).items():
        rights |= {(owner, "write", f"device/+/{kind}/+/{leaf}") for leaf in told}
        rights |= {(owner, "read", f"device/+/{kind}/+/{leaf}") for leaf in heard}
    rights |= {("bridge", "read", f"service/+/{leaf}") for leaf in ("status", "degraded")}
    rights = {(user, access, ROOT_TOPIC + topic) for user, access, topic in rights}
    for user in OPERATORS:
        rights |= {(user, "read", "lockstock/#"), (user, "read", "$SYS/#")}
        rights |= {(user, "deny", ROOT_TOPIC + topic) for topic in SECRET}
    return rights


def granted(text):
    """The same set out of the ACL, and the lines that are not of the two forms we use."""
    rights, odd, user = set(), [], None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        who = re.fullmatch(r"user (\S+)", line)
        right = re.fullmatch(r"topic (read|write|readwrite|deny) (\S+)", line)
        if who:
            user = who.group(1)
        elif right and user:
            for access in re.findall("read|write|deny", right.group(1)):
                rights.add((user, access, right.group(2)))
        else:
            odd.append((number, line))
    return rights, odd


def check(root):
    want = expected(common.read(root, TOPICS))
    have, odd = granted(common.read(root, ACL))
    findings = [common.Finding("acl-form", ACL, number, f"not understood: {line}")
                for number, line in odd]
    for user, access, topic in sorted(want - have):
        findings.append(common.Finding("acl-missing", ACL, 0, f"{user} may not {access} {topic}, "
                                       f"but {TOPICS} says so", f"{user}/{access}/{topic}"))
    for user, access, topic in sorted(have - want):
        findings.append(common.Finding("acl-too-much", ACL, 0, f"{user} may {access} {topic}, "
                                       f"{TOPICS} does not say so", f"{user}/{access}/{topic}"))
    return findings


def sample():
    table = common.read(common.ROOT, TOPICS)
    return {TOPICS: table, ACL: common.read(common.ROOT, ACL)}


def bad_samples(good):
    acl = good[ACL]
    return {
        "acl-missing": {TOPICS: good[TOPICS].replace("| `delivery` | `cancel` | effect",
                                                     "| `delivery` | `recall`, `cancel` | effect")},
        "acl-too-much": {ACL: acl + "topic write lockstock/v1/stream/rental\n"},
        "acl-form": {ACL: acl + "pattern write lockstock/%u\n"},
    }


if __name__ == "__main__":
    common.main(check, RULES, sample(), bad_samples(sample()))
