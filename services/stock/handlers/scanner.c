/* One message of a scanner is one work item and one acknowledgement. See scanner.h. */
#include "stock/handlers/scanner.h"

#include <inttypes.h>
#include <string.h>

#include "kit/base/text.h"
#include "msg/device_ack.gen.h"
#include "stock/handlers/station.h"
#include "stock/work/scan.h"

_Static_assert(sizeof(((struct msg_device_up *)NULL)->epoch) == SCANNER_EPOCH_SIZE,
               "an epoch fits");
_Static_assert(sizeof(((struct msg_device_verdict *)NULL)->prompt) == SCAN_PROMPT_SIZE,
               "a prompt fits");

/* Records that never came; a scanner may claim any seq, again and again. */
static void count_missing(struct scanner *scanner, int64_t count)
{
    int64_t *missing = &scanner->health.missing;
    *missing = count > SCANNER_MISSING_MAX - *missing ? SCANNER_MISSING_MAX : *missing + count;
}

/* ---- the log of a scanner (rules/devices.md 1.5) ---- */

/* Records come in the order of the log, none before what the device says it still holds. */
static int check_order(const struct msg_device_up *up, struct kit_error *err)
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
static bool is_epoch_stale(const struct scanner *scanner, const struct msg_device_up *up)
{
    return strcmp(scanner->epoch_before, up->epoch) == 0 &&
           strcmp(scanner->online_epoch, up->epoch) != 0;
}

/* A new log begins at its firstSeq, the one before it where it was left: what it still holds
 * of before has no second effect. Verdicts have other numbers, and the session is another one:
 * whoever holds the scanner begins with a command. */
static int begin_epoch(struct stock_app *app, struct scanner *scanner,
                       const struct msg_device_up *up, struct kit_error *err)
{
    const bool is_back = strcmp(scanner->epoch_before, up->epoch) == 0;
    const int64_t stored = is_back ? scanner->seq_before : 0;
    kit_text_copy(scanner->epoch_before, sizeof(scanner->epoch_before), scanner->epoch);
    scanner->seq_before = scanner->seq;
    kit_text_copy(scanner->epoch, sizeof(scanner->epoch), up->epoch);
    scanner->seq = up->first_seq - 1 > stored ? up->first_seq - 1 : stored;
    app->scanner_totals.record_gaps += is_back && scanner->seq > stored ? 1 : 0;
    if (is_back)
        count_missing(scanner, scanner->seq - stored);
    scanner->first_seq = up->first_seq;
    scanner->session = (struct scan_session){ 0 };
    int rc = verdict_store_forget(&app->scanners, scanner->id, INT64_MAX, err);
    if (rc != KIT_OK)
        return rc;
    return scan_list_clear(&app->assets, scanner->id, err);
}

static int advance_log(struct stock_app *app, struct scanner *scanner,
                       const struct msg_device_up *up, struct kit_error *err)
{
    if (strcmp(scanner->epoch, up->epoch) != 0)
        return begin_epoch(app, scanner, up, err);
    if (up->first_seq > scanner->seq + 1) { /* it has freed records that we do not have */
        app->scanner_totals.record_gaps++;
        count_missing(scanner, up->first_seq - 1 - scanner->seq);
        scanner->seq = up->first_seq - 1;
    }
    if (up->first_seq <= scanner->first_seq)
        return KIT_OK;
    scanner->first_seq = up->first_seq;
    return verdict_store_forget(&app->scanners, scanner->id, up->first_seq, err);
}

/* ---- one record ---- */

static void add_verdict(struct msg_device_ack *ack, int64_t seq, const struct scan_verdict *verdict)
{
    CHECK(ack->verdicts_count < KIT_COUNT(ack->verdicts));
    struct msg_device_verdict *told = &ack->verdicts[ack->verdicts_count++];
    told->seq = seq;
    told->result = verdict->result;
    told->signal = verdict->signal;
    kit_text_copy(told->prompt, sizeof(told->prompt), verdict->prompt);
}

/* A record that was stored before has the same verdict, and no second effect. */
static int answer_again(struct stock_app *app, const struct scanner *scanner, int64_t seq,
                        struct msg_device_ack *ack, struct kit_error *err)
{
    const struct verdict_id id = { scanner->id, seq };
    struct scan_verdict verdict;
    bool is_found = false;
    app->scanner_totals.records_redelivered++;
    int rc = verdict_store_find(&app->scanners, &id, &verdict, &is_found, err);
    if (rc == KIT_OK && is_found)
        add_verdict(ack, seq, &verdict);
    return rc;
}

static int handle_scan(struct stock_app *app, struct scanner *scanner,
                       const struct msg_device_record *record, struct msg_device_ack *ack,
                       struct kit_error *err)
{
    const struct scan_read read = {
        .label = { .kind = record->has_label ? record->label : LABEL_KIND_TEXT,
                   .value = record->has_value ? record->value : "" },
        .seq = record->seq,
    };
    struct scan_verdict verdict;
    int rc = scan_run(app, scanner, &read, &verdict, err);
    if (rc != KIT_OK)
        return rc;
    add_verdict(ack, record->seq, &verdict);
    return KIT_OK;
}

static int handle_record(struct stock_app *app, struct scanner *scanner,
                         const struct msg_device_record *record, struct msg_device_ack *ack,
                         struct kit_error *err)
{
    if (record->seq <= scanner->seq)
        return answer_again(app, scanner, record->seq, ack, err);
    if (record->seq > scanner->seq + 1)
        app->scanner_totals.record_gaps++; /* flash lost what was between */
    count_missing(scanner, record->seq - scanner->seq - 1);
    if (record->kind == DEVICE_RECORD_KIND_SCAN) {
        int rc = handle_scan(app, scanner, record, ack, err);
        if (rc != KIT_OK)
            return rc;
    }
    scanner->seq = record->seq; /* what is no scan is stored by being counted: nothing follows */
    return KIT_OK;
}

static int send_ack(struct stock_app *app, const struct scanner *scanner,
                    const struct msg_device_ack *ack, struct kit_error *err)
{
    const struct kit_device_send send = {
        .kind = "scanner",
        .device = scanner->name,
        .leaf = "ack",
        .body = KIT_BODY(device_ack, ack),
    };
    return kit_service_send(app->service, &send, err);
}

/* Silence may have ended what the latest `online` said. */
static void note_heard(struct stock_app *app, struct scanner *scanner, const char *epoch)
{
    scanner->heard_ms = kit_service_now_ms(app->service);
    if (scanner->is_online || strcmp(scanner->online_epoch, epoch) != 0)
        return;
    scanner->is_online = true;
    scanner->health.since_ms = scanner->heard_ms;
    app->scanner_totals.online++;
}

static int handle_records(struct stock_app *app, struct scanner *scanner,
                          const struct msg_device_up *up, struct msg_device_ack *ret_ack,
                          struct kit_error *err)
{
    for (size_t i = 0; i < up->records_count; i++) {
        int rc = handle_record(app, scanner, &up->records[i], ret_ack, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

/* No further than what it sent; a hello asks how far we are (rules/devices.md 1.3). */
static void fill_ack(const struct scanner *scanner, const struct msg_device_up *up,
                     struct msg_device_ack *ret_ack)
{
    ret_ack->seq = up->records_count > 0 ? up->records[up->records_count - 1].seq
                                         : up->first_seq - 1;
    ret_ack->has_stored = up->records_count == 0;
    ret_ack->stored = ret_ack->has_stored ? scanner->seq : 0;
}

int stock_on_scanner_up(struct stock_app *app, const char *device, const struct msg_device_up *up,
                        struct kit_error *err)
{
    struct scanner scanner;
    int rc = check_order(up, err);
    if (rc != KIT_OK)
        return rc;
    rc = scanner_store_get(&app->scanners, device, &scanner, err);
    if (rc != KIT_OK)
        return rc;
    if (is_epoch_stale(&scanner, up)) {
        app->scanner_totals.epochs_stale++;
        return KIT_OK;
    }

    note_heard(app, &scanner, up->epoch);
    struct msg_device_ack ack = { .now = kit_service_now_ms(app->service) };
    kit_text_copy(ack.epoch, sizeof(ack.epoch), up->epoch);
    rc = advance_log(app, &scanner, up, err);
    if (rc != KIT_OK)
        return rc;
    rc = handle_records(app, &scanner, up, &ack, err);
    if (rc != KIT_OK)
        return rc;
    rc = scanner_store_save(&app->scanners, &scanner, err);
    if (rc != KIT_OK)
        return rc;
    rc = kit_losses_note(&app->losses, scanner.name, up, err);
    if (rc != KIT_OK)
        return rc;
    fill_ack(&scanner, up, &ack);
    return send_ack(app, &scanner, &ack, err);
}

/* ---- is it there? (rules/devices.md 1.8) ---- */

/* false: an `offline` of a connection before the latest. */
static bool apply_state(struct scanner *scanner, const struct msg_device_state *state)
{
    if (state->status == DEVICE_STATUS_ONLINE) {
        scanner->is_online = true;
        kit_text_copy(scanner->online_epoch, sizeof(scanner->online_epoch), state->epoch);
        scanner->online_boot = state->boot;
        return true;
    }
    if (strcmp(scanner->online_epoch, state->epoch) != 0 || scanner->online_boot != state->boot)
        return false;
    scanner->is_online = false;
    return true;
}

int stock_on_scanner_state(struct stock_app *app, const char *device,
                           const struct msg_device_state *state, struct kit_error *err)
{
    struct scanner scanner;
    if (state->kind != DEVICE_KIND_SCANNER)
        return kit_error_at(err, KIT_E_INVALID, "/kind", "it says that it is no scanner");
    int rc = scanner_store_get(&app->scanners, device, &scanner, err);
    if (rc != KIT_OK)
        return rc;
    const bool was_online = scanner.is_online;
    scanner.heard_ms = kit_service_now_ms(app->service);
    if (!apply_state(&scanner, state))
        return KIT_OK;
    if (scanner.is_online != was_online)
        scanner.health.since_ms = scanner.heard_ms;
    kit_text_copy(scanner.health.firmware, sizeof(scanner.health.firmware), state->firmware);
    rc = scanner_store_save(&app->scanners, &scanner, err);
    if (rc != KIT_OK)
        return rc;
    app->scanner_totals.online += (scanner.is_online ? 1 : 0) - (was_online ? 1 : 0);
    return KIT_OK;
}

int stock_on_timer(void *app_pointer, struct kit_error *err)
{
    struct stock_app *app = app_pointer;
    const int64_t since_ms = kit_service_now_ms(app->service) - SCANNER_SILENT_MS;
    int rc = scanner_store_end_silent(&app->scanners, since_ms, err);
    if (rc != KIT_OK)
        return rc;
    rc = station_forget_idle(app, err);
    if (rc != KIT_OK)
        return rc;
    return scanner_store_count_online(&app->scanners, &app->scanner_totals.online, err);
}
