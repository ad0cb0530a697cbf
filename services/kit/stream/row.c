/* Cuts, checks and joins rows (row.h). Any thread. */
#include "kit/stream/row.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/crc.h"
#include "kit/base/text.h"
#include "kit/json/gate.h"
#include "kit/rpc/topic.h"
#include "msg/event_damaged.gen.h"
#include "msg/wire_event.gen.h"

#define DATA_BYTES_MAX 512

/* Our encoder writes the members in this order; none before "version" can hold a quote. The id
 * stands between the first two; epoch, sequence, actor and account before "version". */
static const char BEGIN[] = "{\"specversion\":\"1.0\",";
static const char SOURCE[] = "\"source\":";
static const char EPOCH[] = "\"epoch\":";
static const char VERSION[] = "\"version\":";

static void put(uint8_t *at, int64_t value)
{
    for (int i = 0; i < 8; i++)
        at[i] = (uint8_t)((uint64_t)value >> (56 - 8 * i));
}

uint32_t kit_row_checksum(const struct kit_row *row)
{
    uint8_t head[24];

    put(head, row->seq);
    put(head + 8, row->actor);
    put(head + 16, row->account);
    return kit_crc32(kit_crc32(0, head, sizeof(head)), row->text, row->size_bytes);
}

/* Where a member begins; NULL: nowhere. */
static const char *find(const char *text, size_t size_bytes, const char *member)
{
    return memmem(text, size_bytes, member, strlen(member));
}

void kit_row_cut(const struct kit_buf *envelope, struct kit_buf *out)
{
    const char *text = envelope->data, *end = text + envelope->size_bytes;
    const char *source = find(text, envelope->size_bytes, SOURCE);
    const char *epoch = find(text, envelope->size_bytes, EPOCH);
    const char *version = find(text, envelope->size_bytes, VERSION);

    PRE(source != NULL && epoch > source && version > epoch);
    kit_buf_add_text(out, BEGIN);
    kit_buf_add(out, source, (size_t)(epoch - source));
    kit_buf_add(out, version, (size_t)(end - version));
}

static void name(const struct kit_row_place *place, struct msg_wire_event *ret)
{
    char sequence[24];

    snprintf(ret->id, sizeof(ret->id), "%s:%s:%" PRId64, place->source, place->epoch, place->seq);
    kit_text_copy(ret->epoch, sizeof(ret->epoch), place->epoch);
    /* From 0.5 on with zeros in front, which 0.4 reads (schemas/topics.md, "Releases"). */
    snprintf(sequence, sizeof(sequence), "%" PRId64, place->seq);
    kit_text_copy(ret->sequence, sizeof(ret->sequence), sequence);
}

/* A number that the row has beside its text. */
static void put_number(struct kit_buf *out, const char *member, int64_t number)
{
    char text[48];

    if (number == 0)
        return;
    snprintf(text, sizeof(text), "\"%s\":%" PRId64 ",", member, number);
    kit_buf_add_text(out, text);
}

/* false: it is not as kit_row_cut() wrote it. */
static bool join(const struct kit_row *row, const struct kit_row_place *place, struct kit_buf *out)
{
    const size_t begin = strlen(BEGIN);
    const char *version = find(row->text, row->size_bytes, VERSION);
    struct msg_wire_event named;

    if (version == NULL || row->size_bytes < begin || memcmp(row->text, BEGIN, begin) != 0)
        return false;
    name(place, &named);
    kit_buf_add_text(out, BEGIN);
    kit_buf_add_text(out, "\"id\":\"");
    kit_buf_add_text(out, named.id);
    kit_buf_add_text(out, "\",");
    kit_buf_add(out, row->text + begin, (size_t)(version - row->text) - begin);
    kit_buf_add_text(out, EPOCH);
    kit_buf_add_char(out, '"');
    kit_buf_add_text(out, named.epoch);
    kit_buf_add_text(out, "\",\"sequence\":\"");
    kit_buf_add_text(out, named.sequence);
    kit_buf_add_text(out, "\",");
    put_number(out, "actor", row->actor);
    put_number(out, "account", row->account);
    kit_buf_add(out, version, (size_t)(row->text + row->size_bytes - version));
    return !out->overflow;
}

/* A row of before 0.4. false: it is no event of this source. */
static bool rewrite(const struct kit_row *row, const struct kit_row_place *place,
                    struct kit_buf *out)
{
    struct msg_wire_event event;
    cJSON *json = NULL;

    if (kit_json_parse(row->text, row->size_bytes, KIT_PAYLOAD_BYTES_MAX, &json, NULL) != KIT_OK)
        return false;
    const bool is_event = msg_wire_event_decode(json, &event, NULL) == KIT_OK &&
                          strcmp(event.source, place->source) == 0;
    if (is_event) {
        name(place, &event);
        msg_wire_event_encode(&event, out);
    }
    cJSON_Delete(json);
    return is_event && !out->overflow;
}

const char *kit_row_write(const struct kit_row *row, const struct kit_row_place *place,
                          bool may_lack_checksum, struct kit_buf *out)
{
    if (row->has_checksum && row->checksum != (int64_t)kit_row_checksum(row))
        return "its checksum does not agree";
    if (!row->has_checksum && !may_lack_checksum)
        return "its checksum is missing";
    if (!(row->has_checksum ? join : rewrite)(row, place, out))
        return "it is no event";
    return NULL;
}

void kit_row_write_damaged(const struct kit_row_place *place, const char *why, struct kit_buf *out)
{
    struct msg_event_damaged damaged;
    struct msg_wire_event event = { .version = 1 };
    struct kit_buf data;

    kit_text_copy(damaged.reason, sizeof(damaged.reason), why);
    kit_buf_init(&data, DATA_BYTES_MAX);
    msg_event_damaged_encode(&damaged, &data);
    name(place, &event);
    kit_text_copy(event.source, sizeof(event.source), place->source);
    kit_text_copy(event.type, sizeof(event.type), KIT_EVENT_DAMAGED);
    snprintf(event.subject, sizeof(event.subject), "event/%" PRId64, place->seq);
    event.data.text = data.data;
    event.data.size_bytes = data.size_bytes;
    msg_wire_event_encode(&event, out);
    kit_buf_done(&data);
}
