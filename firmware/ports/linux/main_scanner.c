/* lockstock-scanner: the scanner's firmware on a PC. */
#include <stdio.h>

#include "core/scanner.h"
#include "ports/linux/host.h"

static void on_link(void *self, bool is_up)
{
    fw_scanner_on_link(self, is_up);
}

static void on_message(void *self, enum fw_leaf leaf, const char *payload, size_t size)
{
    fw_scanner_on_message(self, leaf, payload, size);
}

static int64_t step(void *self, int64_t now_ms)
{
    return fw_scanner_step(self, now_ms);
}

static void stop(void *self)
{
    fw_scanner_stop(self);
}

static int will(void *self, char *buf, size_t size_max)
{
    return fw_scanner_will(self, buf, size_max);
}

static int run(struct fw_linux_host *host, struct fw_scanner *scanner,
               char error[FW_LINUX_ERROR_SIZE])
{
    const struct fw_linux_options *options = host->options;
    struct fw_scanner_setup setup = {
        .device = fw_linux_host_device(host),
        .uart = fw_linux_host_uart(host, options->port, options->baud),
        .dead_time_ms = options->dead_time_ms,
    };
    int rc = fw_scanner_open(scanner, &setup);
    if (rc != FW_OK) {
        snprintf(error, FW_LINUX_ERROR_SIZE, "%s", fw_linux_status_text(rc));
        return rc;
    }
    struct fw_linux_app app = { on_link, on_message, step, stop, will, scanner };
    return fw_linux_host_run(host, &app, error);
}

int main(int argc, char **argv)
{
    struct fw_linux_options options;
    int status = fw_linux_host_begin(&options, FW_LINUX_SCANNER, argc, argv);
    if (status >= 0)
        return status;

    static struct fw_scanner scanner; /* all the memory of the firmware */
    struct fw_linux_host host;
    char error[FW_LINUX_ERROR_SIZE];
    int rc = fw_linux_host_open(&host, &options, error);
    if (rc == FW_OK)
        rc = run(&host, &scanner, error);
    fw_linux_host_close(&host);
    return rc == FW_OK ? 0 : fw_linux_host_fail(&options, error);
}
