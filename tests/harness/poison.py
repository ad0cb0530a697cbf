"""Events that nobody can apply."""

import contextlib
import json
import sqlite3

from .rows import append_event, last_event


def log_poison(system, subject):
    """Appends an event with impossible data to product's log, as a fault of product would. Product is
    down."""
    with contextlib.closing(sqlite3.connect(system.db_path("product"))) as db, db:
        event = last_event(db)
        event["subject"] = subject
        event["data"]["registeredQty"] = -7
        append_event(db, event)


def mend_poison(system, service, letter_id):
    """Makes a parked event one that can be applied, as a version that can read it would. The service is
    down."""
    with contextlib.closing(sqlite3.connect(system.db_path(service))) as db, db:
        text = db.execute("SELECT envelope FROM dead_letter WHERE id = ?", (letter_id,)).fetchone()[0]
        event = json.loads(text)
        event["data"]["registeredQty"] = 7
        db.execute("UPDATE dead_letter SET envelope = ? WHERE id = ?", (json.dumps(event), letter_id))
