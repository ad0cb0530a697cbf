/* One label of a page. See station.h. */
#include "stock/handlers/station.h"

#include "kit/base/text.h"
#include "stock/domain/label.h"
#include "stock/work/scan.h"

#define TYPE_NOT_A_STATION "not-a-station"
#define TYPE_TOO_MANY_STATIONS "too-many-stations"

_Static_assert(sizeof(((struct msg_rpc_scan_request *)NULL)->station) <= SCANNER_NAME_SIZE,
               "a station's name fits");

/* A new one is there already: it goes with the savepoint when it is one too many. */
static int check_count(struct stock_app *app, struct kit_error *err)
{
    int64_t count = 0;
    int rc = station_store_count(&app->scanners, &count, err);
    if (rc != KIT_OK || count <= STATIONS_MAX)
        return rc;
    return kit_error_typed(err, KIT_E_REFUSED, TYPE_TOO_MANY_STATIONS,
                           "%d stations have scanned within a week, and more are not kept; scan at "
                           "one that is there.",
                           STATIONS_MAX);
}

static int load_station(struct stock_app *app, const char *name, struct scanner *ret_station,
                        struct kit_error *err)
{
    int rc = scanner_store_get(&app->scanners, name, ret_station, err);
    if (rc != KIT_OK)
        return rc;
    if (!scanner_is_station(ret_station))
        return kit_error_typed(err, KIT_E_REFUSED, TYPE_NOT_A_STATION,
                               "%s is a scanner and has its own session; name the station "
                               "otherwise, as in desk-1.",
                               name);
    return ret_station->health.scanned_ms == 0 ? check_count(app, err) : KIT_OK;
}

int stock_on_scan(struct stock_app *app, const struct msg_rpc_scan_request *in,
                  struct msg_rpc_verdict_response *out, struct kit_error *err)
{
    struct scanner station;
    int rc = load_station(app, in->station, &station, err);
    if (rc != KIT_OK)
        return rc;
    struct label label;
    label_read(in->label, &label);
    const struct scan_read read = { .label = { label.kind, label.value } };
    struct scan_verdict verdict;
    rc = scan_run(app, &station, &read, &verdict, err);
    if (rc != KIT_OK)
        return rc;
    out->verdict.result = verdict.result;
    out->verdict.signal = verdict.signal;
    kit_text_copy(out->verdict.prompt, sizeof(out->verdict.prompt), verdict.prompt);
    return scanner_store_save(&app->scanners, &station, err);
}

int station_forget_idle(struct stock_app *app, struct kit_error *err)
{
    const int64_t before_ms = kit_service_sure_ms(app->service) - STATION_IDLE_MS;
    int64_t station = 0;
    bool is_found = false;
    int rc = station_store_find_idle(&app->scanners, before_ms, &station, &is_found, err);
    if (rc != KIT_OK || !is_found)
        return rc;
    rc = scan_list_clear(&app->assets, station, err);
    if (rc != KIT_OK)
        return rc;
    return station_store_remove(&app->scanners, station, err);
}
