/* See facts.h. */
#include "world/facts.h"

#include <stdio.h>
#include <string.h>

#include "kit/base/check.h"

static const struct world_fact_row FACTS[] = {
    { "trouble", "kill", NULL },
    { "trouble", "power", NULL },
    { "trouble", "stop", NULL },
    { "trouble", "broker-kill", NULL },
    { "trouble", "reset", NULL },
    { "trouble", "silence", NULL },
    { "trouble", "web-kill", NULL },
    { "trouble", "disk-io", NULL },
    { "trouble", "disk-full", NULL },
    { "trouble", "clock-step", NULL },
    { "trouble", "device-kill", NULL },
    { "trouble", "device-cut", NULL },
    { "trouble", "bit", NULL },
    { "trouble", "swallow", NULL },
    { "trouble", "double", NULL },
    { "trouble", "slow", NULL },
    { "trouble", "small-queue", NULL },
    { "trouble", "tiny-batch", NULL },
    { "trouble", "tiny-stream", NULL },
    { "trouble", "tiny-fetch", NULL },
    { "trouble", "tiny-queues", NULL },
    { "trouble", "jam", NULL },
    { "trouble", "board", NULL },
    { "trouble", "remove", NULL },
    { "disk", "io", NULL },
    { "disk", "full", NULL },
    { "disk", "at-commit", NULL },
    { "disk", "bit-told", NULL },
    { "disk", "flip", NULL },
    { "disk", "rental lost", NULL },
    { "disk", "delivery lost", NULL },
    { "disk", "read", NULL },
    { "disk", "lost", NULL },
    { "broker", "stop", NULL },
    { "broker", "takeover", NULL },
    { "wire", "late", NULL },
    { "wire", "replay", NULL },
    { "wire", "again", NULL },
    { "wire", "forged", NULL },
    { "wire", "cut", NULL },
    { "wire", "mute", NULL },
    { "wire", "deaf", NULL },
    { "wire", "lie", NULL },
    { "problem", "malformed-json", NULL },
    { "problem", "empty-body", NULL },
    { "problem", "invalid-id", NULL },
    { "problem", "invalid-query", NULL },
    { "problem", "invalid-host", NULL },
    { "problem", "invalid-idempotency-key", NULL },
    { "problem", "invalid-header", NULL },
    { "problem", "unknown-path", NULL },
    { "problem", "no-pages", NULL },
    { "problem", "no-simulator", NULL },
    { "problem", "not-found", NULL },
    { "problem", "method-not-allowed", NULL },
    { "problem", "method-not-implemented", "nobody speaks another protocol: unit.bridge_request" },
    { "problem", "unknown-transfer-coding", "nobody speaks another protocol: unit.bridge_request" },
    { "problem", "not-acceptable", NULL },
    { "problem", "no-code", NULL },
    { "problem", "no-free-compartment", NULL },
    { "problem", "already-collected", NULL },
    { "problem", "illegal-move", "nobody moves an asset by hand" },
    { "problem", "asset-in-use", "nobody moves an asset by hand" },
    { "problem", "not-a-station", "nobody scans on a page" },
    { "problem", "too-many-stations", "nobody scans on a page" },
    { "problem", "counted-by-scans", "the office sets quantities of bulk goods only" },
    { "problem", "gtin-taken", NULL },
    { "problem", "refused", "each refusal of the rules has a name of its own" },
    { "problem", "fails-again", "no event is parked in a world that is well" },
    { "problem", "letter-waits", "no event is parked in a world that is well" },
    { "problem", "below-committed", NULL },
    { "problem", "cancel-refused",
      "delivery refuses a cancel only as order-mismatch or already-collected" },
    { "problem", "order-mismatch",
      "rental asks for orders as it has told them: unit.rental_cancel" },
    { "problem", "conflict", "seldom: what is asked again while it is under way is answered once" },
    { "problem", "too-large", NULL },
    { "problem", "uri-too-long", NULL },
    { "problem", "unsupported-media-type", NULL },
    { "problem", "invalid-body", NULL },
    { "problem", "idempotency-key-reused", NULL },
    { "problem", "unauthenticated", "nobody signs in" },
    { "problem", "forbidden", "only the broker forbids, and this one lets all pass" },
    { "problem", "bad-answer", "all processes are of one release" },
    { "problem", "unknown-method", "all processes are of one release" },
    { "problem", "overloaded", NULL },
    { "problem", "service-unavailable", NULL },
    { "problem", "cancel-unavailable", NULL },
    { "problem", "no-answer", NULL },
    { "problem", "outcome-unknown", NULL },
    { "problem", "storage-full", NULL },
    { "problem", "storage-failed", "a process whose disk failed ends without an answer" },
    { "problem", "storage-corrupt", "a process whose disk failed ends without an answer" },
    { "reply", "malformed", "the bridge has refused it before" },
    { "reply", "invalid", "the bridge has refused it before" },
    { "reply", "not_found", NULL },
    { "reply", "refused", NULL },
    { "reply", "key_reused", NULL },
    { "reply", "conflict", "seldom: what is asked again while it is under way is answered once" },
    { "reply", "too_large", "the bridge has refused it before" },
    { "reply", "unauthenticated", "nobody signs in" },
    { "reply", "forbidden", "only the broker forbids, and this one lets all pass" },
    { "reply", "limit", NULL },
    { "reply", "unavailable", NULL },
    { "reply", "timeout", "who answers has heard the question" },
    { "reply", "full", NULL },
    { "reply", "io", "a process whose disk failed ends without an answer" },
    { "reply", "corrupt", "a process whose disk failed ends without an answer" },
    { "scan", "accepted", NULL },
    { "scan", "unknown_label", NULL },
    { "scan", "wrong_item", NULL },
    { "scan", "wrong_place", NULL },
    { "scan", "wrong_order", NULL },
    { "scan", "already_done", NULL },
    { "scan", "not_allowed", NULL },
    { "door", "opened", NULL },
    { "door", "already_open",
      "seldom: delivery has a door opened that is shut, as far as it has heard" },
    { "door", "jammed", NULL },
    { "door", "no_answer", NULL },
    { "door", "expired", NULL },
    { "door", "refused", NULL },
    { "door", "repeated", NULL },
    { "door", "interrupted", NULL },
    { "refusal", "bad_mac", NULL },
    { "refusal", "unknown_key", "all keys have number 1: unit tests of firmware/core" },
    { "refusal", "unknown_compartment",
      "a locker keeps its compartments, and who forges has no key: unit.firmware_gate" },
    { "refusal", "not_valid_yet",
      "delivery gives a code from when on it holds: unit.firmware_gate_code" },
    { "refusal", "expired", "seldom: a code that its locker was not told to forget in time" },
    { "refusal", "time_unknown", NULL },
    { "refusal", "already_used", NULL },
    { "refusal", "locked_out", NULL },
    { "refusal", "wrong_code", NULL },
    { "refusal", "busy", NULL },
};

const struct world_fact_row *world_fact_at(size_t index)
{
    return index < KIT_COUNT(FACTS) ? &FACTS[index] : NULL;
}

static bool is_named(const struct world_fact_row *row, const char *kind, const char *name,
                     size_t length)
{
    return strcmp(row->kind, kind) == 0 && strncmp(row->name, name, length) == 0 &&
           row->name[length] == '\0';
}

static void count(struct world_facts *facts, const char *kind, const char *name, size_t length,
                  uint64_t times)
{
    _Static_assert(KIT_COUNT(FACTS) <= WORLD_FACTS_MAX, "WORLD_FACTS_MAX is too small");
    size_t at = 0;
    while (at < KIT_COUNT(FACTS) && !is_named(&FACTS[at], kind, name, length))
        at++;
    if (at < KIT_COUNT(FACTS))
        facts->counts[at] += times;
    else if (facts->unknown[0] == '\0')
        (void)snprintf(facts->unknown, sizeof(facts->unknown), "%s %.*s", kind, (int)length, name);
}

void world_fact(struct world_facts *facts, const char *kind, const char *name)
{
    count(facts, kind, name, strlen(name), 1);
}

void world_fact_times(struct world_facts *facts, const char *kind, const char *name, uint64_t times)
{
    count(facts, kind, name, strlen(name), times);
}

void world_facts_in(struct world_facts *facts, const char *kind, const char *before,
                    const struct kit_message *message)
{
    const char *end = (const char *)message->payload + message->payload_size_bytes;
    const char *at = message->payload;
    while ((at = memmem(at, (size_t)(end - at), before, strlen(before))) != NULL) {
        at += strlen(before);
        const char *quote = memchr(at, '"', (size_t)(end - at));
        if (quote == NULL)
            return;
        count(facts, kind, at, (size_t)(quote - at), 1);
        at = quote;
    }
}

static bool ends_with(const char *topic, const char *end)
{
    const size_t length = strlen(topic), end_length = strlen(end);
    return length >= end_length && strcmp(topic + length - end_length, end) == 0;
}

void world_facts_said(struct world_facts *facts, const struct kit_message *message)
{
    const char *status = message->status;
    if (status != NULL && status[0] != '\0' && strcmp(status, "ok") != 0)
        world_fact(facts, "reply", status);
    if (ends_with(message->topic, "/ack"))
        world_facts_in(facts, "scan", "\"result\":\"", message);
}

void world_facts_heard(struct world_facts *facts, const struct kit_message *message)
{
    if (!ends_with(message->topic, "/up"))
        return;
    world_facts_in(facts, "door", "\"effect\":\"", message);
    world_facts_in(facts, "refusal", "\"refusal\":\"", message);
}
