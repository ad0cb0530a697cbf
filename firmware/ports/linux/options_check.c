/* What the options of a device mean together: what is missing, and what does not fit. */
#include <stdio.h>

#include "ports/linux/options_internal.h"

static int check_presence(const struct fw_linux_options *options, char error[FW_LINUX_ERROR_SIZE])
{
    const bool is_locker = options->role == FW_LINUX_LOCKER;
    const struct {
        bool is_missing;
        const char *option;
    } needs[] = {
        { options->id[0] == '\0', "--id NAME" },
        { options->flash[0] == '\0', "--flash FILE" },
        { !is_locker && options->port[0] == '\0', "--port TTY" },
        { is_locker && options->board_count == 0, "--board KIND:TTY" },
        { is_locker && options->compartments[0] == '\0', "--compartments SIZES" },
        { is_locker && options->key[0] == '\0', "--key FILE" },
    };
    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
        if (!needs[i].is_missing)
            continue;
        snprintf(error, FW_LINUX_ERROR_SIZE, "%s is missing; --help shows examples",
                 needs[i].option);
        return FW_E_INVALID;
    }
    return FW_OK;
}

static int check_timers(const struct fw_door_timers *timers, char error[FW_LINUX_ERROR_SIZE])
{
    if (fw_door_timers_are_right(timers))
        return FW_OK;
    snprintf(error, FW_LINUX_ERROR_SIZE,
             "--door-remind-ms, --door-escalate-ms and --door-alarm-ms must grow in this order, "
             "and no timer is 0");
    return FW_E_INVALID;
}

/* The keypad needs a line of its own: two readers on one line would each get a part of the bytes.
 * Two boards on one line need addresses that differ. */
static int check_line(const struct fw_linux_options *options, int index,
                      char error[FW_LINUX_ERROR_SIZE])
{
    const struct fw_linux_board_option *board = &options->boards[index];
    if (options->port[0] != '\0' && fw_linux_uart_is_same(board->path, options->port)) {
        snprintf(error, FW_LINUX_ERROR_SIZE,
                 "--port and --board name the same line %.100s; give each its own", board->path);
        return FW_E_INVALID;
    }
    for (int i = 0; i < index; i++) {
        if (board->address != options->boards[i].address ||
            !fw_linux_uart_is_same(board->path, options->boards[i].path))
            continue;
        snprintf(error, FW_LINUX_ERROR_SIZE,
                 "two boards have address %d on %.100s; set another on one of them, and name "
                 "it as --board KIND:TTY:ADDRESS",
                 board->address, board->path);
        return FW_E_INVALID;
    }
    return FW_OK;
}

static int check_tls(const struct fw_linux_options *options, char error[FW_LINUX_ERROR_SIZE])
{
    const bool has_ca = options->ca[0] != '\0';
    if ((options->certificate[0] != '\0') == has_ca &&
        (options->certificate_key[0] != '\0') == has_ca)
        return FW_OK;
    snprintf(error, FW_LINUX_ERROR_SIZE,
             "--ca, --certificate and --certificate-key go together: give all three, as "
             "deploy/add-device prints them, or none");
    return FW_E_INVALID;
}

int options_check(const struct fw_linux_options *options, char error[FW_LINUX_ERROR_SIZE])
{
    int rc = check_presence(options, error);
    if (rc != FW_OK)
        return rc;
    rc = check_tls(options, error);
    if (rc != FW_OK || options->role != FW_LINUX_LOCKER)
        return rc;
    rc = check_timers(&options->timers, error);
    if (rc != FW_OK)
        return rc;
    for (int i = 0; i < options->board_count; i++) {
        rc = check_line(options, i, error);
        if (rc != FW_OK)
            return rc;
    }
    return FW_OK;
}
