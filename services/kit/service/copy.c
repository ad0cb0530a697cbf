/* A copy of the database for a backup: its steps, the hold before its end (service.h). Loop thread.
 */
#include "kit/service/internal.h"

bool copy_holds(const struct kit_service *service)
{
    return service_mono_ms(service) < service->copy.hold_until_mono_ms;
}

void copy_drop(struct kit_service *service)
{
    kit_copy_free(service->copy.copy);
    service->copy.copy = NULL;
    service->copy.hold_until_mono_ms = 0;
}

/* Says why there will be no copy, now and when it is asked for. */
static int give_up(struct kit_service *service, const struct kit_error *why)
{
    kit_log_write(&service->ports.log, KIT_WARN, "copy_failed", "%s", why->text);
    service->copy.failure = *why;
    copy_drop(service);
    return why->code;
}

/* A transaction may be open, for KIT_SERVICE_QUIET_MS in a row: then the next pages wait for its
 * end, and are the more. */
static int step(struct kit_service *service, int64_t now_mono_ms, struct kit_error *err)
{
    struct service_copy *copy = &service->copy;
    const int64_t late_ms = now_mono_ms - copy->step_due_mono_ms;

    if (kit_db_in_tx(service->db))
        return KIT_OK;
    copy->step_due_mono_ms = now_mono_ms + KIT_SERVICE_COPY_PAUSE_MS;
    return kit_copy_step(copy->copy, (1 + late_ms / KIT_SERVICE_COPY_PAUSE_MS) * KIT_COPY_PAGES,
                         err);
}

int64_t copy_tick(struct kit_service *service, int64_t now_mono_ms)
{
    struct service_copy *copy = &service->copy;
    struct kit_error err;

    if (copy->copy == NULL)
        return INT64_MAX;
    if (now_mono_ms >= copy->ask_until_mono_ms) {
        kit_error_set(&err, KIT_E_UNAVAILABLE, "nobody has asked about the copy for %d s: given up",
                      KIT_SERVICE_COPY_ASK_MS / 1000);
        (void)give_up(service, &err);
        return INT64_MAX;
    }
    if (now_mono_ms < copy->step_due_mono_ms)
        return copy->step_due_mono_ms;
    if (step(service, now_mono_ms, &err) != KIT_OK) {
        (void)give_up(service, &err);
        return INT64_MAX;
    }
    return now_mono_ms + KIT_SERVICE_COPY_PAUSE_MS;
}

int kit_service_copy_begin(struct kit_service *service, const char *path, struct kit_error *err)
{
    const struct kit_store_port to = { .path = path, .vfs = service->ports.store.vfs };
    const int64_t now_mono_ms = service_mono_ms(service);

    copy_drop(service);
    kit_service_drain(service);
    if (kit_db_in_tx(service->db) || service->failure.code != KIT_OK)
        return kit_error_set(err, KIT_E_UNAVAILABLE, "the service cannot commit: look at its log");
    service->copy = (struct service_copy){
        .step_due_mono_ms = now_mono_ms,
        .ask_until_mono_ms = now_mono_ms + KIT_SERVICE_COPY_ASK_MS,
    };
    return kit_copy_new(&service->copy.copy, service->db, &to, err);
}

/* The copy that is under way is asked about. */
static int find(struct kit_service *service, struct kit_error *err)
{
    if (service->copy.copy == NULL && service->copy.failure.code != KIT_OK) {
        *err = service->copy.failure;
        return err->code;
    }
    if (service->copy.copy == NULL)
        return kit_error_set(err, KIT_E_NOT_FOUND, "no copy is under way: begin one");
    service->copy.ask_until_mono_ms = service_mono_ms(service) + KIT_SERVICE_COPY_ASK_MS;
    return KIT_OK;
}

int kit_service_copy_look(struct kit_service *service, int64_t *ret_left, int64_t *ret_pages,
                          struct kit_error *err)
{
    int rc = find(service, err);
    if (rc != KIT_OK)
        return rc;
    *ret_left = kit_copy_left(service->copy.copy);
    *ret_pages = kit_copy_pages(service->copy.copy);
    return KIT_OK;
}

int kit_service_copy_hold(struct kit_service *service, struct kit_error *err)
{
    int rc = find(service, err);
    if (rc == KIT_OK)
        service->copy.hold_until_mono_ms = service_mono_ms(service) + KIT_SERVICE_HOLD_MS;
    return rc;
}

/* The commit may be of a cursor alone, which has moved by events that are none of ours. */
int kit_service_copy_end(struct kit_service *service, struct kit_error *err)
{
    int rc = find(service, err);
    if (rc != KIT_OK)
        return rc;
    if (!copy_holds(service))
        return kit_error_set(err, KIT_E_CONFLICT, "it is not held, or no longer: hold it again");
    kit_service_drain(service);
    if (kit_db_in_tx(service->db) || service->failure.code != KIT_OK)
        return kit_error_set(err, KIT_E_UNAVAILABLE, "the service cannot commit: look at its log");
    rc = kit_copy_end(service->copy.copy, err);
    if (rc != KIT_OK)
        return give_up(service, err);
    copy_drop(service);
    return KIT_OK;
}
