/* lockstock-scanner: the scanner's firmware on a PC. */
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

static int get_will(void *self, char *buf, size_t size_max)
{
    return fw_scanner_will(self, buf, size_max);
}

static int run(struct fw_linux_host *host, char error[FW_LINUX_ERROR_SIZE])
{
    static struct fw_scanner scanner; /* all the memory of the firmware */
    const struct fw_linux_options *options = host->options;
    struct fw_scanner_setup setup = {
        .device = fw_linux_host_device(host),
        .uart = fw_linux_host_uart(host, options->port, options->baud),
        .dead_time_ms = options->dead_time_ms,
    };
    struct fw_linux_app app = { on_link, on_message, step, stop, get_will, &scanner };
    return fw_linux_host_run(host, fw_scanner_open(&scanner, &setup), &app, error);
}

int main(int argc, char **argv)
{
    return fw_linux_host_main(FW_LINUX_SCANNER, argc, argv, run);
}
