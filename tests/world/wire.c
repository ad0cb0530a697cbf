/* See wire.h. */
#include "world/wire.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"

#define LATE_PERMILLE 200
#define LONG_PERMILLE 600
#define LONG_US 37000000 /* a command has expired by then */
#define AFTER_CUT_COUNT 4
#define AGAIN_PERMILLE 350
#define FORGED_PERMILLE 150
#define CUT_PERMILLE 200
#define MUTE_PERMILLE 300
#define MUTE_AT_CUT_PERMILLE 700
#define DEAF_PERMILLE 800
#define LIE_PERMILLE 500
#define LIE_MS INT64_C(259200000) /* three days */
#define MEDDLE_US 2500000
#define SECOND_US 1000000
#define MACS_AGE_MS 3600000

static bool is_evil(const struct world_wire *wire)
{
    return wire->is_evil && wire->clock->now_us < wire->until_us;
}

static void trace(struct world_wire *wire, const char *what, const struct kit_message *message)
{
    world_clock_trace(wire->clock, "wire", "%s %s", what, message->topic);
}

static void on_later(void *self, struct world_message *message, uint64_t number)
{
    struct world_wire *wire = self;
    (void)number;
    trace(wire, "brings now", &message->view);
    wire->ends.bring(wire->ends.self, &message->view);
    world_message_release(message);
}

static void count(struct world_wire *wire, const char *what)
{
    world_fact(&wire->clock->facts, "wire", what);
}

/* A reference of the message is taken. */
static void later(struct world_wire *wire, struct world_message *message, int64_t least_us,
                  int64_t most_us)
{
    const struct world_event event = {
        .at_us = wire->clock->now_us + sim_rng_between(&wire->rng, least_us, most_us),
        .run = on_later,
        .self = wire,
        .message = message,
    };
    world_clock_at(wire->clock, &event);
}

/* ---- what is kept ---- */

static bool is_command(const struct kit_message *message)
{
    return strcmp(strrchr(message->topic, '/'), "/cmd") == 0;
}

static struct world_message *keep(struct world_wire *wire, const struct kit_message *message)
{
    const bool is_cmd = is_command(message);
    size_t *count = is_cmd ? &wire->command_count : &wire->config_count;
    struct world_message **slot = &(is_cmd ? wire->commands
                                           : wire->configs)[(*count)++ % WORLD_WIRE_KEPT_MAX];
    world_message_release(*slot);
    *slot = world_message_copy(message);
    return *slot;
}

static struct world_message *any(struct world_wire *wire, struct world_message *const *kept,
                                 size_t count)
{
    const size_t held = count < WORLD_WIRE_KEPT_MAX ? count : WORLD_WIRE_KEPT_MAX;
    return held == 0 ? NULL : world_message_share(kept[sim_rng_below(&wire->rng, (uint32_t)held)]);
}

/* The command with one thing changed, and its MAC as it was. */
static struct world_message *forge(struct world_wire *wire, const struct kit_message *message)
{
    cJSON *json = cJSON_ParseWithLength(message->payload, message->payload_size_bytes);
    cJSON *compartment = cJSON_GetObjectItem(json, "compartment");
    cJSON *expires = cJSON_GetObjectItem(json, "expiresAt");
    char *id = cJSON_GetStringValue(cJSON_GetObjectItem(json, "id"));
    struct kit_message forged = *message;
    CHECK(compartment != NULL && expires != NULL && id != NULL);
    id[0] = id[0] == 'a' ? 'b' : 'a';
    (void)cJSON_SetNumberHelper(expires, expires->valuedouble + MACS_AGE_MS);
    if (sim_rng_chance(&wire->rng, 500))
        (void)cJSON_SetNumberHelper(compartment, 1 + compartment->valueint % 4);
    char *text = cJSON_PrintUnformatted(json);
    CHECK(text != NULL);
    forged.payload = text;
    forged.payload_size_bytes = strlen(text);
    struct world_message *copy = world_message_copy(&forged);
    free(text);
    cJSON_Delete(json);
    return copy;
}

/* ---- life ---- */

static void on_meddle(void *self, struct world_message *message, uint64_t number)
{
    struct world_wire *wire = self;
    (void)message;
    (void)number;
    if (!is_evil(wire))
        return;
    const bool is_cmd = sim_rng_chance(&wire->rng, 500);
    struct world_message *old = is_cmd ? any(wire, wire->commands, wire->command_count)
                                       : any(wire, wire->configs, wire->config_count);
    if (old != NULL) {
        count(wire, "replay");
        later(wire, old, 0, SECOND_US);
    }
    world_clock_in(wire->clock, sim_rng_between(&wire->rng, 1, MEDDLE_US), on_meddle, wire, 0);
}

void world_wire_init(struct world_wire *wire, struct world_clock *clock, uint64_t seed,
                     const char *device, const struct world_wire_ends *ends)
{
    memset(wire, 0, sizeof(*wire));
    wire->clock = clock;
    wire->ends = *ends;
    sim_rng_init(&wire->rng, seed ^ UINT64_C(0x5749524500000000), device);
}

void world_wire_done(struct world_wire *wire)
{
    for (size_t i = 0; i < WORLD_WIRE_KEPT_MAX; i++) {
        world_message_release(wire->commands[i]);
        world_message_release(wire->configs[i]);
    }
}

void world_wire_turn_evil(struct world_wire *wire, int64_t until_us)
{
    wire->is_evil = true;
    wire->until_us = until_us;
    on_meddle(wire, NULL, 0);
}

/* What is kept back comes late, and nobody repeats it before. */
static bool keeps_back(struct world_wire *wire, const struct kit_message *message)
{
    const bool is_long = is_command(message) && sim_rng_chance(&wire->rng, LONG_PERMILLE);
    const int64_t deaf_us = is_command(message) ? 0 : wire->deaf_until_us - wire->clock->now_us;
    if (deaf_us > 0) {
        trace(wire, "keeps back", message);
        later(wire, world_message_copy(message), deaf_us, deaf_us + SECOND_US);
        return true;
    }
    if (wire->clock->now_us >= wire->slow_until_us && !sim_rng_chance(&wire->rng, LATE_PERMILLE))
        return false;
    count(wire, "late");
    trace(wire, "keeps back", message);
    later(wire, world_message_copy(message), is_long ? LONG_US : SECOND_US / 1000,
          is_long ? LONG_US + 5 * SECOND_US : 6 * SECOND_US);
    return true;
}

/* It loses its power now, and the same comes again when it is back. */
static void cut(struct world_wire *wire, struct world_message *message)
{
    count(wire, "cut");
    wire->ends.cut(wire->ends.self);
    for (int i = 0; message != NULL && i < AFTER_CUT_COUNT; i++)
        later(wire, world_message_share(message), SECOND_US, 8 * SECOND_US);
    wire->slow_until_us = wire->clock->now_us + sim_rng_between(&wire->rng, 1, 8) * SECOND_US;
}

static void bring_command(struct world_wire *wire, struct world_message *message)
{
    if (sim_rng_chance(&wire->rng, FORGED_PERMILLE)) {
        count(wire, "forged");
        later(wire, forge(wire, &message->view), 0, SECOND_US);
    }
    if (sim_rng_chance(&wire->rng, AGAIN_PERMILLE)) {
        count(wire, "again");
        later(wire, world_message_share(message), 1, 8 * SECOND_US);
    }
    wire->ends.bring(wire->ends.self, &message->view);
    if (sim_rng_chance(&wire->rng, CUT_PERMILLE))
        cut(wire, message);
}

void world_wire_bring(struct world_wire *wire, const struct kit_message *message)
{
    if (!is_evil(wire)) {
        wire->ends.bring(wire->ends.self, message);
        return;
    }
    if (keeps_back(wire, message))
        return;
    struct world_message *kept = keep(wire, message);
    if (is_command(message))
        bring_command(wire, kept);
    else
        wire->ends.bring(wire->ends.self, message);
    if (!is_command(message) && sim_rng_chance(&wire->rng, DEAF_PERMILLE)) {
        count(wire, "deaf");
        wire->deaf_until_us = wire->clock->now_us + sim_rng_between(&wire->rng, 15, 30) * SECOND_US;
    }
}

void world_wire_lie(struct world_wire *wire, const struct kit_message *message)
{
    if (!is_evil(wire) || !sim_rng_chance(&wire->rng, LIE_PERMILLE))
        return;
    cJSON *json = cJSON_ParseWithLength(message->payload, message->payload_size_bytes);
    cJSON *now = cJSON_GetObjectItem(json, "now");
    struct kit_message lie = *message;
    CHECK(now != NULL);
    const double off_ms = (double)sim_rng_between(&wire->rng, -LIE_MS, LIE_MS);
    (void)cJSON_SetNumberHelper(now, now->valuedouble + off_ms);
    cJSON_DeleteItemFromObject(json, "mac");
    cJSON_DeleteItemFromObject(json, "keyNo");
    char *text = cJSON_PrintUnformatted(json);
    CHECK(text != NULL);
    lie.payload = text;
    lie.payload_size_bytes = strlen(text);
    count(wire, "lie");
    wire->ends.bring(wire->ends.self, &lie);
    free(text);
    cJSON_Delete(json);
}

void world_wire_on_typed(struct world_wire *wire)
{
    if (!is_evil(wire))
        return;
    const bool is_cut = sim_rng_chance(&wire->rng, CUT_PERMILLE);
    /* Who has lost the power asks for the time in vain, then. */
    if (sim_rng_chance(&wire->rng, is_cut ? MUTE_AT_CUT_PERMILLE : MUTE_PERMILLE)) {
        count(wire, "mute");
        wire->mute_until_us = wire->clock->now_us + sim_rng_between(&wire->rng, 2, 15) * SECOND_US;
        world_clock_trace(wire->clock, "wire", "takes away what the locker says");
    }
    if (is_cut)
        cut(wire, NULL);
}

bool world_wire_is_mute(const struct world_wire *wire)
{
    return wire->clock->now_us < wire->mute_until_us;
}
