"""Whether databases of Lockstock are whole and belong together: what is in them, and what is wrong, in
sentences. Reads only."""

import contextlib
import json
import sqlite3
import struct
import zlib

DAMAGED_ROWS_TOLD = 3  # of one log; the others are counted


def row_checksum(seq, text, actor, account):
    """As services/kit/stream/row.h has it."""
    return zlib.crc32(text, zlib.crc32(struct.pack(">qqq", seq, actor or 0, account or 0)))


def connect(path):
    db = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    db.text_factory = bytes
    return contextlib.closing(db)


def has_column(db, table, column):
    return any(row[1].decode() == column for row in db.execute(f"PRAGMA table_info({table})"))


def describe(path):
    """What the manifest says of a database."""
    with connect(path) as db:
        epoch = db.execute("SELECT epoch FROM stream_identity").fetchone()
        first, head = db.execute("SELECT coalesce(min(seq), 0), coalesce(max(seq), 0) FROM event_log").fetchone()
        return {"epoch": epoch[0].decode() if epoch else "", "first": first, "head": head,
                "migrations": {owner.decode(): done for owner, done
                               in db.execute("SELECT owner, done FROM kit_migration ORDER BY owner")},
                "cursors": {source.decode(): {"epoch": epoch.decode(), "seq": seq} for source, epoch, seq
                            in db.execute("SELECT source, epoch, seq FROM stream_cursor ORDER BY source")}}


def _why_row_is_wrong(row, unchecked_until):
    seq, text, checksum, actor, account = row
    if checksum is not None:
        return None if checksum == row_checksum(seq, text, actor, account) else "its checksum does not agree"
    if seq > unchecked_until:
        return "its checksum is missing"
    try:
        return None if isinstance(json.loads(text), dict) else "it is no event"
    except ValueError:
        return "it is no event"


def _wrong_rows(db, service):
    """The log: each row as it was written, and none is missing."""
    has_checksums = has_column(db, "event_log", "checksum")
    more = "checksum, actor, account" if has_checksums else "NULL, NULL, NULL"
    unchecked_until = 2 ** 63
    if has_checksums:
        unchecked_until = (db.execute("SELECT unchecked_until FROM stream_identity").fetchone() or [0])[0]
    wrong, expected = [], None
    for row in db.execute(f"SELECT seq, CAST(envelope AS BLOB), {more} FROM event_log ORDER BY seq"):
        if expected is not None and row[0] != expected:
            wrong.append(f"the events {expected} to {row[0] - 1} are missing in the log of {service}")
        expected = row[0] + 1
        why = _why_row_is_wrong(row, unchecked_until)
        if why:
            wrong.append(f"event {row[0]} in the log of {service} is damaged: {why}")
    if len(wrong) > DAMAGED_ROWS_TOLD:
        wrong[DAMAGED_ROWS_TOLD:] = [f"and {len(wrong) - DAMAGED_ROWS_TOLD} more events in the log of {service}"]
    return wrong


def wrong_in(path, service):
    """Sentences about one database."""
    try:
        with connect(path) as db:
            said = [text.decode(errors="replace") for (text,) in db.execute("PRAGMA integrity_check(5)")]
            if said != ["ok"]:
                return [f"the database of {service} is damaged: {line}" for line in said]
            keys = db.execute("PRAGMA foreign_key_check").fetchall()
            wrong = [f"{len(keys)} rows of {service} name rows that are not there, the first one in its table "
                     f"{keys[0][0].decode()}"] if keys else []
            return wrong + _wrong_rows(db, service)
    except sqlite3.Error as error:
        return [f"the database of {service} cannot be read: {error}"]


def followers_ahead(services):
    """[(follower, cursor, source)] of those who have read more of a log than there is; services: {name:
    describe()}. It is told by one who has read another history that this cannot be compared: it will begin
    anew."""
    return [(name, cursor["seq"], source) for name, service in sorted(services.items())
            for source, cursor in service["cursors"].items() if source in services
            and cursor["epoch"] == services[source]["epoch"] and cursor["seq"] > services[source]["head"]]


def wrong_between(services):
    """Sentences about databases that do not belong together."""
    wrong = [f"{follower} has read {seq} events of {source}, which has {services[source]['head']}: the two are not of "
             "one moment" for follower, seq, source in followers_ahead(services)]
    return wrong + [f"{name} follows {source}, and there is no database of it" for name, service
                    in sorted(services.items()) for source in service["cursors"] if source not in services]


def wrong_with(paths):
    """({name: describe()}, sentences) of databases that belong together: {name: path}."""
    wrong, services = [], {}
    for name, path in sorted(paths.items()):
        found = wrong_in(path, name)
        try:
            services[name] = describe(path)
        except (sqlite3.Error, TypeError) as error:
            found = found or [f"the database of {name} has not the tables of a service: {error}"]
        wrong += found
    if len(services) == len(paths):
        wrong += wrong_between(services)
    return services, wrong
