/* The process around a device (ports/linux/host.h): opens, runs and closes. The loop's thread. */
#include "ports/linux/host.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "port/check.h"

#define POLL_MS_MAX 1000 /* the loop steps at least once a second */

/* A bug. All state is in the flash file: a supervisor may start the process again. */
_Noreturn void fw_panic(const char *file, int line)
{
    fprintf(stderr, "bug: %s:%d\n", file, line);
    abort();
}

/* What a failed open of the application means, and what to do. */
static const char *get_status_text(int status)
{
    switch ((enum fw_status)status) {
    case FW_E_INVALID:
        return "its memory or its boards are too few; give --flash-blocks 8 or more to a new file";
    case FW_E_CORRUPT:
        return "its memory was written by another version; use a new --flash file";
    case FW_E_IO:
        return "its memory cannot be read or written; look at the disk of --flash";
    case FW_OK:
    case FW_E_FULL:
    case FW_E_TOO_LARGE:
    case FW_E_AWAY:
        return "it cannot start";
    }
    FW_UNREACHABLE();
}

static int fail(const struct fw_linux_options *options, const char *error)
{
    fprintf(stderr, "%s: %s\n", fw_linux_role_name(options->role), error);
    return FW_LINUX_EXIT_FAILED;
}

/* One line on standard error, unless it is not read: that must not stop the device. */
static void say(const struct fw_linux_host *host, const char *text)
{
    struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };
    if (poll(&out, 1, 0) != 1 || (out.revents & POLLOUT) == 0)
        return;
    fprintf(stderr, "%s: %s: %s\n", fw_linux_role_name(host->options->role), host->options->id,
            text);
}

/* Reads the command line. Returns the exit status, or -1: go on. */
static int begin(struct fw_linux_options *options, enum fw_linux_role role, int argc, char **argv)
{
    char error[FW_LINUX_ERROR_SIZE];
    if (fw_linux_options_parse(options, role, argc, argv, error) != FW_OK) {
        (void)fail(options, error);
        return FW_LINUX_EXIT_USAGE;
    }
    if (options->wants_help)
        fputs(fw_linux_options_help(role), stdout);
    else if (options->wants_version)
        printf("%s %s\n", fw_linux_role_name(role), LOCKSTOCK_VERSION);
    else
        return -1;
    return 0;
}

/* ---- opening ---- */

/* Blocks the signals before paho's threads begin, so that only our descriptor gets them. */
static int open_signals(struct fw_linux_host *host, char error[FW_LINUX_ERROR_SIZE])
{
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    signal(SIGPIPE, SIG_IGN);
    if (pthread_sigmask(SIG_BLOCK, &stops, NULL) == 0)
        host->stop_fd = signalfd(-1, &stops, SFD_CLOEXEC | SFD_NONBLOCK);
    if (host->stop_fd >= 0)
        return FW_OK;
    snprintf(error, FW_LINUX_ERROR_SIZE, "signals cannot be waited for: %s", strerror(errno));
    return FW_E_IO;
}

static int publish(void *self, enum fw_leaf leaf, const char *payload, size_t size)
{
    struct fw_linux_host *host = self;
    if (host->link == NULL)
        return FW_E_AWAY;
    struct fw_net net = fw_linux_link_port(host->link);
    int rc = net.publish(net.self, leaf, payload, size);
    if (rc != FW_OK)
        return rc;
    fw_linux_panel_trace(&host->panel_lines, "out", leaf == FW_LEAF_UP ? "up" : "state", payload,
                         size);
    return FW_OK;
}

static void reconnect(void *self)
{
    struct fw_linux_host *host = self;
    if (host->link == NULL)
        return;
    struct fw_net net = fw_linux_link_port(host->link);
    net.reconnect(net.self);
}

static void make_ports(struct fw_linux_host *host)
{
    host->clock = fw_linux_clock();
    host->rng = fw_linux_rng();
    host->mac = fw_linux_mac_port(&host->mac_key);
    host->flash = fw_linux_flash_port(&host->flash_file);
    fw_linux_panel_open(&host->panel_lines, STDOUT_FILENO, host->options->traces, host->clock);
    host->panel = fw_linux_panel_port(&host->panel_lines);
    host->trace = fw_linux_trace_port(&host->panel_lines);
    host->net = (struct fw_net){ .publish = publish, .reconnect = reconnect, .self = host };
}

static int open_host(struct fw_linux_host *host, const struct fw_linux_options *options,
                     char error[FW_LINUX_ERROR_SIZE])
{
    memset(host, 0, sizeof(*host));
    host->options = options;
    host->stop_fd = -1;
    host->flash_file.fd = -1;
    host->panel_lines.fd = -1;
    if (sodium_init() < 0) {
        snprintf(error, FW_LINUX_ERROR_SIZE, "libsodium does not start");
        return FW_E_IO;
    }
    int rc = open_signals(host, error);
    if (rc != FW_OK)
        return rc;
    rc = fw_linux_flash_open(&host->flash_file, options->flash, options->flash_blocks, error);
    if (rc != FW_OK)
        return rc;
    if (options->key[0] != '\0') {
        rc = fw_linux_mac_load(&host->mac_key, options->key, error);
        if (rc != FW_OK)
            return rc;
    }
    make_ports(host);
    return FW_OK;
}

const struct fw_uart *fw_linux_host_uart(struct fw_linux_host *host, const char *path, int baud)
{
    for (int i = 0; i < host->uart_count; i++) {
        if (fw_linux_uart_is_same(host->uart_lines[i].path, path))
            return &host->uarts[i];
    }
    if (host->uart_count == FW_LINUX_UARTS_MAX)
        return NULL;
    char error[FW_LINUX_ERROR_SIZE];
    int index = host->uart_count++;
    if (fw_linux_uart_open(&host->uart_lines[index], path, baud, error) != FW_OK)
        say(host, error); /* the core opens the line again until it is there */
    host->uarts[index] = fw_linux_uart_port(&host->uart_lines[index]);
    return &host->uarts[index];
}

struct fw_device_setup fw_linux_host_device(const struct fw_linux_host *host)
{
    return (struct fw_device_setup){ .flash = &host->flash,
                                     .clock = &host->clock,
                                     .net = &host->net,
                                     .rng = &host->rng,
                                     .panel = &host->panel,
                                     .trace = &host->trace,
                                     .firmware = LOCKSTOCK_VERSION };
}

/* ---- running ---- */

static void on_link(void *self, bool is_up, const char *reason)
{
    struct fw_linux_host *host = self;
    fw_linux_panel_trace(&host->panel_lines, "link", is_up ? "up" : "down", reason, strlen(reason));
    if (is_up) {
        host->last_reason[0] = '\0';
    } else if (strcmp(host->last_reason, reason) != 0) {
        char text[FW_LINUX_REASON_SIZE + 64];
        fw_linux_copy_text(host->last_reason, sizeof(host->last_reason), reason);
        snprintf(text, sizeof(text), "no connection to the broker: %s; trying again", reason);
        say(host, text);
    }
    host->app->on_link(host->app->self, is_up);
}

static void on_message(void *self, enum fw_leaf leaf, const char *payload, size_t size)
{
    struct fw_linux_host *host = self;
    const char *name = leaf == FW_LEAF_ACK ? "ack" : leaf == FW_LEAF_CMD ? "cmd" : "config";
    fw_linux_panel_trace(&host->panel_lines, "in", name, payload, size);
    host->app->on_message(host->app->self, leaf, payload, size);
}

static int get_will(void *self, char *buf, size_t size_max)
{
    struct fw_linux_host *host = self;
    return host->app->will(host->app->self, buf, size_max);
}

static int open_link(struct fw_linux_host *host, char error[FW_LINUX_ERROR_SIZE])
{
    const struct fw_linux_options *options = host->options;
    char password[FW_LINUX_SECRET_SIZE];
    bool has_password = options->password_file[0] != '\0';
    if (has_password) {
        int rc = fw_linux_secret_load(options->password_file, password, error);
        if (rc != FW_OK)
            return rc;
    }
    struct fw_linux_link_config config = {
        .host = options->host,
        .port = options->broker_port,
        .site = options->site,
        .kind = options->role == FW_LINUX_SCANNER ? "scanner" : "locker",
        .device = options->id,
        .password = has_password ? password : NULL,
        .ca = options->ca[0] != '\0' ? options->ca : NULL,
        .certificate = options->certificate,
        .certificate_key = options->certificate_key,
        .takes_commands = options->role == FW_LINUX_LOCKER,
    };
    struct fw_linux_link_events events = {
        .on_link = on_link, .on_message = on_message, .will = get_will, .self = host
    };
    int rc = fw_linux_link_new(&host->link, &config, &events, error);
    sodium_memzero(password, sizeof(password));
    return rc;
}

/* Waits until a line or the link has bytes, or until that time. false: a signal says stop. */
static bool wait_for_work(struct fw_linux_host *host, int64_t until_ms)
{
    struct fw_linux_panel *panel = &host->panel_lines;
    bool is_waited_for = fw_linux_panel_wants_out(panel);
    struct pollfd fds[3 + FW_LINUX_UARTS_MAX] = {
        { .fd = host->stop_fd, .events = POLLIN },
        { .fd = fw_linux_link_fd(host->link), .events = POLLIN },
        { .fd = is_waited_for ? panel->fd : -1, .events = POLLOUT },
    };
    nfds_t count = 3;
    for (int i = 0; i < host->uart_count; i++) /* poll passes over -1, the fd of a lost line */
        fds[count++] = (struct pollfd){ .fd = host->uart_lines[i].fd, .events = POLLIN };

    int64_t wait_ms = until_ms - host->clock.mono_ms(host->clock.self);
    if (wait_ms > POLL_MS_MAX)
        wait_ms = POLL_MS_MAX;
    (void)poll(fds, count, wait_ms > 0 ? (int)wait_ms : 0);
    if (fds[2].revents != 0)
        fw_linux_panel_flush(panel);
    return (fds[0].revents & POLLIN) == 0;
}

/* The service sends a dropped message again, for ever if it is too large: a person must be told why
 * no answer comes. */
static void tell_dropped(struct fw_linux_host *host)
{
    char text[128];
    int64_t dropped = fw_linux_link_dropped(host->link);
    if (dropped != host->dropped_told) {
        snprintf(text, sizeof(text),
                 "messages dropped: %" PRId64 ", larger than %d bytes, or too many at once",
                 dropped, FW_PAYLOAD_MAX);
        host->trace.write(host->trace.self, text);
        say(host, text);
    }
    host->dropped_told = dropped;
    if (host->panel_lines.dropped > 0 && !host->is_unread_told)
        say(host, "standard output is not read: lines of the panel are dropped");
    host->is_unread_told = host->panel_lines.dropped > 0;
}

int fw_linux_host_run(struct fw_linux_host *host, int opened, const struct fw_linux_app *app,
                      char error[FW_LINUX_ERROR_SIZE])
{
    if (opened != FW_OK) {
        fw_linux_copy_text(error, FW_LINUX_ERROR_SIZE, get_status_text(opened));
        return opened;
    }
    host->app = app;
    int rc = open_link(host, error);
    if (rc != FW_OK)
        return rc;
    host->panel.show(host->panel.self, FW_SIGNAL_NONE, "ready");
    int64_t until_ms;
    do {
        int64_t link_ms = fw_linux_link_tick(host->link, host->clock.mono_ms(host->clock.self));
        tell_dropped(host);
        /* The clock is read again: the tick may have written messages to flash. */
        int64_t app_ms = app->step(app->self, host->clock.mono_ms(host->clock.self));
        until_ms = link_ms < app_ms ? link_ms : app_ms;
    } while (wait_for_work(host, until_ms));
    app->stop(app->self);
    return FW_OK;
}

static int open_and_run(struct fw_linux_host *host, const struct fw_linux_options *options,
                        fw_linux_run_fn run, char error[FW_LINUX_ERROR_SIZE])
{
    int rc = open_host(host, options, error);
    if (rc != FW_OK)
        return rc;
    return run(host, error);
}

/* Also what open_host() left half open. */
static void close_host(struct fw_linux_host *host)
{
    fw_linux_link_free(host->link);
    host->link = NULL;
    for (int i = 0; i < host->uart_count; i++)
        fw_linux_uart_close(&host->uart_lines[i]);
    fw_linux_flash_close(&host->flash_file);
    fw_linux_panel_close(&host->panel_lines);
    if (host->stop_fd >= 0)
        close(host->stop_fd);
    sodium_memzero(&host->mac_key, sizeof(host->mac_key));
}

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

int fw_linux_host_main(enum fw_linux_role role, int argc, char **argv, fw_linux_run_fn run)
{
    struct fw_linux_options options;
    int status = begin(&options, role, argc, argv);
    if (status >= 0)
        return status;

    leave_no_core();
    struct fw_linux_host host;
    char error[FW_LINUX_ERROR_SIZE];
    int rc = open_and_run(&host, &options, run, error);
    close_host(&host);
    if (rc != FW_OK)
        return fail(&options, error);
    return 0;
}
