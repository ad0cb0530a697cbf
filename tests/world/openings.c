/* See openings.h. */
#include "world/openings.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/check.h"
#include "kit/base/mac.h"
#include "kit/base/text.h"
#include "world/keys.h"

#define SITE "main"
#define LIVE_US 6000000  /* flash is written, the lock is pulsed up to three times */
#define LATCH_US 1000000 /* a lock that was pulsed lets go, though the power is gone */
#define TEXT_SIZE 256
#define START_SIZE 32
#define ID_MAX 39

void world_openings_init(struct world_openings *openings, struct world_clock *clock,
                         const char *device)
{
    memset(openings, 0, sizeof(*openings));
    openings->clock = clock;
    openings->device = device;
}

static struct world_reason *find(struct world_openings *openings, const char *name)
{
    for (size_t i = 0; i < openings->reason_count; i++) {
        if (strcmp(openings->reasons[i].name, name) == 0)
            return &openings->reasons[i];
    }
    return NULL;
}

static struct world_reason *know(struct world_openings *openings, const char *name,
                                 uint32_t compartment, int64_t expires_ms)
{
    struct world_reason *reason = find(openings, name);
    if (reason != NULL)
        return reason;
    CHECK(openings->reason_count < WORLD_REASONS_MAX);
    reason = &openings->reasons[openings->reason_count++];
    *reason = (struct world_reason){ .compartment = compartment, .expires_ms = expires_ms };
    kit_text_copy(reason->name, sizeof(reason->name), name);
    return reason;
}

/* What has expired by now is no reason, and what was used is none again. */
static void give(struct world_openings *openings, struct world_reason *reason)
{
    const int64_t now_us = openings->clock->now_us;
    const int64_t now_ms = WORLD_WALL_MS + (now_us - WORLD_MONO_US) / 1000;
    if (now_ms <= reason->expires_ms + openings->tolerance_ms && !reason->is_withdrawn)
        reason->live_until_us = now_us + LIVE_US;
}

/* ---- commands ---- */

/* What stands between the device and the id: of protocol 2, the key and the start. */
static void print_start(const cJSON *json, char ret_text[START_SIZE])
{
    const cJSON *key_no = cJSON_GetObjectItem(json, "keyNo"),
                *boot = cJSON_GetObjectItem(json, "boot");
    ret_text[0] = '\0';
    if (key_no != NULL && boot != NULL)
        (void)snprintf(ret_text, START_SIZE, "%d\n%d\n", key_no->valueint, boot->valueint);
}

static bool is_mac_right(const char *device, const char *id, const cJSON *json)
{
    uint8_t key[KIT_KEY_BYTES];
    char text[TEXT_SIZE], start[START_SIZE], mac[KIT_MAC_HEX_SIZE];
    const char *action = cJSON_GetStringValue(cJSON_GetObjectItem(json, "action"));
    const char *given = cJSON_GetStringValue(cJSON_GetObjectItem(json, "mac"));
    if (action == NULL || given == NULL)
        return false;
    print_start(json, start);
    const int size = snprintf(text, sizeof(text),
                              "lockstock/v%d/cmd\n" SITE "\n%s\n%s%s\n%s\n%.0f\n%.0f\n",
                              start[0] == '\0' ? 1 : 2, device, start, id, action,
                              cJSON_GetNumberValue(cJSON_GetObjectItem(json, "compartment")),
                              cJSON_GetNumberValue(cJSON_GetObjectItem(json, "expiresAt")));
    CHECK(size > 0 && (size_t)size < sizeof(text));
    (void)world_find_key(NULL, device, key, NULL);
    kit_mac_hex(key, text, (size_t)size, mac);
    return strcmp(mac, given) == 0;
}

void world_openings_command(struct world_openings *openings, const struct kit_message *message)
{
    cJSON *json = cJSON_ParseWithLength(message->payload, message->payload_size_bytes);
    const char *id = cJSON_GetStringValue(cJSON_GetObjectItem(json, "id"));
    const cJSON *compartment = cJSON_GetObjectItem(json, "compartment");
    const cJSON *expires = cJSON_GetObjectItem(json, "expiresAt");
    if (id != NULL && strlen(id) <= ID_MAX && is_mac_right(openings->device, id, json))
        give(openings, know(openings, id, (uint32_t)compartment->valueint,
                            (int64_t)cJSON_GetNumberValue(expires)));
    cJSON_Delete(json);
}

/* ---- codes ---- */

void world_openings_know(struct world_openings *openings, const char *code, uint32_t compartment,
                         int64_t expires_ms)
{
    (void)know(openings, code, compartment, expires_ms);
}

void world_openings_type(struct world_openings *openings, const char *code)
{
    struct world_reason *reason = find(openings, code);
    if (reason != NULL)
        give(openings, reason);
}

void world_openings_withdraw(struct world_openings *openings, const char *code)
{
    struct world_reason *reason = find(openings, code);
    if (reason == NULL)
        return;
    reason->is_withdrawn = true;
    reason->live_until_us = 0;
}

static bool is_code(const struct world_reason *reason)
{
    return strlen(reason->name) == 8;
}

const char *world_openings_any_code(const struct world_openings *openings, struct sim_rng *rng)
{
    const char *any = NULL;
    uint32_t count = 0;
    for (size_t i = 0; i < openings->reason_count; i++) {
        if (is_code(&openings->reasons[i]) && sim_rng_below(rng, ++count) == 0)
            any = openings->reasons[i].name;
    }
    return any;
}

const char *world_openings_newest_code(const struct world_openings *openings)
{
    for (size_t i = openings->reason_count; i > 0; i--) {
        const struct world_reason *reason = &openings->reasons[i - 1];
        if (is_code(reason) && !reason->is_used && !reason->is_withdrawn)
            return reason->name;
    }
    return NULL;
}

/* ---- doors ---- */

void world_openings_end(struct world_openings *openings)
{
    const int64_t latest_us = openings->clock->now_us + LATCH_US;
    for (size_t i = 0; i < openings->reason_count; i++) {
        if (openings->reasons[i].live_until_us > latest_us)
            openings->reasons[i].live_until_us = latest_us;
    }
}

/* The reason for an opening of that compartment now; NULL: there is none. */
static struct world_reason *reason_for(struct world_openings *openings, uint32_t n)
{
    for (size_t i = 0; i < openings->reason_count; i++) {
        struct world_reason *reason = &openings->reasons[i];
        if (reason->compartment == n && !reason->is_used &&
            reason->live_until_us >= openings->clock->now_us)
            return reason;
    }
    return NULL;
}

static void see_one(struct world_openings *openings, uint32_t n)
{
    struct world_reason *reason = reason_for(openings, n);
    world_clock_trace(openings->clock, openings->device, "door %" PRIu32 " opens: %s", n,
                      reason == NULL ? "nobody knows why" : reason->name);
    if (reason != NULL)
        reason->is_used = true;
    else if (openings->wrong[0] == '\0')
        (void)snprintf(openings->wrong, sizeof(openings->wrong),
                       "%s opened door %" PRIu32 " without a reason that holds now",
                       openings->device, n);
}

void world_openings_see(struct world_openings *openings, uint32_t n, uint64_t open_count)
{
    uint64_t *seen = &openings->seen[n - 1];
    CHECK(open_count <= *seen + 1); /* it was looked at when a hand had shut it */
    if (*seen < open_count)
        see_one(openings, n);
    *seen = open_count;
}
