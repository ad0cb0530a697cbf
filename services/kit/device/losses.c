/* The last words of devices about what they lost, and their sums. See losses.h. */
#include "kit/device/losses.h"

#include "kit/base/check.h"
#include "kit/base/metric.h"

enum losses_query {
    Q_NOTE = 0,
    Q_SUM,
    Q_FORGET,
    Q_FIND,
    QUERY_COUNT,
};

/* A device may claim any number; more than a million of these have a sum. */
#define CLAIM_MAX INT64_C(1000000000000)

static const char *const QUERIES[QUERY_COUNT] = {
    [Q_NOTE] = "INSERT INTO device_loss (device, bounced, unreadable, overflowed)"
               " VALUES (?, ?, ?, ?)"
               " ON CONFLICT (device) DO UPDATE SET bounced = excluded.bounced,"
               "  unreadable = excluded.unreadable, overflowed = excluded.overflowed"
               " WHERE (bounced, unreadable, overflowed) <>"
               "  (excluded.bounced, excluded.unreadable, excluded.overflowed)",
    [Q_SUM] = "SELECT bounced, unreadable, overflowed FROM device_loss_sum",
    [Q_FORGET] = "DELETE FROM device_loss WHERE device = ?",
    [Q_FIND] = "SELECT bounced, unreadable, overflowed FROM device_loss WHERE device = ?",
};

static int read_sums(struct kit_losses *losses, struct kit_error *err)
{
    bool is_found = false;
    struct kit_query query = kit_query_start(&losses->statements, Q_SUM);
    int rc = kit_query_row(&query, &is_found, err);
    for (int i = 0; rc == KIT_OK && i < KIT_LOSS_COUNT; i++)
        losses->sums[i] = kit_query_next_int(&query);
    kit_query_end(&query);
    return rc;
}

int kit_losses_open(struct kit_losses *losses, struct kit_db *db, struct kit_error *err)
{
    int rc = kit_statements_prepare(&losses->statements, db, QUERIES, QUERY_COUNT, err);
    if (rc != KIT_OK)
        return rc;
    rc = read_sums(losses, err);
    if (rc != KIT_OK)
        kit_losses_close(losses);
    return rc;
}

void kit_losses_close(struct kit_losses *losses)
{
    kit_statements_done(&losses->statements);
}

static int64_t claim(int64_t told)
{
    return told < CLAIM_MAX ? told : CLAIM_MAX;
}

/* The sums are read back each time, not only when they have changed: so the next word of any device
 * corrects them after an item that was undone. */
int kit_losses_note(struct kit_losses *losses, const char *device, const struct msg_device_up *up,
                    struct kit_error *err)
{
    PRE(kit_db_in_tx(losses->statements.db));
    struct kit_query query = kit_query_start(&losses->statements, Q_NOTE);
    kit_query_text(&query, device);
    kit_query_int(&query, claim(up->bounced));
    kit_query_int(&query, claim(up->unreadable));
    kit_query_int(&query, claim(up->overflowed));
    int rc = kit_query_run(&query, NULL, err);
    if (rc != KIT_OK)
        return rc;
    return read_sums(losses, err);
}

int kit_losses_forget(struct kit_losses *losses, const char *device, struct kit_error *err)
{
    PRE(kit_db_in_tx(losses->statements.db));
    struct kit_query query = kit_query_start(&losses->statements, Q_FORGET);
    kit_query_text(&query, device);
    int rc = kit_query_run(&query, NULL, err);
    if (rc != KIT_OK)
        return rc;
    return read_sums(losses, err);
}

int kit_losses_fill(struct kit_losses *losses, const char *device, struct msg_device_health *ret,
                    struct kit_error *err)
{
    bool is_found = false;
    struct kit_query query = kit_query_start(&losses->statements, Q_FIND);
    kit_query_text(&query, device);
    int rc = kit_query_row(&query, &is_found, err);
    if (rc == KIT_OK && is_found) {
        ret->has_bounced = ret->has_unreadable = ret->has_overflowed = true;
        ret->bounced = kit_query_next_int(&query);
        ret->unreadable = kit_query_next_int(&query);
        ret->overflowed = kit_query_next_int(&query);
    }
    kit_query_end(&query);
    return rc;
}

void kit_losses_metrics(const struct kit_losses *losses, struct kit_buf *out)
{
    static const char *const LABELS[KIT_LOSS_COUNT] = {
        [KIT_LOSS_BOUNCED] = "reason=\"bounced\"",
        [KIT_LOSS_UNREADABLE] = "reason=\"unreadable\"",
        [KIT_LOSS_OVERFLOWED] = "reason=\"overflowed\"",
    };
    kit_metric_head(out, "device_reads_dropped", "gauge",
                    "Reads that the devices dropped since their flash was new, as they said last; "
                    "a locker that was removed is left out, a scanner is not.");
    for (int i = 0; i < KIT_LOSS_COUNT; i++)
        kit_metric_int(out, "device_reads_dropped", LABELS[i], losses->sums[i]);
}
