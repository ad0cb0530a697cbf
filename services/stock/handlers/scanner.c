/* What becomes of the records of scanners. See scanner.h. */
#include "stock/handlers/scanner.h"

#include "kit/base/text.h"
#include "stock/handlers/station.h"
#include "stock/work/scan.h"

_Static_assert(sizeof(((struct msg_device_verdict *)NULL)->prompt) == SCAN_PROMPT_SIZE,
               "a prompt fits");

/* One that connects, or sends records, is added; a will adds nobody. */
static int admit(void *app_pointer, const char *device, const struct msg_device_state *state,
                 struct kit_error *err)
{
    struct stock_app *app = app_pointer;
    struct scanner scanner;
    if (state != NULL && state->status != DEVICE_STATUS_ONLINE)
        return KIT_OK;
    return scanner_store_get(&app->scanners, device, &scanner, err);
}

/* Verdicts have other numbers, and the session is another one: whoever holds the scanner begins
 * with a command. */
static int begin_log(struct stock_app *app, struct scanner *scanner, struct kit_error *err)
{
    scanner->session = (struct scan_session){ 0 };
    int rc = verdict_store_forget(&app->scanners, scanner->id, INT64_MAX, err);
    if (rc != KIT_OK)
        return rc;
    return scan_list_clear(&app->assets, scanner->id, err);
}

static int begin(void *app_pointer, struct kit_device_turn *turn, struct kit_error *err)
{
    struct stock_app *app = app_pointer;
    struct scanner *scanner = kit_arena_take(kit_service_arena(app->service), sizeof(*scanner));
    const int64_t first_seq = turn->up->first_seq;
    int rc = scanner_store_get(&app->scanners, turn->device, scanner, err);
    if (rc != KIT_OK)
        return rc;
    turn->work = scanner;
    const bool is_released = first_seq > scanner->first_seq;
    if (is_released || turn->is_new_log)
        scanner->first_seq = first_seq;
    if (turn->is_new_log)
        return begin_log(app, scanner, err);
    return is_released ? verdict_store_forget(&app->scanners, scanner->id, first_seq, err) : KIT_OK;
}

static void add_verdict(struct msg_device_ack *ack, int64_t seq, const struct scan_verdict *verdict)
{
    CHECK(ack->verdicts_count < KIT_COUNT(ack->verdicts));
    struct msg_device_verdict *told = &ack->verdicts[ack->verdicts_count++];
    told->seq = seq;
    told->result = verdict->result;
    told->signal = verdict->signal;
    kit_text_copy(told->prompt, sizeof(told->prompt), verdict->prompt);
}

/* The same verdict, and no second effect. */
static int on_again(void *app_pointer, struct kit_device_turn *turn, int64_t seq,
                    struct kit_error *err)
{
    struct stock_app *app = app_pointer;
    const struct scanner *scanner = turn->work;
    const struct verdict_id id = { scanner->id, seq };
    struct scan_verdict verdict;
    bool is_found = false;
    int rc = verdict_store_find(&app->scanners, &id, &verdict, &is_found, err);
    if (rc == KIT_OK && is_found)
        add_verdict(&turn->ack, seq, &verdict);
    return rc;
}

/* What is no scan is stored by being counted: nothing follows. */
static int on_record(void *app_pointer, struct kit_device_turn *turn,
                     const struct msg_device_record *record, struct kit_error *err)
{
    const struct scan_read read = {
        .label = { .kind = record->has_label ? record->label : LABEL_KIND_TEXT,
                   .value = record->has_value ? record->value : "" },
        .seq = record->seq,
    };
    struct scan_verdict verdict;
    if (record->kind != DEVICE_RECORD_KIND_SCAN)
        return KIT_OK;
    int rc = scan_run(app_pointer, turn->work, &read, &verdict, err);
    if (rc != KIT_OK)
        return rc;
    add_verdict(&turn->ack, record->seq, &verdict);
    return KIT_OK;
}

static int end(void *app_pointer, struct kit_device_turn *turn, struct kit_error *err)
{
    struct stock_app *app = app_pointer;
    return scanner_store_save(&app->scanners, turn->work, err);
}

const struct kit_device_owner stock_scanners = {
    .kind = DEVICE_KIND_SCANNER,
    .admit = admit,
    .begin = begin,
    .on_record = on_record,
    .on_again = on_again,
    .end = end,
    .on_online = NULL, /* it is told nothing */
};

int stock_on_timer(void *app_pointer, struct kit_error *err)
{
    struct stock_app *app = app_pointer;
    int rc = kit_device_logs_end_silent(&app->logs, SCANNER_SILENT_MS, err);
    if (rc != KIT_OK)
        return rc;
    return station_forget_idle(app, err);
}
