/* The process around a service: wires the ports together in one order and takes them apart in the
 * other. No business here. Loop thread. */
#include "kit/process/main.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/process/backup.h"
#include "kit/process/db_file.h"
#include "kit/process/marker.h"
#include "kit/process/process.h"
#include "kit/process/worker.h"
#include "kit/rpc/topic.h"
#include "kit/store/lock.h"

#define OPTIONS_MAX 48
#define PROCESS_NAME_SIZE 64
#define DEAD_LETTERS "/dead-letters"
#define REQUESTS "/requests"
#define FINISH_MIN_MS 50  /* for what is on its way */
#define FINISH_MAX_MS 800 /* a cancel takes 610 */

struct runner {
    struct kit_host host;
    struct kit_worker *worker;
    struct kit_service *service; /* NULL until opened and after it was freed */
    const struct kit_service_desc *desc;
    const struct kit_process *process;
    char process_name[PROCESS_NAME_SIZE];
    struct kit_option options[OPTIONS_MAX];
    size_t option_count;
    struct kit_db_file db_file;
    int64_t look_due_mono_ms; /* at what it owes */
    int exit_status;
};

/* ---- settings ---- */

static void list_options(struct runner *runner)
{
    const struct kit_option common[] = {
        KIT_PROCESS_OPTIONS(runner->desc->name),
        { .name = "db",
          .kind = KIT_OPTION_TEXT,
          .help = "database file; made, with its folder, when missing" },
        { .name = "site",
          .kind = KIT_OPTION_TEXT,
          .fallback = KIT_SITE_DEFAULT,
          .help = "where the devices stand that this process owns" },
        { .name = "keys-dir",
          .kind = KIT_OPTION_TEXT,
          .fallback = "",
          .help = "folder with <device>.key files; empty: none" },
        { .name = "new-epoch",
          .kind = KIT_OPTION_INT,
          .fallback = "0",
          .max = 1,
          .help = "1 once, after the database came back from a backup: its history is a new one" },
        { .name = "disk-free-mib",
          .kind = KIT_OPTION_INT,
          .fallback = "256",
          .max = 1000000000,
          .help = "MiB to be free where the database lies, else it is degraded; 0: any" },
        { .name = "marker",
          .kind = KIT_OPTION_TEXT,
          .fallback = "",
          .help = "file, made when missing, that says that there is a database; empty: none" },
        { .name = "begin-at",
          .kind = KIT_OPTION_INT,
          .fallback = "0",
          .max = 1000000000,
          .help = "once, when a database was lost or restored and a follower cannot be asked: a "
                  "number above all that are in use" },
    };
    PRE(KIT_COUNT(common) + runner->process->setting_count <= OPTIONS_MAX);
    memcpy(runner->options, common, sizeof(common));
    runner->option_count = KIT_COUNT(common);
    for (size_t i = 0; i < runner->process->setting_count; i++) {
        PRE(runner->process->settings[i].kind == KIT_OPTION_INT);
        runner->options[runner->option_count++] = runner->process->settings[i];
    }
}

/* ---- ports ---- */

/* The service exists before the bus does: until then nothing can be sent. */
static int publish(void *self, const struct kit_message *message, uint64_t cookie,
                   struct kit_error *err)
{
    struct runner *runner = self;
    if (runner->host.bus == NULL)
        return kit_error_set(err, KIT_E_UNAVAILABLE, "the broker connection is not open yet");
    const struct kit_bus *bus = kit_bus_paho_port(runner->host.bus);
    return bus->publish(bus->self, message, cookie, err);
}

static void on_message(void *context, const struct kit_message *message)
{
    struct runner *runner = context;
    kit_service_on_message(runner->service, message);
}

static void on_link(void *context, bool is_up)
{
    struct runner *runner = context;
    kit_service_on_link(runner->service, is_up);
}

static void on_published(void *context, uint64_t cookie, int code)
{
    struct runner *runner = context;
    kit_service_on_published(runner->service, cookie, code);
}

/* A store that failed cannot be trusted: say why, once, and end; the supervisor starts us again. */
static void end_failed(struct runner *runner, const struct kit_error *err)
{
    runner->exit_status = kit_host_fail(&runner->host, "store_failed", err, KIT_EXIT_SOFTWARE);
    kit_loop_stop(runner->host.loop);
}

static bool has_failed(struct runner *runner)
{
    struct kit_error err;
    if (runner->exit_status != KIT_EXIT_OK)
        return true;
    if (kit_service_failure(runner->service, &err) == KIT_OK)
        return false;
    end_failed(runner, &err);
    return true;
}

/* Before the service's turn: what has no file any more promises nothing to anybody. */
static bool has_lost_file(struct runner *runner, int64_t now_mono_ms)
{
    struct kit_error err;
    if (runner->exit_status != KIT_EXIT_OK)
        return true;
    if (now_mono_ms < runner->db_file.due_mono_ms)
        return false;
    runner->db_file.due_mono_ms = now_mono_ms + KIT_DB_FILE_PERIOD_MS;
    if (kit_db_file_look(&runner->db_file, &err) == KIT_OK)
        return false;
    end_failed(runner, &err);
    return true;
}

static struct kit_degraded *look(void *context)
{
    struct runner *runner = context;
    struct kit_degraded *degraded = kit_service_degraded(runner->service);
    kit_host_look(&runner->host, degraded);
    return degraded;
}

static int64_t on_tick(void *context, int64_t now_mono_ms)
{
    struct runner *runner = context;
    if (has_lost_file(runner, now_mono_ms))
        return INT64_MAX;
    if (now_mono_ms >= runner->look_due_mono_ms) {
        (void)look(runner);
        runner->look_due_mono_ms = now_mono_ms + KIT_STATUS_PERIOD_MS;
    }
    int64_t next = kit_service_tick(runner->service, now_mono_ms);
    if (has_failed(runner))
        return INT64_MAX;
    return next < runner->db_file.due_mono_ms ? next : runner->db_file.due_mono_ms;
}

/* ---- admin ---- */

static const char *say_not_ready(void *context)
{
    struct runner *runner = context;
    const char *reason = kit_host_not_ready(&runner->host);
    return reason ? reason : kit_service_not_ready(runner->service);
}

static void write_metrics(void *context, struct kit_buf *out)
{
    struct runner *runner = context;
    (void)look(runner);
    kit_host_metrics(&runner->host, out);
    kit_service_metrics(runner->service, out);
}

/* {"status":"ok"}, or {"status":"not_found","text":"..."} */
static int say_outcome(int code, const struct kit_error *err, struct kit_buf *response)
{
    kit_buf_add_text(response, "{\"status\":");
    kit_buf_add_json_string(response, kit_code_name(code));
    if (code != KIT_OK) {
        kit_buf_add_text(response, ",\"text\":");
        kit_buf_add_json_string(response, err->text);
    }
    kit_buf_add_text(response, "}\n");
    return kit_code_http_status(code);
}

static int get_dead_letters(void *context, const char *path, const char *body,
                            struct kit_buf *response)
{
    (void)body;
    struct runner *runner = context;
    struct kit_error err;
    if (strcmp(path, DEAD_LETTERS) != 0) {
        kit_error_set(&err, KIT_E_NOT_FOUND, "GET %s lists them all", DEAD_LETTERS);
        return say_outcome(KIT_E_NOT_FOUND, &err, response);
    }
    int rc = kit_service_dead_letter_list(runner->service, response, &err);
    if (rc == KIT_OK)
        return 200;
    kit_buf_reset(response);
    return say_outcome(rc, &err, response);
}

/* "/dead-letters/17/retry" */
static bool split_action(const char *path, int64_t *ret_id, const char **ret_action)
{
    const char *digits = path + strlen(DEAD_LETTERS);
    if (*digits != '/')
        return false;
    digits++;
    size_t count = strspn(digits, "0123456789");
    if (count == 0 || digits[count] != '/')
        return false;
    errno = 0;
    *ret_id = strtoll(digits, NULL, 10);
    *ret_action = digits + count + 1;
    return errno == 0;
}

static int post_dead_letter(void *context, const char *path, const char *body,
                            struct kit_buf *response)
{
    (void)body;
    struct runner *runner = context;
    struct kit_error err;
    int64_t id;
    const char *action;
    int rc;
    if (split_action(path, &id, &action) && strcmp(action, "retry") == 0)
        rc = kit_service_dead_letter_retry(runner->service, id, &err);
    else if (split_action(path, &id, &action) && strcmp(action, "skip") == 0)
        rc = kit_service_dead_letter_skip(runner->service, id, &err);
    else
        rc = kit_error_set(&err, KIT_E_NOT_FOUND, "use %s/<id>/retry or %s/<id>/skip", DEAD_LETTERS,
                           DEAD_LETTERS);
    return say_outcome(rc, &err, response);
}

static int get_backup(void *context, const char *path, const char *body, struct kit_buf *response)
{
    (void)path;
    (void)body;
    struct runner *runner = context;
    struct kit_error err;
    int rc = kit_backup_on_get(runner->service, response, &err);
    if (rc != KIT_OK)
        return say_outcome(rc, &err, response);
    return 200;
}

static int post_backup(void *context, const char *path, const char *body, struct kit_buf *response)
{
    (void)body;
    struct runner *runner = context;
    struct kit_error err;
    int rc = kit_backup_on_post(runner->service, kit_config_text(runner->host.config, "db"), path,
                                &err);
    return say_outcome(rc, &err, response);
}

/* POST /requests/<method>: what the broker would bring, of whoever may use the socket. */
static int post_request(void *context, const char *path, const char *body, struct kit_buf *response)
{
    struct runner *runner = context;
    struct kit_error err = { 0 };
    const char *method = path + strlen(REQUESTS);
    int rc = kit_service_ask(runner->service, *method == '/' ? method + 1 : method, body, response,
                             &err);
    if (rc == KIT_OK)
        return 200;
    kit_buf_reset(response);
    return say_outcome(rc, &err, response);
}

static const struct kit_admin_route admin_routes[] = {
    { "GET", DEAD_LETTERS, "application/json", get_dead_letters },
    { "POST", DEAD_LETTERS, "application/json", post_dead_letter },
    { "GET", KIT_BACKUP, "application/json", get_backup },
    { "POST", KIT_BACKUP, "application/json", post_backup },
    { "POST", REQUESTS, "application/json", post_request },
};

/* ---- opening, in order ---- */

static int open_lock(struct runner *runner, const char *db, struct kit_error *err)
{
    char path[KIT_HOST_PATH_SIZE];
    int length = snprintf(path, sizeof(path), "%s.lock", db);
    if (length < 0 || (size_t)length >= sizeof(path)) {
        kit_error_set(err, KIT_E_INVALID, "--db is longer than %d bytes", KIT_HOST_PATH_SIZE - 6);
        return kit_host_fail(&runner->host, "wrong_settings", err, KIT_EXIT_USAGE);
    }
    if (kit_host_make_parent(db, err) != KIT_OK)
        return kit_host_fail(&runner->host, "lock_failed", err, KIT_EXIT_SOFTWARE);
    int rc = kit_lock_take(path, err);
    if (rc == KIT_E_CONFLICT)
        return kit_host_fail(&runner->host, "already_running", err, KIT_EXIT_TEMPFAIL);
    if (rc != KIT_OK)
        return kit_host_fail(&runner->host, "lock_failed", err, KIT_EXIT_SOFTWARE);
    return KIT_EXIT_OK;
}

static int open_service(struct runner *runner, const char *db, struct kit_error *err)
{
    struct kit_host *host = &runner->host;
    const char *marker = kit_config_text(host->config, "marker");
    struct kit_setting settings[OPTIONS_MAX];
    struct kit_service_ports ports = {
        .clock = *host->clock,
        .rng = *host->rng,
        .log = *host->log,
        .bus = { .publish = publish, .self = runner },
        .work = kit_worker_port(runner->worker),
        .keys = kit_keys_in(kit_config_text(host->config, "keys-dir")),
        .site = kit_config_text(host->config, "site"),
        .store = { .path = db,
                   .was_restored = kit_config_int(host->config, "new-epoch") == 1,
                   .existed = kit_marker_is_there(marker),
                   .begin_at = kit_config_int(host->config, "begin-at") },
    };
    for (size_t i = 0; i < runner->process->setting_count; i++) {
        settings[i].name = runner->process->settings[i].name;
        settings[i].value = kit_config_int(host->config, settings[i].name);
    }
    const struct kit_service_setup setup = {
        .instance = kit_config_text(host->config, "instance"),
        .ports = &ports,
        .settings = settings,
        .setting_count = runner->process->setting_count,
        .is_closed = kit_host_is_closed(host),
    };
    if (kit_service_new(&runner->service, runner->desc, &setup, err) != KIT_OK ||
        kit_marker_write(marker, db, err) != KIT_OK ||
        kit_db_file_begin(&runner->db_file, db, err) != KIT_OK)
        return kit_host_fail(host, "store_failed", err, KIT_EXIT_SOFTWARE);
    return KIT_EXIT_OK;
}

static int open_bus(struct runner *runner, struct kit_error *err)
{
    struct kit_service_filter filters[KIT_BUS_SUBSCRIPTIONS_MAX];
    struct kit_bus_subscription subscriptions[KIT_BUS_SUBSCRIPTIONS_MAX];
    const struct kit_bus_events events = { .on_message = on_message,
                                           .on_link = on_link,
                                           .on_published = on_published,
                                           .context = runner };
    size_t count = kit_service_filters(runner->service, filters, KIT_BUS_SUBSCRIPTIONS_MAX);
    for (size_t i = 0; i < count; i++) {
        memcpy(subscriptions[i].filter, filters[i].filter, sizeof(subscriptions[i].filter));
        subscriptions[i].qos = filters[i].qos;
    }
    if (kit_host_open_bus(&runner->host, subscriptions, count, &events, err) != KIT_OK)
        return kit_host_fail(&runner->host, "bus_failed", err, KIT_EXIT_UNAVAILABLE);
    return KIT_EXIT_OK;
}

/* Order matters: the lock before the database; tickers as admin, bus, service, so that one turn
 * takes what came, works on it, commits and sends. */
static int open_all(struct runner *runner)
{
    struct kit_error err = { .code = KIT_OK };
    const struct kit_admin_owner owner = { .not_ready = say_not_ready,
                                           .degraded = look,
                                           .metrics = write_metrics,
                                           .routes = admin_routes,
                                           .route_count = KIT_COUNT(admin_routes),
                                           .context = runner };
    const char *db = kit_config_text(runner->host.config, "db");
    runner->worker = kit_worker_new(runner->host.loop);
    int status = open_lock(runner, db, &err);
    if (status == KIT_EXIT_OK)
        status = open_service(runner, db, &err);
    kit_host_watch_disk(&runner->host, db, kit_config_int(runner->host.config, "disk-free-mib"));
    if (status == KIT_EXIT_OK && kit_host_open_admin(&runner->host, &owner, &err) != KIT_OK)
        status = kit_host_fail(&runner->host, "admin_failed", &err, KIT_EXIT_UNAVAILABLE);
    if (status == KIT_EXIT_OK)
        status = open_bus(runner, &err);
    if (status == KIT_EXIT_OK)
        kit_loop_add_ticker(runner->host.loop, on_tick, runner);
    return status;
}

/* Answers what it has taken, and what is on its way to it while callers do not know yet that it
 * goes; they wait for the next one from then on. */
static void finish(struct runner *runner)
{
    const struct kit_clock *clock = runner->host.clock;
    const int64_t begun_mono_ms = clock->mono_ms(clock->self);
    int64_t gone_ms = 0;

    kit_host_announce_restart(&runner->host);
    while (gone_ms < FINISH_MIN_MS ||
           (gone_ms < FINISH_MAX_MS && !kit_service_is_idle(runner->service))) {
        if (has_failed(runner) || !kit_host_turn(&runner->host))
            return;
        gone_ms = clock->mono_ms(clock->self) - begun_mono_ms;
    }
}

/* What was committed goes out before the connection closes; answers that come meanwhile move the
 * log's position, which is written by the second flush. */
static void drain(struct runner *runner)
{
    if (!has_failed(runner))
        kit_service_flush(runner->service);
    kit_host_close_bus(&runner->host);
    if (!has_failed(runner))
        kit_service_drain(runner->service);
}

int kit_service_main(int argc, char **argv, const struct kit_service_desc *desc,
                     const struct kit_process *process)
{
    struct runner runner = { .desc = desc, .process = process };
    int status;
    snprintf(runner.process_name, sizeof(runner.process_name), "lockstock-%s", desc->name);
    list_options(&runner);
    const struct kit_config_spec spec = { .process = runner.process_name,
                                          .purpose = process->purpose,
                                          .examples = process->examples,
                                          .options = runner.options,
                                          .option_count = runner.option_count };
    if (!kit_host_start(&runner.host, &spec, argc, argv, &status))
        return status;

    status = open_all(&runner);
    if (status == KIT_EXIT_OK) {
        status = kit_host_run(&runner.host);
        if (status == KIT_EXIT_OK)
            finish(&runner);
        drain(&runner);
        if (status == KIT_EXIT_OK)
            status = runner.exit_status;
        kit_log_write(runner.host.log, KIT_INFO, "stopped", "exit status %d", status);
    }
    /* The bus and the admin listener call the service: they go first. */
    struct kit_service *service = runner.service;
    kit_worker_free(runner.worker);
    kit_host_done(&runner.host);
    if (kit_db_file_may_close(&runner.db_file))
        kit_service_free(service);
    return status;
}
