/* The process around a device: opens the files and lines that the options name, gives the core its
 * ports, and runs the loop until SIGTERM. One thread, besides paho's (ports/linux/link.h). */
#ifndef FW_PORTS_LINUX_HOST_H
#define FW_PORTS_LINUX_HOST_H

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
    char last_reason[FW_LINUX_REASON_SIZE]; /* why there is no link, as standard error has it */
    int64_t dropped_told; /* dropped messages of the link, as standard error has it */
    bool is_unread_told;  /* standard error has: nobody reads the panel */
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
    void (*stop)(void *self); /* the last call, before a clean end */
    int (*will)(void *self, char *buf, size_t size_max);
    void *self;
};

/* Opens the application with the ports of the host, and runs it by fw_linux_host_run(). Returns
 * FW_OK, or a failure with a sentence. */
typedef int (*fw_linux_run_fn)(struct fw_linux_host *host, char error[FW_LINUX_ERROR_SIZE]);

/**
 * fw_linux_host_main() - main() of a device: command line, flash, key, application, and an end.
 *
 * Returns the exit status. Help, version and errors have been printed.
 */
int fw_linux_host_main(enum fw_linux_role role, int argc, char **argv, fw_linux_run_fn run);

/**
 * fw_linux_host_uart() - The serial line at that path, opened once even for several boards.
 *
 * A line that is not there now is opened later by the core. NULL: more than FW_LINUX_UARTS_MAX
 * lines.
 */
const struct fw_uart *fw_linux_host_uart(struct fw_linux_host *host, const char *path, int baud);

/** fw_linux_host_device() - The ports of a device on this host, borrowed for the host's life. */
struct fw_device_setup fw_linux_host_device(const struct fw_linux_host *host);

/**
 * fw_linux_host_run() - Connect, and run the application until SIGTERM or SIGINT.
 *
 * @opened: what the application's open returned; when not FW_OK, it is put into words and returned.
 * @app:    borrowed for the call.
 *
 * Errors: FW_E_IO, FW_E_INVALID: the password file or the link cannot be used.
 */
int fw_linux_host_run(struct fw_linux_host *host, int opened, const struct fw_linux_app *app,
                      char error[FW_LINUX_ERROR_SIZE]);

#endif
