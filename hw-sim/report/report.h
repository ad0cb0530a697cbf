/* Everything that happened in a run, in order: steps, HTTP calls, messages, panel lines, physics,
 * faults. Written at the end as text for people, as JSON for programs, and as a Mermaid sequence
 * diagram (diagram.c). One thread. */
#ifndef SIM_REPORT_REPORT_H
#define SIM_REPORT_REPORT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "kit/base/buf.h"
#include "kit/base/error.h"

#define SIM_ENTRIES_MAX 200000
#define SIM_ENTRY_TEXT_MAX 16384 /* one payload; longer is cut */
#define SIM_PARTY_SIZE 48
#define SIM_MARKS_MAX 1000

/* kind, name in the JSON report */
#define SIM_ENTRY_MAP(X)                                                                           \
    X(SIM_ENTRY_STEP, "step")       /* begins; text: what it does */                               \
    X(SIM_ENTRY_RESULT, "result")   /* of a step; text: ok, or why not */                          \
    X(SIM_ENTRY_HTTP, "http")       /* request or answer */                                        \
    X(SIM_ENTRY_MQTT, "mqtt")       /* a message at the broker; text: topic, detail: payload */    \
    X(SIM_ENTRY_LINK, "link")       /* what the proxy did: cut, held, forged */                    \
    X(SIM_ENTRY_PANEL, "panel")     /* what a device showed; text: signal, detail: the words */    \
    X(SIM_ENTRY_PHYSICS, "physics") /* doors, locks, hands, bytes on a line */                     \
    X(SIM_ENTRY_PROCESS, "process") /* firmware started, ended */                                  \
    X(SIM_ENTRY_NOTE, "note")

enum sim_entry_kind {
#define SIM_ENTRY_ENUM(kind, name) kind,
    SIM_ENTRY_MAP(SIM_ENTRY_ENUM)
#undef SIM_ENTRY_ENUM
};

struct sim_entry {
    int64_t at_ms; /* since the run began */
    enum sim_entry_kind kind;
    char from[SIM_PARTY_SIZE]; /* who acts: a device, an actor, a service; "" when nobody */
    char to[SIM_PARTY_SIZE];
    char *text;
    char *detail; /* NULL when text says it all */
};

/* Where in the report a named step began. */
struct sim_mark {
    const char *name; /* borrowed */
    size_t entry;
};

struct sim_report {
    int64_t start_ms;      /* monotonic */
    int64_t wall_start_ms; /* since 1970 UTC */
    struct sim_entry *entries;
    size_t count;
    size_t capacity;
    size_t dropped; /* beyond SIM_ENTRIES_MAX */
    size_t max;     /* SIM_ENTRIES_MAX; tests set less */
    struct sim_mark marks[SIM_MARKS_MAX];
    size_t mark_count;
    size_t complete_from; /* from this entry on it has every message of the broker */
};

/* What the head of a report says. */
struct sim_summary {
    const char *scenario;
    const char *title;
    const char *outcome; /* "passed", "failed", ... */
    const char *reason;  /* "" when passed */
    int64_t seed;
    int64_t took_ms;
    size_t step_count; /* done */
};

/* Empty, and begun now. */
void sim_report_init(struct sim_report *report, int64_t now_ms, int64_t wall_ms);

/* Frees all entries. */
void sim_report_done(struct sim_report *report);

/* Adds an entry that says nothing yet; from and to may be NULL, and are copied. Returns the entry,
 * borrowed until the next add; NULL when the report is full (then it is counted). */
struct sim_entry *sim_report_add(struct sim_report *report, int64_t now_ms,
                                 enum sim_entry_kind kind, const char *from, const char *to);

/* Forgets all entries so far; places in the report that somebody keeps mean nothing any more. For
 * runs without an end. */
void sim_report_forget(struct sim_report *report);

/* Texts of the entry just added, copied; detail: bytes, or NULL. entry NULL: nothing. */
void sim_entry_say(struct sim_entry *entry, const char *text, const void *detail, size_t size);

/* A step begins here; in a repeat the latest of that name counts. name NULL: nothing. */
void sim_report_mark(struct sim_report *report, const char *name);

/* The entry at which the step of that name began; 0: none has, or name is NULL. */
size_t sim_report_since(const struct sim_report *report, const char *name);

/* The name of the kind in report.json. */
const char *sim_entry_kind_name(enum sim_entry_kind kind);

/* Writes report.txt into an open file; false when that failed. */
bool sim_report_write_text(const struct sim_report *report, const struct sim_summary *summary,
                           FILE *out);

/* The same with report.json. */
bool sim_report_write_json(const struct sim_report *report, const struct sim_summary *summary,
                           FILE *out);

/* All three files in a folder that exists: report.txt, report.json, diagram.md. */
int sim_report_save(const struct sim_report *report, const struct sim_summary *summary,
                    const char *dir, struct kit_error *err) KIT_MUST_CHECK;

#endif
