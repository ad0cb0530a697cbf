/* What every process of ours shares around its own work: settings, log, loop, signals, broker,
 * admin listener with its port file, and the way it ends. kit_service_main() uses it for services;
 * a process with a main of its own (the bridge) uses it like this:
 *
 *     static const struct kit_option options[] = {
 *         KIT_PROCESS_OPTIONS("bridge"),
 *         { .name = "base-port", .kind = KIT_OPTION_INT, .fallback = "8080", ... },
 *     };
 *     const struct kit_config_spec spec = { .process = "lockstock-bridge", .options = options, ...
 * }; struct kit_host host; int status; if (!kit_host_start(&host, &spec, argc, argv, &status))
 *         return status;                        // --help was answered, or the reason was logged
 *     ... kit_host_open_admin(), kit_host_open_bus(), then the process's own tickers ...
 *     status = kit_host_run(&host);             // until SIGTERM or SIGINT
 *     ... stop taking work ...
 *     kit_host_close_bus(&host);                // what is queued goes out; callbacks still come
 *     ... free what is yours ...
 *     kit_host_done(&host);
 *     return status;
 *
 * Tickers run in the order in which they were added; the bus comes before its users, so that a
 * message is handed over and worked on in one turn. Loop thread. */
#ifndef KIT_PROCESS_PROCESS_H
#define KIT_PROCESS_PROCESS_H

#include "kit/bus/bus.h"
#include "kit/config/config.h"
#include "kit/loop/loop.h"
#include "kit/process/admin.h"
#include "kit/process/memory.h"
#include "kit/process/notify.h"
#include "kit/process/system.h"

#define KIT_HOST_CLOSE_MS 2000 /* how long a stopping process waits for what is in flight */
#define KIT_HOST_TURN_MS 20    /* the longest turn while it ends */
#define KIT_HOST_PATH_SIZE 1024

/* Exit statuses, from sysexits.h. */
enum kit_exit {
    KIT_EXIT_OK = 0,
    KIT_EXIT_USAGE = 64,       /* wrong settings */
    KIT_EXIT_UNAVAILABLE = 69, /* an address or the broker's settings are unusable */
    KIT_EXIT_SOFTWARE = 70,    /* the store or the loop failed */
    KIT_EXIT_TEMPFAIL = 75,    /* another copy runs */
};

/* The options that every process has; put them first in its table. */
/* clang-format off */
#define KIT_PROCESS_OPTIONS(default_instance)                                                      \
    { .name = "instance", .kind = KIT_OPTION_TEXT, .fallback = (default_instance),                 \
      .help = "name on the broker: client id, user and topics" },                                  \
    { .name = "mqtt-host", .kind = KIT_OPTION_TEXT, .fallback = "127.0.0.1",                       \
      .help = "address of the broker; several, with commas between, are tried in turn" },          \
    { .name = "mqtt-port", .kind = KIT_OPTION_INT, .fallback = "11883", .min = 1, .max = 65535,    \
      .help = "port of the broker" },                                                              \
    { .name = "mqtt-password-file", .kind = KIT_OPTION_SECRET_FILE, .fallback = "",                \
      .help = "file whose first line is the broker password; empty: none" },                       \
    { .name = "mqtt-ca", .kind = KIT_OPTION_TEXT, .fallback = "",                                  \
      .help = "file with the CA of the broker, which is asked by TLS alone then; empty: plain" },  \
    { .name = "mqtt-certificates", .kind = KIT_OPTION_TEXT, .fallback = "",                        \
      .help = "of TLS: folder with <instance>.crt and .key, taken anew when they are renewed" },   \
    { .name = "admin-port", .kind = KIT_OPTION_INT, .fallback = "0", .min = 0, .max = 65535,       \
      .help = "of release 0.3, without effect: see run-dir and admin-listen" },                    \
    { .name = "admin-listen", .kind = KIT_OPTION_TEXT, .fallback = "",                             \
      .help = "ADDRESS:PORT of TCP beside the admin socket, to read only; empty: none" },          \
    { .name = "run-dir", .kind = KIT_OPTION_TEXT, .fallback = "",                                  \
      .help = "folder for the admin socket, <process>.sock; empty: there is none" },               \
    { .name = "log-format", .kind = KIT_OPTION_TEXT, .fallback = "auto",                           \
      .help = "auto, json or text; auto is text on a terminal" },                                  \
    { .name = "log-level", .kind = KIT_OPTION_TEXT, .fallback = "info",                            \
      .help = "debug, info, warn or error" },                                                      \
    { .name = "access", .kind = KIT_OPTION_TEXT, .fallback = "open",                               \
      .help = "open: whoever comes is operator; closed: everybody has a role. One for all" },      \
    { .name = "check", .kind = KIT_OPTION_TEXT, .fallback = "",                                    \
      .help = "live or ready: asks the one that runs with these settings; exit 0 when it is so" }
/* clang-format on */
#define KIT_PROCESS_OPTION_COUNT 13

/* Where a database lies. */
struct kit_host_disk {
    const char *path;    /* borrowed; NULL: none */
    int64_t least_bytes; /* that are to be free; 0: it is not looked at */
    int64_t free_bytes;  /* at the last look */
    int64_t due_mono_ms; /* of the next one */
};

/* Filled by kit_host_start(); members may be read, and are NULL until opened. */
struct kit_host {
    const char *process;
    const char *bus_name; /* client id, user and state topic; NULL: the instance */
    struct kit_config *config;
    const struct kit_clock *clock;
    const struct kit_rng *rng;
    const struct kit_log *log;
    struct kit_loop *loop;
    struct kit_bus_paho *bus;
    struct kit_admin *admin;     /* NULL: no socket, or not yet */
    struct kit_admin *admin_tcp; /* NULL: not wanted */
    struct kit_admin_owner admin_owner;
    int64_t admin_due_mono_ms; /* when the socket is looked for again */
    struct kit_memory memory;
    struct kit_notify notify;
    int64_t started_mono_ms;
    struct kit_host_disk disk;
};

/* Settings, log, loop; spec->options begin with KIT_PROCESS_OPTIONS. SIGPIPE ignored, SIGTERM and
 * SIGINT stop the loop, SIGHUP is kept for kit_host_take_reload(). One host per process. false: the
 * process ends with *ret_status (0 after
 * --help and the like, after --check what it says); nothing is left open. */
bool kit_host_start(struct kit_host *host, const struct kit_config_spec *spec, int argc,
                    char **argv, int *ret_status);

/* Has SIGHUP come since the last time? A turn of the loop follows it. Whoever has files to read
 * again asks in each turn; others let it pass. */
bool kit_host_take_reload(struct kit_host *host);

/* The admin listener <run-dir>/<process>.sock, again when somebody removes it, and TCP where that
 * is wanted. From now on systemd, if it listens, is told when the process is ready. What the owner
 * names is borrowed until kit_host_done(). KIT_E_UNAVAILABLE, KIT_E_INVALID: of TCP alone. */
int kit_host_open_admin(struct kit_host *host, const struct kit_admin_owner *owner,
                        struct kit_error *err) KIT_MUST_CHECK;

/* The broker connection, as a ticker of the loop. Comes back before the broker has answered. */
int kit_host_open_bus(struct kit_host *host, const struct kit_bus_subscription *subscriptions,
                      size_t subscription_count, const struct kit_bus_events *events,
                      struct kit_error *err) KIT_MUST_CHECK;

/* Whether --access is closed: everybody who asks through the bridge has a role. Of a host that has
 * been started; any thread. */
bool kit_host_is_closed(const struct kit_host *host);

/* NULL while the broker connection is up; else why not, for /readyz. */
const char *kit_host_not_ready(const struct kit_host *host);

/* From now on kit_host_look() looks at the free space where path lies, which is borrowed. */
void kit_host_watch_disk(struct kit_host *host, const char *path, int64_t least_mib);

/* Looks at the broker connection, the queues and the disk, and tells it. Every KIT_STATUS_PERIOD_MS
 * or so, and before it is shown. */
void kit_host_look(struct kit_host *host, struct kit_degraded *degraded);

/* Process and bus metrics: start time, memory, file descriptors, messages, link. */
void kit_host_metrics(const struct kit_host *host, struct kit_buf *out);

/* Runs the loop until it is stopped. Logs start and stop. Returns KIT_EXIT_OK, or KIT_EXIT_SOFTWARE
 * when the loop itself failed. */
int kit_host_run(struct kit_host *host);

/* Says on the broker that this process goes and is back soon, so that whoever asks it waits. */
void kit_host_announce_restart(struct kit_host *host);

/* One turn of the loop while the process ends, to finish what is under way. false: the loop has
 * failed. */
bool kit_host_turn(struct kit_host *host);

/* Publishes "offline" and waits up to KIT_HOST_CLOSE_MS for what is queued and in flight;
 * on_published may be called meanwhile, on_message is not. */
void kit_host_close_bus(struct kit_host *host);

/* Frees everything that was opened and removes the admin socket. */
void kit_host_done(struct kit_host *host);

/* Logs err and returns status, so: return kit_host_fail(&host, "store_failed", &err, KIT_EXIT_...).
 */
int kit_host_fail(const struct kit_host *host, const char *event, const struct kit_error *err,
                  int status);

/* Makes the folder of a file, and the folders above it (mode 0750). Existing ones are fine. */
int kit_host_make_parent(const char *path, struct kit_error *err) KIT_MUST_CHECK;

#endif
