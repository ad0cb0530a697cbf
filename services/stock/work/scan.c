/* Look up, decide, carry out, or give up. See scan.h. */
#include "stock/work/scan.h"

#include "stock/work/scan_carry_out.h"

/* One scan, while it is handled. */
struct scan_work {
    struct stock_app *app;
    const struct scanner *scanner;
    const struct scan_read *read;
    struct scan_decision decision;
};

static int keep_verdict(struct scan_work *work, struct kit_error *err)
{
    if (work->read->seq == 0)
        return KIT_OK;
    return verdict_store_add(&work->app->scanners, work->scanner->id, work->read->seq,
                             &work->decision.verdict, err);
}

static int try_scan(void *context, struct kit_error *err)
{
    struct scan_work *work = context;
    const struct scanner *scanner = work->scanner;
    struct scan_found found;
    int rc = scan_look_up(work->app, scanner, &work->read->label, &found, err);
    if (rc != KIT_OK)
        return rc;
    scan_decide(&scanner->session, &found, kit_service_now_ms(work->app->service), &work->decision);
    rc = scan_carry_out(work->app, scanner, &found, &work->decision, err);
    if (rc != KIT_OK)
        return rc;
    return keep_verdict(work, err);
}

/* Will the same scan be handled when it comes again? One thread changes our rows: a conflict is not
 * about somebody else. */
static bool is_transient(int code)
{
    return kit_code_action(code) == KIT_ACTION_STOP ||
           (kit_code_action(code) == KIT_ACTION_RETRY && code != KIT_E_CONFLICT);
}

/* A record would come again for ever, and its scanner could do nothing else (rules 7.11). Out of a
 * check no command leads, so it ends. */
static int give_up_scan(struct scan_work *work, struct kit_error *err)
{
    struct scan_decision *decision = &work->decision;
    *decision = (struct scan_decision){ .after = work->scanner->session };
    if (decision->after.step == SCAN_STEP_CHECK)
        decision->after = (struct scan_session){ 0 };
    decision->verdict.result = SCAN_RESULT_NOT_ALLOWED;
    decision->verdict.signal = SCAN_SIGNAL_ERROR;
    scan_verdict_say(&decision->verdict, "Not possible: ask the office");
    work->app->scanner_totals.scans_failed++;
    return keep_verdict(work, err);
}

static void note_verdict(struct scanner_health *health, const struct scan_verdict *verdict,
                         int64_t now_ms)
{
    health->scans++;
    health->refused += verdict->result == SCAN_RESULT_ACCEPTED ? 0 : 1;
    health->scanned_ms = now_ms;
    health->last = *verdict;
}

int scan_run(struct stock_app *app, struct scanner *scanner, const struct scan_read *read,
             struct scan_verdict *ret_verdict, struct kit_error *err)
{
    struct scan_work work = { .app = app, .scanner = scanner, .read = read };
    int rc = kit_service_attempt(app->service, try_scan, &work, err);
    const bool is_given_up = rc != KIT_OK && !is_transient(rc);
    if (is_given_up)
        rc = give_up_scan(&work, err);
    if (rc != KIT_OK)
        return rc;
    scanner->session = work.decision.after;
    scanner->health.failed += is_given_up ? 1 : 0;
    note_verdict(&scanner->health, &work.decision.verdict, kit_service_now_ms(app->service));
    app->scanner_totals.scans[work.decision.verdict.result]++;
    *ret_verdict = work.decision.verdict;
    return KIT_OK;
}
