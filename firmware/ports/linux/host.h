/* The process around a device: opens what the options name, gives the core its ports, and runs the
 * loop until SIGTERM. */
#ifndef FW_LINUX_HOST_H
#define FW_LINUX_HOST_H

#include "core/device.h"
#include "ports/linux/options.h"
#include "ports/linux/panel.h"

#define FW_LINUX_UARTS_MAX (1 + FW_BANK_BOARDS_MAX)
#define FW_LINUX_EXIT_FAILED 1
#define FW_LINUX_EXIT_USAGE 64

struct fw_linux_host {
    const struct fw_linux_options *options;
    struct fw_linux_flash flash_file;
    struct fw_linux_mac mac_key;
    struct fw_linux_panel panel_lines;
    struct fw_linux_uart uart_lines[FW_LINUX_UARTS_MAX];
    int uart_count;
    struct fw_linux_link *link;
    int stop_fd;
    char last_reason[FW_LINUX_REASON_SIZE]; /* told once */
    int64_t dropped_told;                   /* messages of the link */
    bool is_unread_told;                    /* that nobody reads the panel */
    /* the ports */
    struct fw_clock clock;
    struct fw_rng rng;
    struct fw_mac mac;
    struct fw_flash flash;
    struct fw_panel panel;
    struct fw_trace trace;
    struct fw_net net;
    struct fw_uart uarts[FW_LINUX_UARTS_MAX]; /* same order as uart_lines */
    const struct fw_linux_app *app;
};

/* The application as the loop sees it. */
struct fw_linux_app {
    void (*on_link)(void *self, bool is_up);
    void (*on_message)(void *self, enum fw_leaf leaf, const char *payload, size_t size);
    int64_t (*step)(void *self, int64_t now_ms);
    void (*stop)(void *self); /* the last call */
    int (*will)(void *self, char *buf, size_t size_max);
    void *self;
};

/* Opens the application with what the host gives it, and runs it by fw_linux_host_run(). */
typedef int (*fw_linux_run_fn)(struct fw_linux_host *host, char error[FW_LINUX_ERROR_SIZE]);

/* main() of a device: command line, flash and key, the application, and all closed again. Returns
 * the exit status; help, versions and errors have been said. */
int fw_linux_host_main(enum fw_linux_role role, int argc, char **argv, fw_linux_run_fn run);

/* The line at this path, opened once however often it is asked for. NULL: too many. */
const struct fw_uart *fw_linux_host_uart(struct fw_linux_host *host, const char *path, int baud);

/* What a device is made of on this host. */
struct fw_device_setup fw_linux_host_device(const struct fw_linux_host *host);

/* Connects, and runs the application until SIGTERM or SIGINT. @opened: what its open said; unless
 * FW_OK, it is put into words and returned. */
int fw_linux_host_run(struct fw_linux_host *host, int opened, const struct fw_linux_app *app,
                      char error[FW_LINUX_ERROR_SIZE]);

#endif
