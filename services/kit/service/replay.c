/* replay: the one method that every source has. Loop thread. */
#include "kit/base/text.h"
#include "kit/service/internal.h"
#include "msg/rpc_replay_request.gen.h"
#include "msg/rpc_replay_response.gen.h"

#define REPLAY_BYTES_MAX (200 * 1024)
_Static_assert(REPLAY_BYTES_MAX + KIT_ENVELOPE_BYTES_MAX <= KIT_PAYLOAD_BYTES_MAX,
               "a page of the log fits into the scratch");

/* The events of the page lie in the scratch until the answer is encoded. */
static int replay(struct kit_service *service, const struct kit_rpc_exchange *exchange,
                  struct kit_error *err)
{
    const struct msg_rpc_replay_request *request = exchange->in;
    struct msg_rpc_replay_response *response = exchange->out;
    struct kit_buf *events = &service->scratch;
    int64_t last = 0;

    const struct kit_log_page page = {
        .after = request->after,
        .until = service->publisher.committed_seq, /* what may be undone yet was never said */
        .limit = request->limit,
        .bytes_max = REPLAY_BYTES_MAX,
        .out = events,
    };
    kit_buf_reset(events);
    int rc = kit_event_log_read(&service->log, &page, &last, err);
    if (rc != KIT_OK)
        return rc;
    response->head = service->publisher.committed_seq;
    response->events.text = events->data;
    response->events.size_bytes = events->size_bytes;
    kit_text_copy(response->epoch, sizeof(response->epoch), service->log.epoch);
    return KIT_OK;
}

const struct kit_method replay_method = {
    .row = { .name = "replay",
             .kind = KIT_RPC_READ,
             .in = &msg_rpc_replay_request_shape,
             .out = &msg_rpc_replay_response_shape },
    .run = replay,
};
