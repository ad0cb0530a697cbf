/* What every process shares: see process.h. Errors are logged here, once, at the edge. */
#include "kit/process/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/log/log.h"
#include "kit/process/check.h"
#include "kit/process/json_pool.h"
#include "kit/rpc/topic.h"

#define ADMIN_LOOK_MS 5000     /* between two looks whether the socket is still there */
#define PID_TEXT_SIZE 16       /* room for what kit_unix_socket_listen() adds */
#define INSTANCE_LENGTH_MAX 47 /* KIT_INSTANCE_SIZE of kit/rpc/client.h, without the NUL */

/* ---- signals ---- */

static struct kit_loop *signal_loop; /* set before the handlers are */
static volatile sig_atomic_t is_reload_wanted;

static void on_signal(int number)
{
    (void)number;
    kit_loop_stop(signal_loop);
}

static void on_reload(int number)
{
    (void)number;
    is_reload_wanted = 1;
    kit_loop_wake(signal_loop);
}

static void set_handler(int number, void (*handler)(int))
{
    struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
    sigemptyset(&action.sa_mask);
    CHECK(sigaction(number, &action, NULL) == 0);
}

/* ---- start ---- */

/* A core would have keys and codes in it. Where one is made all the same, as by a pipe that the
 * system has for it, it is empty: no memory of ours is to be dumped (core(5)). */
static void leave_no_core(void)
{
    static const struct rlimit none = { .rlim_cur = 0, .rlim_max = 0 };
    const int fd = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);

    (void)setrlimit(RLIMIT_CORE, &none);
    if (fd < 0)
        return;
    const bool is_set = write(fd, "0", 1) == 1;
    (void)is_set; /* the limit is what most systems go by */
    close(fd);
}

static int check_instance(const char *instance, struct kit_error *err)
{
    size_t length = strspn(instance, "abcdefghijklmnopqrstuvwxyz0123456789-");
    if (length >= 1 && length <= INSTANCE_LENGTH_MAX && instance[length] == '\0')
        return KIT_OK;
    return kit_error_set(err, KIT_E_INVALID,
                         "--instance must be 1 to %d characters of a-z, 0-9 "
                         "and -, not \"%.60s\"",
                         INSTANCE_LENGTH_MAX, instance);
}

static bool find_level(const char *text, enum kit_level *ret)
{
    static const char *const names[] = {
        [KIT_DEBUG] = "debug", [KIT_INFO] = "info", [KIT_WARN] = "warn", [KIT_ERROR] = "error"
    };
    for (size_t i = 0; i < KIT_COUNT(names); i++) {
        if (strcmp(text, names[i]) == 0) {
            *ret = (enum kit_level)i;
            return true;
        }
    }
    return false;
}

static int open_log(struct kit_host *host, struct kit_error *err)
{
    const char *format = kit_config_text(host->config, "log-format");
    const char *level_text = kit_config_text(host->config, "log-level");
    enum kit_level level;
    if (strcmp(format, "auto") != 0 && strcmp(format, "json") != 0 && strcmp(format, "text") != 0)
        return kit_error_set(err, KIT_E_INVALID,
                             "--log-format must be auto, json or text, not "
                             "\"%.40s\"",
                             format);
    if (!find_level(level_text, &level))
        return kit_error_set(err, KIT_E_INVALID,
                             "--log-level must be debug, info, warn or error, "
                             "not \"%.40s\"",
                             level_text);
    host->log = kit_log_stderr(host->process, format, level, host->clock);
    return KIT_OK;
}

bool kit_host_is_closed(const struct kit_host *host)
{
    return strcmp(kit_config_text(host->config, "access"), "closed") == 0;
}

static int check_access(const struct kit_host *host, struct kit_error *err)
{
    const char *access = kit_config_text(host->config, "access");
    if (kit_host_is_closed(host) || strcmp(access, "open") == 0)
        return KIT_OK;
    return kit_error_set(err, KIT_E_INVALID, "--access must be open or closed, not \"%.40s\"",
                         access);
}

bool kit_host_start(struct kit_host *host, const struct kit_config_spec *spec, int argc,
                    char **argv, int *ret_status)
{
    PRE(spec->option_count >= KIT_PROCESS_OPTION_COUNT);
    struct kit_error err;
    *host = (struct kit_host){ .process = spec->process,
                               .clock = kit_system_clock(),
                               .rng = kit_system_rng(),
                               .notify = { .fd = -1 } };
#ifndef __SANITIZE_ADDRESS__ /* a pool hides from it who uses what was freed */
    kit_json_pool_install();
#endif
    leave_no_core();
    host->started_mono_ms = host->clock->mono_ms(host->clock->self);

    enum kit_config_outcome outcome = kit_config_load(spec, argc, argv, &host->config, &err);
    if (outcome == KIT_CONFIG_DONE) {
        *ret_status = KIT_EXIT_OK;
        return false;
    }
    *ret_status = KIT_EXIT_USAGE;
    if (outcome == KIT_CONFIG_WRONG ||
        check_instance(kit_config_text(host->config, "instance"), &err) != KIT_OK ||
        check_access(host, &err) != KIT_OK || open_log(host, &err) != KIT_OK) {
        fprintf(stderr, "%s: %s\n", spec->process, err.text); /* there is no log yet */
        kit_host_done(host);
        return false;
    }
    const char *check = kit_config_text(host->config, "check");
    if (check[0] != '\0') {
        const int rc = kit_check(check, host->process, kit_config_text(host->config, "run-dir"));
        if (rc == KIT_OK)
            *ret_status = KIT_EXIT_OK;
        else if (rc == KIT_E_UNAVAILABLE)
            *ret_status = KIT_EXIT_UNAVAILABLE;
        kit_host_done(host);
        return false;
    }
    if (kit_loop_new(&host->loop, host->clock, &err) != KIT_OK) {
        *ret_status = kit_host_fail(host, "loop_failed", &err, KIT_EXIT_SOFTWARE);
        kit_host_done(host);
        return false;
    }
    kit_loop_add_ticker(host->loop, kit_memory_tick, &host->memory);
    signal_loop = host->loop;
    set_handler(SIGPIPE, SIG_IGN);
    set_handler(SIGTERM, on_signal);
    set_handler(SIGINT, on_signal);
    set_handler(SIGHUP, on_reload);
    return true;
}

bool kit_host_take_reload(struct kit_host *host)
{
    PRE(signal_loop == host->loop);
    const bool is_wanted = is_reload_wanted != 0;
    is_reload_wanted = 0;
    return is_wanted;
}

/* ---- admin ---- */

/* <run-dir>/<process>.sock, and the folder for this user alone. */
static int make_place(const struct kit_host *host, char ret_path[KIT_HOST_PATH_SIZE],
                      struct kit_error *err)
{
    const char *folder = kit_config_text(host->config, "run-dir");

    int length = snprintf(ret_path, KIT_HOST_PATH_SIZE, "%s/%s.sock", folder, host->process);
    if (length < 0 || length >= KIT_HOST_PATH_SIZE - PID_TEXT_SIZE)
        return kit_error_set(err, KIT_E_INVALID, "--run-dir is too long");
    int rc = kit_host_make_parent(folder, err);
    if (rc != KIT_OK)
        return rc;
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return kit_error_set(err, KIT_E_IO, "cannot make the folder %s: %s; check --run-dir",
                             folder, strerror(errno));
    return KIT_OK;
}

/* Somebody may have removed the folder, or the disk was full at the start. */
static int64_t keep_admin(void *context, int64_t now_mono_ms)
{
    struct kit_host *host = context;
    char path[KIT_HOST_PATH_SIZE];
    struct kit_error err;

    if (now_mono_ms < host->admin_due_mono_ms)
        return host->admin_due_mono_ms;
    host->admin_due_mono_ms = now_mono_ms + ADMIN_LOOK_MS;
    if (make_place(host, path, &err) != KIT_OK)
        return host->admin_due_mono_ms; /* tried again at the next look */
    if (host->admin == NULL)
        (void)kit_admin_new(&host->admin, host->loop, path, &host->admin_owner, &err);
    else
        (void)kit_admin_keep(host->admin, &err);
    return host->admin_due_mono_ms;
}

/* A full disk, or a folder that cannot be made, must not keep the process from starting. */
static void open_admin(struct kit_host *host)
{
    char path[KIT_HOST_PATH_SIZE];
    struct kit_error err;

    if (kit_config_text(host->config, "run-dir")[0] == '\0')
        return;
    if (make_place(host, path, &err) != KIT_OK ||
        kit_admin_new(&host->admin, host->loop, path, &host->admin_owner, &err) != KIT_OK)
        kit_log_write(host->log, KIT_ERROR, "admin_socket", "%s; tried again", err.text);
    kit_loop_add_ticker(host->loop, keep_admin, host);
}

int kit_host_open_admin(struct kit_host *host, const struct kit_admin_owner *owner,
                        struct kit_error *err)
{
    const char *place = kit_config_text(host->config, "admin-listen");

    host->admin_owner = *owner;
    if (place[0] != '\0') {
        int rc = kit_admin_new_tcp(&host->admin_tcp, host->loop, place, owner, err);
        if (rc != KIT_OK)
            return rc;
    }
    open_admin(host);
    if (kit_notify_open(&host->notify)) {
        host->notify.not_ready = owner->not_ready;
        host->notify.context = owner->context;
        kit_loop_add_ticker(host->loop, kit_notify_tick, &host->notify);
    }
    return KIT_OK;
}

/* ---- bus ---- */

int kit_host_open_bus(struct kit_host *host, const struct kit_bus_subscription *subscriptions,
                      size_t subscription_count, const struct kit_bus_events *events,
                      struct kit_error *err)
{
    PRE(subscription_count <= KIT_BUS_SUBSCRIPTIONS_MAX);
    struct kit_bus_config config = {
        .host = kit_config_text(host->config, "mqtt-host"),
        .port = (int)kit_config_int(host->config, "mqtt-port"),
        .instance = host->bus_name ? host->bus_name : kit_config_text(host->config, "instance"),
        .password = kit_config_text(host->config, "mqtt-password-file"),
        .ca = kit_config_text(host->config, "mqtt-ca"),
        .certificates = kit_config_text(host->config, "mqtt-certificates"),
        .subscription_count = subscription_count,
        .is_urgent = kit_topic_is_urgent,
    };
    if (subscription_count > 0)
        memcpy(config.subscriptions, subscriptions,
               subscription_count * sizeof(config.subscriptions[0]));
    const struct kit_bus_paho_ports ports = {
        .loop = host->loop,
        .clock = host->clock,
        .rng = host->rng,
        .log = host->log,
    };
    int rc = kit_bus_paho_new(&host->bus, &config, &ports, events, err);
    if (rc != KIT_OK)
        return rc;
    kit_loop_add_ticker(host->loop, kit_bus_paho_tick, host->bus);
    return KIT_OK;
}

const char *kit_host_not_ready(const struct kit_host *host)
{
    if (host->bus == NULL || !kit_bus_paho_is_up(host->bus))
        return "no connection to the broker";
    return NULL;
}

/* ---- run and end ---- */

int kit_host_run(struct kit_host *host)
{
    struct kit_error err;
    kit_log_write(host->log, KIT_INFO, "started", "%s %s runs as %s", host->process,
                  LOCKSTOCK_VERSION, kit_config_text(host->config, "instance"));
    if (kit_loop_run(host->loop, &err) != KIT_OK)
        return kit_host_fail(host, "loop_failed", &err, KIT_EXIT_SOFTWARE);
    kit_notify_close(&host->notify);
    kit_log_write(host->log, KIT_INFO, "stopping", "asked to stop: finishing what is under way");
    return KIT_EXIT_OK;
}

void kit_host_announce_restart(struct kit_host *host)
{
    if (host->bus != NULL)
        kit_bus_paho_announce_restart(host->bus);
}

bool kit_host_turn(struct kit_host *host)
{
    return kit_loop_turn(host->loop, KIT_HOST_TURN_MS, NULL) == KIT_OK;
}

void kit_host_close_bus(struct kit_host *host)
{
    if (host->bus != NULL)
        kit_bus_paho_close(host->bus, KIT_HOST_CLOSE_MS);
}

void kit_host_done(struct kit_host *host)
{
    kit_bus_paho_free(host->bus);
    kit_admin_free(host->admin);
    kit_admin_free(host->admin_tcp);
    if (host->loop != NULL) {
        set_handler(SIGTERM, SIG_IGN); /* we are ending already */
        set_handler(SIGINT, SIG_IGN);
        kit_loop_free(host->loop);
    }
    kit_config_free(host->config);
    kit_notify_close(&host->notify);
    *host = (struct kit_host){ .process = host->process, .notify = { .fd = -1 } };
}

int kit_host_fail(const struct kit_host *host, const char *event, const struct kit_error *err,
                  int status)
{
    kit_log_write(host->log, KIT_ERROR, event, "%s", err->text);
    return status;
}

int kit_host_make_parent(const char *path, struct kit_error *err)
{
    char folder[KIT_HOST_PATH_SIZE];
    size_t length = strlen(path);
    if (length >= sizeof(folder))
        return kit_error_set(err, KIT_E_INVALID, "the path %.80s... is longer than %d bytes", path,
                             KIT_HOST_PATH_SIZE - 1);
    memcpy(folder, path, length + 1);
    for (size_t i = 1; i < length; i++) {
        if (folder[i] != '/')
            continue;
        folder[i] = '\0';
        if (mkdir(folder, 0750) != 0 && errno != EEXIST)
            return kit_error_set(err, KIT_E_IO,
                                 "cannot make the folder %s: %s; choose another "
                                 "one, or make it yourself",
                                 folder, strerror(errno));
        folder[i] = '/';
    }
    return KIT_OK;
}
