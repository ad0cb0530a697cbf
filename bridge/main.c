/* lockstock-bridge: settings, wiring, and the order in which things start and end. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/bridge.h"
#include "bridge/feed_metrics.h"
#include "bridge/http.h"
#include "bridge/listen.h"
#include "bridge/local.h"
#include "bridge/pages_folder.h"
#include "bridge/request_pool.h"
#include "kit/process/bus_name.h"
#include "kit/process/process.h"
#include "kit/rpc/topic.h"
#include "kit/stream/debts.h"

#define DRAIN_MS 2500      /* for requests under way when the process is told to stop */
#define DRAIN_KEPT_MS 1000 /* for a client that keeps its connection to ask once more */
#define MS_PER_S 1000
#define OTHER_FDS 128                                      /* beside client connections */
#define LEAST_FDS (BRIDGE_CONNECTIONS_MAX + OTHER_FDS + 1) /* one for a reader of the feed */

static const char EXAMPLES[] =
    "  lockstock-bridge --base-port 8080 --mqtt-port 11883\n"
    "  lockstock-bridge --listen 0.0.0.0 --https-certificate shop.crt --https-key shop.key\n"
    "  curl http://127.0.0.1:8080/            what is served\n"
    "Ports: base port everything, +1 product, +2 rental, +3 delivery, +4 information.";

static const struct kit_option OPTIONS[] = {
    KIT_PROCESS_OPTIONS("bridge"),
    { .name = "base-port",
      .kind = KIT_OPTION_INT,
      .fallback = "8080",
      .min = 1,
      .max = 65535 - (BRIDGE_PORT_COUNT - 1),
      .help = "first of the five HTTP ports" },
    { .name = "listen",
      .kind = KIT_OPTION_TEXT,
      .fallback = "127.0.0.1",
      .help = "IPv4 or IPv6 address to listen on" },
    { .name = "request-timeout-ms",
      .kind = KIT_OPTION_INT,
      .fallback = "2000",
      .min = 10,
      .max = 60000,
      .help = "ms that a request waits for a service at most" },
    { .name = "pages",
      .kind = KIT_OPTION_TEXT,
      .fallback = "",
      .help = "folder of the pages; empty: pages/ beside the folder of this program" },
    { .name = "streams-max",
      .kind = KIT_OPTION_INT,
      .fallback = "4096",
      .min = 1,
      .max = 16384,
      .help = "readers of GET /events at once, apart from other connections" },
    { .name = "stream-comment-ms",
      .kind = KIT_OPTION_INT,
      .fallback = "15000",
      .min = 100,
      .max = 600000,
      .help = "ms after which a reader of GET /events gets a comment" },
    { .name = "stream-slow-ms",
      .kind = KIT_OPTION_INT,
      .fallback = "30000",
      .min = 100,
      .max = 600000,
      .help = "ms after which a reader of GET /events that takes nothing is cut" },
    { .name = "connections-per-address",
      .kind = KIT_OPTION_INT,
      .fallback = "0",
      .min = 0,
      .max = 16384,
      .help = "connections and readers of GET /events that one address may have; 0: any number" },
    { .name = "proxies",
      .kind = KIT_OPTION_TEXT,
      .fallback = "",
      .help = "addresses, with commas between, for which there is no such limit; plain HTTP beyond "
              "loopback is for these alone" },
    { .name = "https-certificate",
      .kind = KIT_OPTION_TEXT,
      .fallback = "",
      .help = "PEM file of the certificate for HTTPS on all ports, read again at SIGHUP; empty: "
              "plain HTTP" },
    { .name = "https-key",
      .kind = KIT_OPTION_TEXT,
      .fallback = "",
      .help = "PEM file of its key, which no others may read" },
    { .name = "access-db",
      .kind = KIT_OPTION_TEXT,
      .fallback = "",
      .help = "file of what it keeps of who may come in, with --access closed; made when missing" },
    { .name = "hosts",
      .kind = KIT_OPTION_TEXT,
      .fallback = "",
      .help = "names, with commas between, under which it is reached beside localhost and "
              "addresses" },
    { .name = "ca-certificate",
      .kind = KIT_OPTION_TEXT,
      .fallback = "",
      .help = "PEM file of whom clients trust then, served as /ca.crt; empty: it is not served" },
};

static const char *const SERVICES[] = { "product", "rental", "delivery", "stock", "information" };

struct app {
    struct kit_host host;
    struct bridge bridge;
    struct http *http;
    struct pages *pages;
    struct kit_degraded degraded;
    struct kit_debts debts;
    char name[KIT_BUS_NAME_SIZE]; /* at the broker */
    char *ca_text;                /* NULL: there is none */
    int64_t certificate_until_ms; /* 0: there is none */
};

/* ---- broker ---- */

static void on_message(void *context, const struct kit_message *message)
{
    struct app *app = context;

    if (app->bridge.rpc == NULL || kit_rpc_client_on_message(app->bridge.rpc, message))
        return;
    if (!feed_on_message(&app->bridge.feed, message) &&
        !access_on_message(&app->bridge.access, message) &&
        !processes_on_message(&app->bridge.processes, message,
                              app->host.clock->mono_ms(app->host.clock->self)))
        app->bridge.metrics.messages_unwanted++;
}

static void on_link(void *context, bool is_up)
{
    struct app *app = context;
    if (app->bridge.rpc != NULL)
        kit_rpc_client_on_link(app->bridge.rpc, is_up);
    if (is_up && !app->bridge.is_draining)
        http_begin(app->http);
    feed_on_link(&app->bridge.feed, is_up);
    access_on_link(&app->bridge.access, is_up);
    processes_on_link(&app->bridge.processes, is_up);
}

static void on_published(void *context, uint64_t cookie, int code)
{
    (void)context;
    (void)cookie;
    (void)code;
}

static int open_bus(struct app *app, struct kit_error *err)
{
    const struct kit_bus_events events = { on_message, on_link, on_published, app };
    const char *instance = kit_config_text(app->host.config, "instance");
    struct kit_bus_subscription subscriptions[] = {
        { .qos = 0 }, /* replies, below */
        { .filter = KIT_PRESENCE_FILTER, .qos = 1 },
        { .qos = 0 }, /* its head */
        { .qos = 1 }, /* the feed, below */
        { .filter = PROCESSES_FILTER, .qos = 0 },
        { .filter = PROCESSES_DEGRADED_FILTER, .qos = 0 },
        { .qos = 0 }, /* account's head, and its stream: in a closed Lockstock alone */
        { .qos = 1 },
    };
    const size_t count = KIT_COUNT(subscriptions) - (app->bridge.access.is_closed ? 0 : 2);

    kit_topic_reply(subscriptions[0].filter, instance, "#");
    kit_topic_head(subscriptions[2].filter, FEED_SOURCE);
    kit_topic_stream(subscriptions[3].filter, FEED_SOURCE);
    kit_topic_head(subscriptions[6].filter, ACCESS_SOURCE);
    kit_topic_stream(subscriptions[7].filter, ACCESS_SOURCE);
    int rc = kit_host_open_bus(&app->host, subscriptions, count, &events, err);
    if (rc != KIT_OK)
        return rc;
    app->bridge.rpc = kit_rpc_client_new(instance, kit_bus_paho_port(app->host.bus),
                                         app->host.clock, app->host.rng);
    app->bridge.feed.follow.rpc = app->bridge.rpc;
    app->bridge.access.follow.rpc = app->bridge.rpc;
    return KIT_OK;
}

/* ---- operator ---- */

static const char *not_ready(void *context)
{
    struct app *app = context;
    if (app->bridge.is_draining)
        return "stopping";
    return kit_host_not_ready(&app->host);
}

static struct kit_degraded *look(void *context)
{
    struct app *app = context;
    const struct kit_degraded_now now = {
        .mono_ms = app->host.clock->mono_ms(app->host.clock->self),
        .wall_ms = app->host.clock->wall_ms(app->host.clock->self),
    };

    kit_host_look(&app->host, &app->degraded);
    kit_debts_look(&app->debts, &app->degraded, &app->bridge.feed.follow.follower, 1, now);
    return &app->degraded;
}

static void write_processes(const struct app *app, struct kit_buf *out)
{
    const struct processes *processes = &app->bridge.processes;
    const int64_t now_mono_ms = app->host.clock->mono_ms(app->host.clock->self);
    char labels[80];

    kit_metric_head(out, "process_silent", "gauge", "1 while nothing is heard of the process.");
    for (size_t i = 0; i < processes->known_count; i++) {
        snprintf(labels, sizeof(labels), "process=\"%s\"", processes->known[i].instance);
        kit_metric_int(out, "process_silent", labels,
                       processes_is_silent(&processes->known[i], now_mono_ms));
    }
}

static void write_metrics(void *context, struct kit_buf *out)
{
    struct app *app = context;
    char labels[64];

    kit_host_metrics(&app->host, out);
    kit_degraded_write_metrics(look(app), out);
    metrics_write(&app->bridge.metrics,
                  kit_rpc_client_malformed_count(app->bridge.rpc) +
                      app->bridge.feed.follow.refused_total + app->bridge.processes.refused_total,
                  out);
    kit_metric_head(out, "calls_held_total", "counter", "Calls that waited for a planned restart.");
    kit_metric_int(out, "calls_held_total", "", kit_rpc_client_held_total(app->bridge.rpc));
    kit_metric_head(out, "calls_repeated_total", "counter",
                    "Calls that were sent again behind one.");
    kit_metric_int(out, "calls_repeated_total", "", kit_rpc_client_repeated_total(app->bridge.rpc));
    feed_metrics_write(&app->bridge, out);
    write_processes(app, out);
    kit_metric_head(out, "http_requests_open", "gauge", "Requests under way.");
    kit_metric_int(out, "http_requests_open", "",
                   (int64_t)(app->bridge.request_count - app->bridge.stream_count));
    kit_metric_head(out, "http_requests_waiting", "gauge", "Of these, waiting for a service.");
    kit_metric_int(out, "http_requests_waiting", "", (int64_t)app->bridge.waiting_count);
    kit_metric_head(out, "http_connections_open", "gauge", "Client connections.");
    kit_metric_int(out, "http_connections_open", "", (int64_t)http_connection_count(app->http));
    kit_metric_head(
        out, "http_certificate_expires_seconds", "gauge",
        "When the certificate for HTTPS expires, in seconds since 1970; 0: plain HTTP.");
    kit_metric_int(out, "http_certificate_expires_seconds", "",
                   app->certificate_until_ms / MS_PER_S);
    kit_metric_head(out, "service_online", "gauge", "1 while the service says that it is there.");
    for (size_t i = 0; i < KIT_COUNT(SERVICES); i++) {
        snprintf(labels, sizeof(labels), "service=\"%s\"", SERVICES[i]);
        kit_metric_int(out, "service_online", labels,
                       kit_rpc_client_is_online(app->bridge.rpc, SERVICES[i]));
    }
}

/* ---- life ---- */

/* A word about ourselves, as every process says one. Returns when the next one is due. */
static int64_t tell_status(struct app *app, int64_t now_mono_ms)
{
    struct bridge *bridge = &app->bridge;
    const struct kit_follower *follower = &bridge->feed.follow.follower;
    const int64_t lag = follower->head_seq - follower->seq;

    if (now_mono_ms < bridge->processes.due_mono_ms)
        return bridge->processes.due_mono_ms;
    const struct processes_self self = {
        .why = not_ready(app),
        .source = FEED_SOURCE,
        .requests_open = (int64_t)(bridge->request_count - bridge->stream_count),
        .calls_open = (int64_t)kit_rpc_client_open_count(bridge->rpc),
        .readers = (int64_t)bridge->stream_count,
        .lag = lag > 0 ? lag : 0,
        .totals = { .requests = bridge->metrics.duration_count,
                    .events_out = bridge->feed.view.counters.events_sent,
                    .events_in = follower->applied_total },
        .degraded = look(app),
    };
    processes_tell(&bridge->processes, &self, kit_bus_paho_port(app->host.bus), now_mono_ms);
    local_take_history(bridge);
    return bridge->processes.due_mono_ms;
}

/* Reads certificate and key; NULL when there are none. */
static int load_certificate(const struct kit_host *host, struct certificate **ret,
                            struct kit_error *err)
{
    const char *file = kit_config_text(host->config, "https-certificate");
    const char *key_file = kit_config_text(host->config, "https-key");

    *ret = NULL;
    if (file[0] == '\0' && key_file[0] == '\0')
        return KIT_OK;
    if (file[0] == '\0' || key_file[0] == '\0')
        return kit_error_set(err, KIT_E_INVALID,
                             "--https-certificate and --https-key belong together; give both");
    return certificate_load(ret, file, key_file, host->clock->wall_ms(host->clock->self), err);
}

/* At SIGHUP. What cannot be used changes nothing. */
static void renew_certificate(struct app *app)
{
    struct certificate *certificate = NULL;
    struct kit_error error;

    if (load_certificate(&app->host, &certificate, &error) != KIT_OK) {
        kit_log_write(app->host.log, KIT_ERROR, "certificate_refused", "%s; the one before is kept",
                      error.text);
        return;
    }
    if (certificate == NULL)
        return;
    app->certificate_until_ms = certificate->until_ms;
    http_renew_certificate(app->http, certificate);
    certificate_leave(certificate);
    kit_log_write(app->host.log, KIT_INFO, "certificate_read", "connections get it from now on");
}

/* Runs after the bus has handed over its messages: first calls whose time is over, then HTTP, and
 * last the time of the calls that HTTP has just started. */
static int64_t tick(void *context, int64_t now_mono_ms)
{
    struct app *app = context;

    if (kit_host_take_reload(&app->host))
        renew_certificate(app);
    (void)kit_rpc_client_tick(app->bridge.rpc, now_mono_ms);
    const int64_t feed_due = feed_tick(&app->bridge.feed, now_mono_ms);
    const int64_t http_due = http_tick(app->http, now_mono_ms);
    const int64_t rpc_due = kit_rpc_client_tick(app->bridge.rpc, now_mono_ms);
    const int64_t status_due = tell_status(app, now_mono_ms);
    const int64_t access_due = access_tick(&app->bridge.access, now_mono_ms);
    const int64_t dues[] = { feed_due, http_due, rpc_due, status_due, access_due };
    int64_t due = INT64_MAX;

    for (size_t i = 0; i < KIT_COUNT(dues); i++)
        due = dues[i] < due ? dues[i] : due;
    return due;
}

/* Every connection needs a descriptor; where there are too few, readers of the feed get less. */
static int take_fds(struct app *app, struct kit_error *err)
{
    const int wanted = LEAST_FDS - 1 + (int)app->bridge.streams_max;
    int given = 0;

    int rc = bridge_raise_fd_limit(LEAST_FDS, wanted, &given, err);
    if (rc != KIT_OK || given == wanted)
        return rc;
    app->bridge.streams_max -= wanted - given;
    kit_log_write(app->host.log, KIT_WARN, "few_descriptors",
                  "%d open files are allowed, so there may be %" PRId64 " readers of GET /events; "
                  "raise the hard limit (ulimit -Hn) to %d for more",
                  given, app->bridge.streams_max, wanted);
    return KIT_OK;
}

/* What others send over a network must not be read by whoever is on it. */
static int check_listen(const struct kit_host *host, const char *address, bool is_https,
                        struct kit_error *err)
{
    if (is_https || !bridge_is_for_others(address) ||
        kit_config_text(host->config, "proxies")[0] != '\0')
        return KIT_OK;
    return kit_error_set(err, KIT_E_INVALID,
                         "plain HTTP is for this machine alone, and '%s' is not: give "
                         "--https-certificate and --https-key, or name in --proxies who speaks "
                         "HTTPS in front",
                         address);
}

/* What GET /ca.crt says; in a system that has a CA of its own. */
static int read_ca(struct app *app, struct kit_error *err)
{
    const char *file = kit_config_text(app->host.config, "ca-certificate");

    if (file[0] == '\0')
        return KIT_OK;
    int rc = certificate_read_text(file, &app->ca_text, err);
    app->bridge.ca_text = app->ca_text;
    return rc;
}

static int open_http(struct app *app, struct http_address *address, struct kit_error *err)
{
    struct certificate *certificate = NULL;

    int rc = read_ca(app, err);
    if (rc != KIT_OK)
        return rc;
    rc = load_certificate(&app->host, &certificate, err);
    if (rc != KIT_OK)
        return rc;
    rc = check_listen(&app->host, address->host, certificate != NULL, err);
    if (rc != KIT_OK) {
        certificate_leave(certificate);
        return rc;
    }
    address->is_for_proxies = certificate == NULL && bridge_is_for_others(address->host);
    app->certificate_until_ms = certificate == NULL ? 0 : certificate->until_ms;
    address->certificate = certificate;
    rc = http_new(&app->http, &app->bridge, app->host.loop, address, err);
    certificate_leave(certificate);
    return rc;
}

static int open_access(struct app *app, struct kit_error *err)
{
    const struct kit_host *host = &app->host;
    const struct follow_ports ports = { .clock = host->clock, .rng = host->rng, .log = host->log };
    const char *path = kit_config_text(host->config, "access-db");

    if (!kit_host_is_closed(host))
        return KIT_OK;
    if (path[0] == '\0')
        return kit_error_set(err, KIT_E_INVALID, "--access closed needs --access-db: name a file");
    return access_open(&app->bridge.access, path, &ports, err);
}

static int open_all(struct app *app, const struct kit_admin_owner *owner, struct kit_error *err)
{
    struct kit_host *host = &app->host;
    struct http_address address = {
        .host = kit_config_text(host->config, "listen"),
        .base_port = (int)kit_config_int(host->config, "base-port"),
    };

    int rc = clients_set_proxies(&app->bridge.clients, kit_config_text(host->config, "proxies"),
                                 err);
    if (rc != KIT_OK)
        return rc;
    rc = access_hosts_set(&app->bridge.hosts, kit_config_text(host->config, "hosts"), err);
    if (rc != KIT_OK)
        return rc;
    rc = open_access(app, err);
    if (rc != KIT_OK)
        return rc;
    rc = kit_bus_name_take(kit_config_text(host->config, "run-dir"),
                           kit_config_text(host->config, "instance"),
                           bridge_inherited(address.base_port) >= 0, app->name, err);
    if (rc != KIT_OK)
        return rc;
    host->bus_name = app->name;
    rc = pages_open(kit_config_text(host->config, "pages"), &app->pages, host->log, err);
    if (rc != KIT_OK)
        return rc;
    app->bridge.pages = app->pages;
    rc = take_fds(app, err);
    if (rc != KIT_OK)
        return rc;
    rc = open_http(app, &address, err);
    if (rc != KIT_OK)
        return rc;
    rc = open_bus(app, err);
    if (rc != KIT_OK)
        return rc;
    kit_loop_add_ticker(host->loop, tick, app);
    return kit_host_open_admin(host, owner, err);
}

/* Lets what is under way end, and no new connection in. Each answer closes its connection, so that
 * the client comes back to the next bridge; who keeps one and asks nothing is cut off. */
static void drain(struct app *app)
{
    struct kit_host *host = &app->host;
    const int64_t begun = host->clock->mono_ms(host->clock->self);

    app->bridge.is_draining = true;
    http_stop_listening(app->http);
    http_end_streams(app->http);
    for (int64_t now = begun; now < begun + DRAIN_MS;
         now = host->clock->mono_ms(host->clock->self)) {
        http_close_idle(app->http, DRAIN_KEPT_MS);
        if (app->bridge.request_count == 0 && http_connection_count(app->http) == 0)
            break;
        if (!kit_host_turn(host))
            break;
    }
}

static void close_all(struct app *app)
{
    kit_rpc_client_free(app->bridge.rpc);
    app->bridge.rpc = NULL; /* nothing comes back from here on */
    app->bridge.feed.follow.rpc = NULL;
    app->bridge.access.follow.rpc = NULL;
    if (app->http != NULL)
        http_abort_waiting(app->http);
    http_free(app->http);
    pages_free(app->pages);
    free(app->ca_text);
    request_pool_done(&app->bridge);
    feed_done(&app->bridge.feed);
    access_close(&app->bridge.access);
    history_done(&app->bridge.history);
    if (app->host.bus != NULL)
        kit_host_close_bus(&app->host);
}

int main(int argc, char **argv)
{
    static struct app app; /* zeroed; lives as long as the process */
    const struct kit_config_spec spec = {
        .process = "lockstock-bridge",
        .purpose = "The HTTP front of Lockstock: turns requests into calls of the services.",
        .examples = EXAMPLES,
        .options = OPTIONS,
        .option_count = KIT_COUNT(OPTIONS),
    };
    const struct kit_admin_owner owner = {
        .not_ready = not_ready, .degraded = look, .metrics = write_metrics, .context = &app
    };
    struct kit_error error;
    int status = 0;

    if (!kit_host_start(&app.host, &spec, argc, argv, &status))
        return status;
    app.bridge.clock = app.host.clock;
    app.bridge.rng = app.host.rng;
    app.bridge.log = app.host.log;
    kit_degraded_init(&app.degraded, app.host.log);
    app.bridge.request_timeout_ms = kit_config_int(app.host.config, "request-timeout-ms");
    app.bridge.clients.per_address_max = kit_config_int(app.host.config, "connections-per-address");
    app.bridge.streams_max = kit_config_int(app.host.config, "streams-max");
    app.bridge.stream_slow_ms = kit_config_int(app.host.config, "stream-slow-ms");
    processes_init(&app.bridge.processes, kit_config_text(app.host.config, "instance"),
                   app.host.clock->mono_ms(app.host.clock->self), SERVICES, KIT_COUNT(SERVICES));
    history_init(&app.bridge.history);
    feed_init(&app.bridge.feed, app.host.clock, app.host.rng, app.host.log);
    app.bridge.feed.view.comment_ms = kit_config_int(app.host.config, "stream-comment-ms");
    if (open_all(&app, &owner, &error) != KIT_OK) {
        status = kit_host_fail(&app.host, "start_failed", &error,
                               error.code == KIT_E_CONFLICT ? KIT_EXIT_TEMPFAIL
                                                            : KIT_EXIT_UNAVAILABLE);
    } else {
        status = kit_host_run(&app.host);
        drain(&app);
    }
    close_all(&app);
    kit_host_done(&app.host);
    return status;
}
