"""Events that nobody can apply."""

import contextlib
import json
import sqlite3


def log_poison(system, subject):
    """Appends an event with impossible data to product's log, as a fault of product would. Product is
    down."""
    with contextlib.closing(sqlite3.connect(system.db_path("product"))) as db, db:
        seq = db.execute("SELECT max(seq) FROM event_log").fetchone()[0] + 1
        event = json.loads(db.execute("SELECT envelope FROM event_log WHERE seq = ?",
                                      (seq - 1,)).fetchone()[0])
        event["sequence"], event["subject"] = str(seq), subject
        event["id"] = f"product:{event['epoch']}:{seq}"
        event["data"]["registeredQty"] = -7
        db.execute("INSERT INTO event_log (seq, envelope) VALUES (?, ?)", (seq, json.dumps(event)))


def mend_poison(system, service, letter_id):
    """Makes a parked event one that can be applied, as a version that can read it would. The service is
    down."""
    with contextlib.closing(sqlite3.connect(system.db_path(service))) as db, db:
        text = db.execute("SELECT envelope FROM dead_letter WHERE id = ?", (letter_id,)).fetchone()[0]
        event = json.loads(text)
        event["data"]["registeredQty"] = 7
        db.execute("UPDATE dead_letter SET envelope = ? WHERE id = ?", (json.dumps(event), letter_id))
