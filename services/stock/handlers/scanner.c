/* One message of a scanner is one work item and one acknowledgement. See scanners.h. */
#include "stock/handlers/scanner.h"

#include <inttypes.h>
#include <string.h>

#include "kit/base/text.h"
#include "msg/device_ack.gen.h"
#include "msg/device_state.gen.h"
#include "msg/device_up.gen.h"
#include "stock/work/scan_carry_out.h"
#include "stock/work/scan_look_up.h"

#define KIND "scanner"

_Static_assert(sizeof(((struct msg_device_up *)NULL)->epoch) == SCANNER_EPOCH_SIZE,
               "an epoch fits");
_Static_assert(sizeof(((struct msg_device_verdict *)NULL)->prompt) == SCAN_PROMPT_SIZE,
               "a prompt fits");

/* ---- the log of a scanner (rules/devices.md 1.5) ---- */

/* Records come in the order of the log, none before what the device says it still holds. */
static int order_check(const struct msg_device_up *up, struct kit_error *err)
{
    int64_t last = up->first_seq - 1;
    for (size_t i = 0; i < up->records_count; i++) {
        if (up->records[i].seq <= last)
            return kit_error_at(err, KIT_E_INVALID, "/records",
                                "record %" PRId64 " comes after %" PRId64, up->records[i].seq,
                                last);
        last = up->records[i].seq;
    }
    return KIT_OK;
}

/* Under way since before its new log; unless the scanner is connected with that very log: a spare
 * stood in for a while, or its flash was restored (rules/devices.md 1.5). */
static bool epoch_is_stale(const struct scanner *scanner, const struct msg_device_up *up)
{
    return strcmp(scanner->epoch_before, up->epoch) == 0 &&
           strcmp(scanner->online_epoch, up->epoch) != 0;
}

/* A new log begins anew at its firstSeq, the one before it where it was left: what it still holds
 * of before has no second effect. Verdicts have other numbers, and the session is another one:
 * whoever holds the scanner begins with a command. */
static int epoch_begin(struct stock_app *app, struct scanner *scanner,
                       const struct msg_device_up *up, struct kit_error *err)
{
    const bool is_back = strcmp(scanner->epoch_before, up->epoch) == 0;
    const int64_t stored = is_back ? scanner->seq_before : 0;
    memcpy(scanner->epoch_before, scanner->epoch, sizeof(scanner->epoch_before));
    scanner->seq_before = scanner->seq;
    memcpy(scanner->epoch, up->epoch, sizeof(scanner->epoch));
    scanner->seq = up->first_seq - 1 > stored ? up->first_seq - 1 : stored;
    app->record_gaps += is_back && scanner->seq > stored ? 1 : 0;
    scanner->first_seq = up->first_seq;
    scanner->session = (struct scan_session){ 0 };
    int rc = verdict_store_forget(&app->scanners, scanner->id, INT64_MAX, err);
    return rc == KIT_OK ? scan_list_clear(&app->assets, scanner->id, err) : rc;
}

static int log_advance(struct stock_app *app, struct scanner *scanner,
                       const struct msg_device_up *up, struct kit_error *err)
{
    if (strcmp(scanner->epoch, up->epoch) != 0)
        return epoch_begin(app, scanner, up, err);
    if (up->first_seq > scanner->seq + 1) { /* it has freed records that we do not have */
        app->record_gaps++;
        scanner->seq = up->first_seq - 1;
    }
    if (up->first_seq <= scanner->first_seq)
        return KIT_OK;
    scanner->first_seq = up->first_seq;
    return verdict_store_forget(&app->scanners, scanner->id, up->first_seq, err);
}

/* ---- one record ---- */

static void verdict_tell(struct msg_device_ack *ack, int64_t seq,
                         const struct scan_verdict *verdict)
{
    CHECK(ack->verdicts_count < KIT_COUNT(ack->verdicts));
    struct msg_device_verdict *told = &ack->verdicts[ack->verdicts_count++];
    told->seq = seq;
    told->result = verdict->result;
    told->signal = verdict->signal;
    memcpy(told->prompt, verdict->prompt, sizeof(told->prompt));
}

/* It was stored before: the same verdict, and no second effect. */
static int record_again(struct stock_app *app, const struct scanner *scanner, int64_t seq,
                        struct msg_device_ack *ack, struct kit_error *err)
{
    struct scan_verdict verdict;
    bool is_found = false;
    app->records_redelivered++;
    int rc = verdict_store_find(&app->scanners, scanner->id, seq, &verdict, &is_found, err);
    if (rc == KIT_OK && is_found)
        verdict_tell(ack, seq, &verdict);
    return rc;
}

/* One scan, while it is handled. */
struct scan_work {
    struct stock_app *app;
    const struct scanner *scanner;
    const struct msg_device_record *record;
    struct scan_decision decision;
};

static int scan_run(void *context, struct kit_error *err)
{
    struct scan_work *work = context;
    const struct msg_device_record *record = work->record;
    const struct scanner *scanner = work->scanner;
    const struct scan_label label = {
        .kind = record->has_label ? record->label : LABEL_KIND_TEXT,
        .value = record->has_value ? record->value : "",
    };
    struct scan_found found;
    int rc = scan_look(work->app, scanner, &label, &found, err);
    if (rc != KIT_OK)
        return rc;
    scan_decide(&scanner->session, &found, kit_service_now_ms(work->app->service), &work->decision);
    rc = scan_carry_out(work->app, scanner, &found, &work->decision, err);
    return rc == KIT_OK ? verdict_store_add(&work->app->scanners, scanner->id, record->seq,
                                            &work->decision.verdict, err)
                        : rc;
}

/* Will the same record be handled when the scanner sends it again? One thread changes our rows: a
 * conflict is not about somebody else. */
static bool is_transient(int code)
{
    return kit_code_action(code) == KIT_ACTION_STOP ||
           (kit_code_action(code) == KIT_ACTION_RETRY && code != KIT_E_CONFLICT);
}

/* The record would come again for ever, and the scanner could do nothing else (rules 7.11). Out of
 * a check no command leads, so it ends. */
static int scan_give_up(struct scan_work *work, struct kit_error *err)
{
    struct scan_decision *decision = &work->decision;
    *decision = (struct scan_decision){ .after = work->scanner->session };
    if (decision->after.step == SCAN_STEP_CHECK)
        decision->after = (struct scan_session){ 0 };
    decision->verdict.result = SCAN_RESULT_NOT_ALLOWED;
    decision->verdict.signal = SCAN_SIGNAL_ERROR;
    scan_verdict_say(&decision->verdict, "Not possible: ask the office");
    work->app->scans_failed++;
    return verdict_store_add(&work->app->scanners, work->scanner->id, work->record->seq,
                             &decision->verdict, err);
}

static int scan_handle(struct stock_app *app, struct scanner *scanner,
                       const struct msg_device_record *record, struct msg_device_ack *ack,
                       struct kit_error *err)
{
    struct scan_work work = { .app = app, .scanner = scanner, .record = record };
    int rc = kit_service_attempt(app->service, scan_run, &work, err);
    if (rc != KIT_OK && !is_transient(rc))
        rc = scan_give_up(&work, err);
    if (rc != KIT_OK)
        return rc;
    scanner->session = work.decision.after;
    app->scans[work.decision.verdict.result]++;
    verdict_tell(ack, record->seq, &work.decision.verdict);
    return KIT_OK;
}

static int record_handle(struct stock_app *app, struct scanner *scanner,
                         const struct msg_device_record *record, struct msg_device_ack *ack,
                         struct kit_error *err)
{
    if (record->seq <= scanner->seq)
        return record_again(app, scanner, record->seq, ack, err);
    if (record->seq > scanner->seq + 1)
        app->record_gaps++; /* flash lost what was between */
    int rc = KIT_OK;
    if (record->kind == DEVICE_RECORD_KIND_SCAN)
        rc = scan_handle(app, scanner, record, ack, err);
    if (rc == KIT_OK) /* what is no scan is stored by being counted: nothing follows from it */
        scanner->seq = record->seq;
    return rc;
}

static int ack_send(struct stock_app *app, const struct scanner *scanner,
                    const struct msg_device_ack *ack, struct kit_error *err)
{
    struct kit_buf *payload = kit_service_scratch(app->service);
    msg_device_ack_encode(ack, payload);
    const struct kit_device_send send = {
        .kind = KIND,
        .device = scanner->name,
        .leaf = "ack",
        .payload = payload,
    };
    return kit_service_send(app->service, &send, err);
}

/* Silence may have ended what the latest `online` said. */
static void heard(struct stock_app *app, struct scanner *scanner, const char *epoch)
{
    scanner->heard_ms = kit_service_now_ms(app->service);
    if (scanner->is_online || strcmp(scanner->online_epoch, epoch) != 0)
        return;
    scanner->is_online = true;
    app->scanners_online++;
}

int stock_on_scanner_up(void *context, const struct kit_device_message *message,
                        struct kit_error *err)
{
    struct stock_app *app = context;
    struct msg_device_up up;
    struct scanner scanner;
    int rc = msg_device_up_decode(message->body, &up, err);
    if (rc == KIT_OK)
        rc = order_check(&up, err);
    if (rc == KIT_OK)
        rc = scanner_store_get(&app->scanners, message->device, &scanner, err);
    if (rc != KIT_OK)
        return rc;
    if (epoch_is_stale(&scanner, &up)) {
        app->epochs_stale++;
        return KIT_OK;
    }

    heard(app, &scanner, up.epoch);
    struct msg_device_ack ack = { .now = kit_service_now_ms(app->service) };
    memcpy(ack.epoch, up.epoch, sizeof(ack.epoch));
    rc = log_advance(app, &scanner, &up, err);
    for (size_t i = 0; rc == KIT_OK && i < up.records_count; i++)
        rc = record_handle(app, &scanner, &up.records[i], &ack, err);
    /* No further than what it sent; a hello asks how far we are (rules/devices.md 1.3). */
    ack.seq = up.records_count > 0 ? up.records[up.records_count - 1].seq : up.first_seq - 1;
    ack.has_stored = up.records_count == 0;
    ack.stored = ack.has_stored ? scanner.seq : 0;
    if (rc == KIT_OK)
        rc = scanner_store_save(&app->scanners, &scanner, err);
    if (rc == KIT_OK)
        rc = kit_losses_note(&app->losses, scanner.name, &up, err);
    return rc == KIT_OK ? ack_send(app, &scanner, &ack, err) : rc;
}

/* ---- is it there? (rules/devices.md 1.8) ---- */

/* false: an `offline` of a connection before the latest. */
static bool state_apply(struct scanner *scanner, const struct msg_device_state *state)
{
    if (state->status == DEVICE_STATUS_ONLINE) {
        scanner->is_online = true;
        memcpy(scanner->online_epoch, state->epoch, sizeof(scanner->online_epoch));
        scanner->online_boot = state->boot;
        return true;
    }
    if (strcmp(scanner->online_epoch, state->epoch) != 0 || scanner->online_boot != state->boot)
        return false;
    scanner->is_online = false;
    return true;
}

int stock_on_scanner_state(void *context, const struct kit_device_message *message,
                           struct kit_error *err)
{
    struct stock_app *app = context;
    struct msg_device_state state;
    struct scanner scanner;
    int rc = msg_device_state_decode(message->body, &state, err);
    if (rc != KIT_OK)
        return rc;
    if (state.kind != DEVICE_KIND_SCANNER)
        return kit_error_at(err, KIT_E_INVALID, "/kind", "it says that it is no scanner");
    rc = scanner_store_get(&app->scanners, message->device, &scanner, err);
    if (rc != KIT_OK)
        return rc;
    const bool was_online = scanner.is_online;
    scanner.heard_ms = kit_service_now_ms(app->service);
    if (!state_apply(&scanner, &state))
        return KIT_OK;
    rc = scanner_store_save(&app->scanners, &scanner, err);
    if (rc == KIT_OK)
        app->scanners_online += (scanner.is_online ? 1 : 0) - (was_online ? 1 : 0);
    return rc;
}

int stock_on_timer(void *context, struct kit_error *err)
{
    struct stock_app *app = context;
    const int64_t since_ms = kit_service_now_ms(app->service) - SCANNER_SILENT_MS;
    int rc = scanner_store_end_silent(&app->scanners, since_ms, err);
    return rc == KIT_OK ? scanner_store_count_online(&app->scanners, &app->scanners_online, err)
                        : rc;
}
