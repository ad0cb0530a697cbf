/* See script.h. */
#include "world/against/script.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/check.h"
#include "kit/base/text.h"
#include "models/rng.h"

#define OURS_IN_FLIGHT 1000 /* deploy/mosquitto/mosquitto.conf.in */
#define OURS_QUEUE 100000

static const char *const TOPICS[] = { "t", "t/a", "t/b", "t/a/b", "u/a", "/t", "t/", "$x/a" };
static const char *const FILTERS[] = { "#",   "t/#", "t/+",   "t/a",  "+/a", "t/a/#", "+",
                                       "s/+", "/+",  "t/+/b", "$x/#", "+/+", "u/a",   "t" };

enum doing {
    AWAY = 0,
    READING = 1,
    STALLED = 2,
};

struct drawing {
    struct script *script;
    struct sim_rng rng;
    enum doing clients[SCRIPT_CLIENTS];
    uint64_t numbers;
};

static void draw_client(struct drawing *drawing, int at)
{
    struct script_client *client = &drawing->script->clients[at];
    (void)snprintf(client->name, sizeof(client->name), "client-%d", at);
    client->filter_count = 1 + sim_rng_below(&drawing->rng, SCRIPT_FILTERS_MAX);
    uint32_t next = sim_rng_below(&drawing->rng, KIT_COUNT(FILTERS));
    for (size_t i = 0; i < client->filter_count; i++) {
        kit_text_copy(client->filters[i].filter, sizeof(client->filters[i].filter), FILTERS[next]);
        client->filters[i].qos = sim_rng_chance(&drawing->rng, 700) ? 1 : 0;
        next = (next + 1 + sim_rng_below(&drawing->rng, 3)) % KIT_COUNT(FILTERS);
    }
    if (!drawing->script->is_tight && sim_rng_chance(&drawing->rng, 700))
        (void)snprintf(client->will_topic, sizeof(client->will_topic), "s/%d", at);
}

/* A client that does this now; -1: none. */
static int any_client(struct drawing *drawing, enum doing doing)
{
    const int first = (int)sim_rng_below(&drawing->rng, SCRIPT_CLIENTS);
    for (int i = 0; i < SCRIPT_CLIENTS; i++) {
        if (drawing->clients[(first + i) % SCRIPT_CLIENTS] == doing)
            return (first + i) % SCRIPT_CLIENTS;
    }
    return -1;
}

static void draw_publications(struct drawing *drawing, struct script_step *step)
{
    step->count = 1 + sim_rng_below(&drawing->rng, SCRIPT_BURST_MAX);
    const uint32_t qos1_permille = sim_rng_chance(&drawing->rng, 500) ? 1000 : 600;
    for (size_t i = 0; i < step->count; i++) {
        struct script_publication *publication = &step->publications[i];
        publication->topic = TOPICS[sim_rng_below(&drawing->rng, KIT_COUNT(TOPICS))];
        publication->number = ++drawing->numbers;
        publication->qos = sim_rng_chance(&drawing->rng, qos1_permille) ? 1 : 0;
        publication->retain = !drawing->script->is_tight && sim_rng_chance(&drawing->rng, 300);
        publication->is_empty = publication->retain && sim_rng_chance(&drawing->rng, 300);
    }
}

static enum script_kind draw_kind(struct drawing *drawing)
{
    static const struct {
        enum script_kind kind;
        uint32_t weight;
    } WEIGHTS[] = {
        { SCRIPT_START, 20 },    { SCRIPT_PUBLISH, 50 }, { SCRIPT_GOODBYE, 6 }, { SCRIPT_DIE, 8 },
        { SCRIPT_RESET, 6 },     { SCRIPT_STALL, 6 },    { SCRIPT_RESUME, 12 }, { SCRIPT_SAVE, 3 },
        { SCRIPT_TAKE_OVER, 6 }, { SCRIPT_KILL, 2 },     { SCRIPT_STOP, 1 },
    };
    uint32_t sum = 0;
    for (size_t i = 0; i < KIT_COUNT(WEIGHTS); i++)
        sum += WEIGHTS[i].weight;
    uint32_t left = sim_rng_below(&drawing->rng, sum);
    size_t at = 0;
    while (left >= WEIGHTS[at].weight)
        left -= WEIGHTS[at++].weight;
    return WEIGHTS[at].kind;
}

/* What a client must be doing for it, and does afterwards. */
static bool move_client(struct drawing *drawing, struct script_step *step)
{
    static const struct {
        enum doing before, after;
    } MOVES[SCRIPT_KINDS] = {
        [SCRIPT_START] = { .before = AWAY, .after = READING },
        [SCRIPT_PUBLISH] = { .before = READING, .after = READING },
        [SCRIPT_GOODBYE] = { .before = READING, .after = AWAY },
        [SCRIPT_DIE] = { .before = READING, .after = AWAY },
        [SCRIPT_RESET] = { .before = READING, .after = READING },
        [SCRIPT_TAKE_OVER] = { .before = READING, .after = READING },
        [SCRIPT_STALL] = { .before = READING, .after = STALLED },
        [SCRIPT_RESUME] = { .before = STALLED, .after = READING },
    };
    enum doing before = MOVES[step->kind].before;
    const int stalled = any_client(drawing, STALLED);
    const bool is_end = step->kind == SCRIPT_DIE || step->kind == SCRIPT_RESET ||
                        step->kind == SCRIPT_TAKE_OVER;

    if (step->kind == SCRIPT_STALL && stalled >= 0)
        return false; /* one at a time */
    if (is_end && stalled >= 0 && sim_rng_chance(&drawing->rng, 500))
        before = STALLED;
    step->client = any_client(drawing, before);
    if (step->client < 0)
        return false;
    drawing->clients[step->client] = MOVES[step->kind].after;
    return true;
}

/* False: it cannot be done now. */
static bool draw_step(struct drawing *drawing, struct script_step *step)
{
    memset(step, 0, sizeof(*step));
    step->kind = draw_kind(drawing);
    step->is_kept = sim_rng_chance(&drawing->rng, 600);
    if (step->kind == SCRIPT_SAVE)
        return true;
    if (step->kind == SCRIPT_KILL || step->kind == SCRIPT_STOP) {
        for (size_t i = 0; i < SCRIPT_CLIENTS; i++)
            drawing->clients[i] = drawing->clients[i] == AWAY ? AWAY : READING;
        return true;
    }
    if (!move_client(drawing, step))
        return false;
    if (step->kind == SCRIPT_PUBLISH)
        draw_publications(drawing, step);
    return true;
}

void script_draw(struct script *script, uint64_t seed)
{
    struct drawing drawing = { .script = script };
    memset(script, 0, sizeof(*script));
    sim_rng_init(&drawing.rng, seed, "script");
    script->seed = seed;
    script->is_tight = seed % 2 == 0;
    script->in_flight_max = OURS_IN_FLIGHT;
    script->queue_max = OURS_QUEUE;
    if (script->is_tight) {
        script->in_flight_max = sim_rng_between(&drawing.rng, 1, 4);
        script->queue_max = sim_rng_between(&drawing.rng, 3, 6);
    }
    for (int i = 0; i < SCRIPT_CLIENTS; i++)
        draw_client(&drawing, i);
    for (size_t i = 0; i < SCRIPT_STEPS; i++) {
        while (!draw_step(&drawing, &script->steps[i]))
            continue;
    }
}

void script_payload(const struct script_publication *publication, char ret_text[SCRIPT_TEXT_SIZE])
{
    ret_text[0] = '\0';
    if (!publication->is_empty)
        (void)snprintf(ret_text, SCRIPT_TEXT_SIZE, "%" PRIu64, publication->number);
}

const char *script_kind_name(enum script_kind kind)
{
    static const char *const NAMES[SCRIPT_KINDS] = {
        "starts", "publishes", "says goodbye", "dies",    "is reset", "is taken over",
        "stalls", "reads on",  "saves",        "kill -9", "SIGTERM",
    };
    return NAMES[kind];
}

void script_describe(const struct script *script, size_t step, char *ret_text, size_t size)
{
    const struct script_step *one = &script->steps[step];
    const bool is_of_broker = one->kind >= SCRIPT_SAVE;
    int length = snprintf(ret_text, size, "step %zu: %s %s%s", step,
                          is_of_broker ? "broker" : script->clients[one->client].name,
                          script_kind_name(one->kind),
                          one->kind == SCRIPT_START && one->is_kept  ? ", its session is kept"
                          : one->kind == SCRIPT_KILL && one->is_kept ? ", its disk is kept"
                                                                     : "");
    for (size_t i = 0; i < one->count && length > 0 && (size_t)length < size; i++) {
        const struct script_publication *each = &one->publications[i];
        length += snprintf(ret_text + length, size - (size_t)length, " %" PRIu64 "=%s qos %d%s%s",
                           each->number, each->topic, each->qos, each->retain ? " retain" : "",
                           each->is_empty ? " empty" : "");
    }
}
