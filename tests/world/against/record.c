/* See record.h. All that a real Mosquitto may do in more than one way is allowed here, and nowhere
 * else:
 *
 * 1. Messages of different topics are not compared among each other, nor are acknowledgements: over
 *    one TCP connection they come in one order, but schemas/topics.md promises it for a topic only,
 *    and the simulated broker makes use of that.
 * 2. Copies of one message for filters that overlap are not compared among each other: Mosquitto
 *    sends them as its tree of filters lies in memory.
 * 3. The DUP flag is not compared: our adapters never look at it. That a message comes again is.
 * 4. When something happens within a step is not compared: a step ends when nothing is under way
 *    any more (real.c, simulated.c). What a cut or a kill -9 may lose or not is what a stalled
 * client has not read; it is lost on both sides, as real.c closes that connection unread. */
#include "world/against/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"
#include "kit/base/text.h"

#define ROOM_MIN 256
#define STEP_TEXT_SIZE 512

static struct record_line *add(struct record *record, int client, const char *topic)
{
    if (record->count == record->room) {
        record->room = record->room == 0 ? ROOM_MIN : record->room * 2;
        record->lines = realloc(record->lines, record->room * sizeof(struct record_line));
        CHECK(record->lines != NULL);
    }
    struct record_line *line = &record->lines[record->count];
    *line = (struct record_line){ .step = record->step, .client = client, .age = record->count };
    record->count++;
    kit_text_copy(line->topic, sizeof(line->topic), topic);
    return line;
}

void record_connected(struct record *record, int client, bool is_resumed)
{
    struct record_line *line = add(record, client, "");
    (void)snprintf(line->text, sizeof(line->text), "connected%s", is_resumed ? ", resumed" : "");
}

void record_acknowledged(struct record *record, int client, uint64_t number)
{
    char place[SCRIPT_TEXT_SIZE];
    (void)snprintf(place, sizeof(place), "acknowledgement of %" PRIu64, number);
    (void)add(record, client, place);
}

/* By step, client and topic. */
static int compare_places(const struct record_line *a, const struct record_line *b)
{
    if (a->step != b->step)
        return a->step < b->step ? -1 : 1;
    if (a->client != b->client)
        return a->client < b->client ? -1 : 1;
    return strcmp(a->topic, b->topic);
}

void record_message(struct record *record, int client, const struct kit_message *message)
{
    struct record_line *line = add(record, client, message->topic);
    (void)snprintf(line->payload, sizeof(line->payload), "%.*s", (int)message->payload_size_bytes,
                   (const char *)message->payload);
    (void)snprintf(line->text, sizeof(line->text), "qos %d%s", message->qos,
                   message->retain ? " retained" : "");
    const struct record_line *before = line;
    while (before > record->lines && before[-1].step == line->step) {
        before--;
        if (compare_places(before, line) != 0)
            continue;
        if (strcmp(before->payload, line->payload) == 0)
            line->age = before->age;
        return;
    }
}

void record_done(struct record *record)
{
    free(record->lines);
    memset(record, 0, sizeof(*record));
}

static int compare_lines(const void *a, const void *b)
{
    const struct record_line *one = a, *other = b;
    const int place = compare_places(one, other);
    if (place != 0)
        return place;
    if (one->age != other->age)
        return one->age < other->age ? -1 : 1;
    return strcmp(one->text, other->text);
}

static void print_place(const char *whose, const struct record *record,
                        const struct record_line *place)
{
    (void)printf("  %s:", whose);
    for (size_t i = 0; i < record->count; i++) {
        if (compare_places(&record->lines[i], place) == 0)
            (void)printf(" \"%s\" %s;", record->lines[i].payload, record->lines[i].text);
    }
    (void)printf("\n");
}

static void print_script(const struct script *script)
{
    (void)printf("the script of seed %" PRIu64 ": window %" PRId64 ", queue %" PRId64 "\n",
                 script->seed, script->in_flight_max, script->queue_max);
    for (size_t i = 0; i < SCRIPT_CLIENTS; i++) {
        const struct script_client *client = &script->clients[i];
        (void)printf("  %s, will \"%s\":", client->name, client->will_topic);
        for (size_t j = 0; j < client->filter_count; j++)
            (void)printf(" %s qos %d;", client->filters[j].filter, client->filters[j].qos);
        (void)printf("\n");
    }
}

static void print_difference(const struct script *script, const struct record *simulated,
                             const struct record *real, const struct record_line *place)
{
    char step[STEP_TEXT_SIZE];
    print_script(script);
    for (size_t i = 0; i <= place->step; i++) {
        script_describe(script, i, step, sizeof(step));
        (void)printf("  %s\n", step);
    }
    (void)printf("there %s saw for topic \"%s\"\n", script->clients[place->client].name,
                 place->topic);
    print_place("of mosquitto", real, place);
    print_place("simulated", simulated, place);
}

bool record_is_same(const struct script *script, struct record *simulated, struct record *real,
                    bool is_quiet)
{
    size_t at = 0;
    qsort(simulated->lines, simulated->count, sizeof(struct record_line), compare_lines);
    qsort(real->lines, real->count, sizeof(struct record_line), compare_lines);
    while (at < simulated->count && at < real->count &&
           compare_places(&simulated->lines[at], &real->lines[at]) == 0 &&
           strcmp(simulated->lines[at].payload, real->lines[at].payload) == 0 &&
           strcmp(simulated->lines[at].text, real->lines[at].text) == 0)
        at++;
    if (at == simulated->count && at == real->count)
        return true;
    if (is_quiet)
        return false;
    const struct record_line *place = at < simulated->count ? &simulated->lines[at]
                                                            : &real->lines[at];
    if (at < real->count && compare_places(&real->lines[at], place) < 0)
        place = &real->lines[at];
    print_difference(script, simulated, real, place);
    return false;
}
