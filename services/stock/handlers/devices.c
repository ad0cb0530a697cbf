/* From what is kept of a scanner to the message. See devices.h. */
#include "stock/handlers/devices.h"

#include "kit/base/text.h"

/* The flows are told by their stored numbers. */
_Static_assert((int)HEALTH_WORK_RECEIVE == (int)SCAN_RECEIVE, "the first flow");
_Static_assert((int)HEALTH_WORK_RETURN == (int)SCAN_RETURN, "the order is the same");
_Static_assert((int)HEALTH_WORK_COUNT == (int)SCAN_COUNT, "the last flow");

static void fill_session(const struct scan_session *session, struct msg_device_health *ret)
{
    ret->has_doing = session->flow != SCAN_IDLE;
    if (ret->has_doing)
        ret->doing = (enum health_work)session->flow;
    ret->has_rental_id = session->order.v != 0;
    ret->rental_id = session->order;
    ret->has_tote = session->tote[0] != '\0';
    kit_text_copy(ret->tote, sizeof(ret->tote), session->tote);
    ret->has_bin = session->bin[0] != '\0';
    kit_text_copy(ret->bin, sizeof(ret->bin), session->bin);
}

static void fill_scans(const struct scanner_health *health, struct msg_device_health *ret)
{
    const bool has_verdict = health->last.prompt[0] != '\0';
    ret->has_scans = ret->has_refused = ret->has_failed = true;
    ret->scans = health->scans;
    ret->refused = health->refused;
    ret->failed = health->failed;
    ret->has_scanned_at = health->scanned_ms > 0;
    ret->scanned_at_ms = health->scanned_ms;
    ret->has_result = ret->has_signal = ret->has_prompt = has_verdict;
    if (!has_verdict)
        return;
    ret->result = health->last.result;
    ret->signal = health->last.signal;
    kit_text_copy(ret->prompt, sizeof(ret->prompt), health->last.prompt);
}

/* A page is heard of when it scans, and has no more to tell. */
static int fill_link(struct stock_app *app, const struct scanner *scanner,
                     struct msg_device_health *ret, struct kit_error *err)
{
    if (ret->kind == HEALTH_KIND_STATION) {
        ret->has_heard_at = ret->has_scanned_at;
        ret->heard_at_ms = ret->scanned_at_ms;
        return KIT_OK;
    }
    ret->has_status = true;
    ret->status = kit_log_is_there(&scanner->log) ? HEALTH_STATUS_ONLINE : HEALTH_STATUS_OFFLINE;
    return kit_device_logs_fill(&app->logs, &scanner->log, ret, err);
}

static int fill(struct stock_app *app, const struct scanner *scanner, struct msg_device_health *ret,
                struct kit_error *err)
{
    *ret = (struct msg_device_health){
        .kind = scanner_is_station(scanner) ? HEALTH_KIND_STATION : HEALTH_KIND_SCANNER,
    };
    kit_text_copy(ret->device, sizeof(ret->device), scanner->name);
    fill_session(&scanner->session, ret);
    fill_scans(&scanner->health, ret);
    return fill_link(app, scanner, ret, err);
}

int stock_on_device_get(struct stock_app *app, const struct msg_rpc_locker_get_request *in,
                        struct msg_rpc_device_response *out, struct kit_error *err)
{
    struct scanner scanner;
    bool is_found = false;
    int rc = scanner_store_find(&app->scanners, in->device, &scanner, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_found)
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "There is no scanner or station %s; one makes itself known when it "
                             "connects, or scans.",
                             in->device);
    return fill(app, &scanner, &out->device_health, err);
}

int stock_on_device_list(struct stock_app *app, const struct msg_rpc_list_request *in,
                         struct msg_rpc_device_list_response *out, struct kit_error *err)
{
    struct kit_page page = { .number = in->page, .size = in->size };
    struct scanner *scanners = kit_arena_take(kit_service_arena(app->service),
                                              (size_t)in->size * sizeof(*scanners));
    int rc = scanner_store_list(&app->scanners, &page, scanners, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "listing scanners");
    out->total = page.total;
    out->items_count = page.count;
    for (size_t i = 0; i < page.count; i++) { /* at most in->size, which is at most 100 */
        rc = fill(app, &scanners[i], &out->items[i].device_health, err);
        if (rc != KIT_OK)
            return kit_error_wrap(err, rc, "listing scanners");
    }
    return KIT_OK;
}
