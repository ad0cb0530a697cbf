"""Rows of a service's event log (services/kit/stream/row.h), as a stopped service has them on disk."""

import json
import struct
import zlib

PLACE = ("id", "epoch", "sequence")  # what a row does not say of its event


def checksum(seq, text, actor=0, account=0):
    return zlib.crc32(text.encode(), zlib.crc32(struct.pack(">qqq", seq, actor, account)))


def last_event(db):
    """The last event of the log without its place."""
    event = json.loads(db.execute("SELECT envelope FROM event_log ORDER BY seq DESC").fetchone()[0])
    return {name: value for name, value in event.items() if name not in PLACE}


def append_event(db, event):
    """Adds a row as the service would; returns its number."""
    seq = db.execute("SELECT max(seq) FROM event_log").fetchone()[0] + 1
    text = json.dumps(event, separators=(",", ":"), ensure_ascii=False)
    db.execute("INSERT INTO event_log (seq, envelope, checksum) VALUES (?, ?, ?)", (seq, text, checksum(seq, text)))
    return seq


def envelopes(db):
    """The texts of all events of the log, whole."""
    rows = db.execute("SELECT seq, envelope, epoch FROM event_log, stream_identity ORDER BY seq").fetchall()
    for seq, text, epoch in rows:
        event = json.loads(text)
        if "epoch" in event:  # of before 0.4
            yield text
        else:
            event |= {"id": f"{event['source']}:{epoch}:{seq}", "epoch": epoch, "sequence": str(seq)}
            yield json.dumps(event, separators=(",", ":"), ensure_ascii=False)


def flip_bit(db, seq, bit=0):
    """Damages a committed row: one bit of its envelope, counted from the middle."""
    (text,) = db.execute("SELECT CAST(envelope AS BLOB) FROM event_log WHERE seq = ?", (seq,)).fetchone()
    at = len(text) // 2 + bit // 8
    damaged = text[:at] + bytes([text[at] ^ 1 << bit % 8]) + text[at + 1:]
    db.execute("UPDATE event_log SET envelope = CAST(? AS TEXT) WHERE seq = ?", (damaged, seq))
