/* lockstock-locker: the locker's firmware on a PC. */
#include "core/locker.h"
#include "ports/linux/host.h"

static void on_link(void *self, bool is_up)
{
    fw_locker_on_link(self, is_up);
}

static void on_message(void *self, enum fw_leaf leaf, const char *payload, size_t size)
{
    fw_locker_on_message(self, leaf, payload, size);
}

static int64_t step(void *self, int64_t now_ms)
{
    return fw_locker_step(self, now_ms);
}

static void stop(void *self)
{
    fw_locker_stop(self);
}

static int get_will(void *self, char *buf, size_t size_max)
{
    return fw_locker_will(self, buf, size_max);
}

/* Boards on one path share one line. */
static int open_bank(struct fw_linux_host *host, struct fw_bank_config *ret_bank,
                     char error[FW_LINUX_ERROR_SIZE])
{
    const struct fw_linux_options *options = host->options;
    const struct fw_uart *uarts[FW_BANK_BOARDS_MAX] = { 0 };
    for (int i = 0; i < options->board_count; i++)
        uarts[i] = fw_linux_host_uart(host, options->boards[i].path, FW_LINUX_BAUD_BOARD);
    return fw_linux_options_bank(options, uarts, ret_bank, error);
}

static int run(struct fw_linux_host *host, char error[FW_LINUX_ERROR_SIZE])
{
    static struct fw_locker locker; /* all the memory of the firmware */
    const struct fw_linux_options *options = host->options;
    struct fw_locker_setup setup = { .device = fw_linux_host_device(host),
                                     .site = options->site,
                                     .id = options->id,
                                     .compartments = options->compartments,
                                     .dead_time_ms = options->dead_time_ms,
                                     .mac = &host->mac };
    int rc = open_bank(host, &setup.bank, error);
    if (rc != FW_OK)
        return rc;
    if (options->port[0] != '\0')
        setup.uart = fw_linux_host_uart(host, options->port, options->baud);
    struct fw_linux_app app = { on_link, on_message, step, stop, get_will, &locker };
    return fw_linux_host_run(host, fw_locker_open(&locker, &setup), &app, error);
}

int main(int argc, char **argv)
{
    return fw_linux_host_main(FW_LINUX_LOCKER, argc, argv, run);
}
