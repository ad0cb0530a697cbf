/* Envelope to text. A JSON document that is printed without blanks holds no line break, as the
 * format wants it. See feed_text.h. */
#include "bridge/feed_text.h"

#include <cjson/cJSON.h>

#include "bridge/feed_position.h"
#include "kit/base/time.h"

static void add_member(struct kit_buf *out, const char *front, const char *text)
{
    kit_buf_add_text(out, front);
    kit_buf_add_json_string(out, text);
}

void feed_text_write(const struct msg_wire_event *event, enum feed_kind kind, int64_t seq,
                     struct kit_buf *out)
{
    char id[FEED_POSITION_SIZE], time[KIT_TIME_TEXT_SIZE];
    char *data = cJSON_PrintUnformatted(event->data.node);

    CHECK(data != NULL);
    feed_position_write(event->epoch, seq, id);
    kit_time_to_text(event->time_ms, time);
    kit_buf_add_text(out, "id: ");
    kit_buf_add_text(out, id);
    kit_buf_add_text(out, "\nevent: ");
    kit_buf_add_text(out, feed_kind_text(kind));
    kit_buf_add_text(out, "\ndata: {\"seq\":");
    kit_buf_add_int(out, seq);
    add_member(out, ",\"type\":", event->type);
    add_member(out, ",\"subject\":", event->subject);
    add_member(out, ",\"time\":", time);
    kit_buf_add_text(out, ",\"data\":");
    kit_buf_add_text(out, data);
    kit_buf_add_text(out, "}\n\n");
    cJSON_free(data);
}
