/* Lock boards on the command line: `--board
 * KIND:TTY[:ADDRESS][,hook-inverted][,presence-inverted]`, and the bank that they make. */
#include <stdio.h>
#include <string.h>

#include "drivers/cu12.h"
#include "drivers/cu16.h"
#include "ports/linux/options_internal.h"

static int refuse_board(const char *text, char error[FW_LINUX_ERROR_SIZE])
{
    snprintf(
        error, FW_LINUX_ERROR_SIZE,
        "\"%.60s\" is no board; write cu16:TTY or cu12:TTY, with :ADDRESS if it is not 0, then "
        ",hook-inverted or ,presence-inverted if a bit is, e.g. cu16:/dev/ttyUSB1:3,hook-inverted",
        text);
    return FW_E_INVALID;
}

/* KIND: of the driver that the text begins with; NULL: none. */
static const struct fw_board_driver *find_driver(const char *text)
{
    static const struct fw_board_driver *const drivers[] = { &fw_cu16, &fw_cu12 };
    for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
        size_t length = strlen(drivers[i]->name);
        if (strncmp(text, drivers[i]->name, length) == 0 && text[length] == ':')
            return drivers[i];
    }
    return NULL;
}

/* Takes the address off the path. A path may have colons (/dev/serial/by-path/...): only digits
 * after the last one are an address. false: too high an address, or no path. */
static bool split_address(char *path, long max, uint8_t *ret_address)
{
    long address = 0;
    char *colon = strrchr(path, ':');
    if (colon != NULL && colon[1] != '\0' && strspn(colon + 1, "0123456789") == strlen(colon + 1)) {
        if (!options_read_int(colon + 1, 0, max, &address))
            return false;
        *colon = '\0';
    }
    *ret_address = (uint8_t)address;
    return path[0] != '\0';
}

/* Takes ,hook-inverted and ,presence-inverted off the path, in any order. false: another flag. */
static bool split_inverted(struct fw_linux_board_option *board)
{
    char *name = strrchr(board->path, '/');
    char *comma = strchr(name != NULL ? name : board->path, ',');
    if (comma == NULL)
        return true;
    *comma = '\0';
    char *rest = comma + 1, *flag;
    while ((flag = strsep(&rest, ",")) != NULL) {
        if (strcmp(flag, "hook-inverted") == 0)
            board->is_hook_inverted = true;
        else if (strcmp(flag, "presence-inverted") == 0)
            board->is_presence_inverted = true;
        else
            return false;
    }
    return true;
}

int options_take_board(struct fw_linux_options *options, const char *text,
                       char error[FW_LINUX_ERROR_SIZE])
{
    if (options->board_count >= FW_BANK_BOARDS_MAX) {
        snprintf(error, FW_LINUX_ERROR_SIZE, "a locker has at most %d boards", FW_BANK_BOARDS_MAX);
        return FW_E_INVALID;
    }
    struct fw_linux_board_option *board = &options->boards[options->board_count];
    board->driver = find_driver(text);
    if (board->driver == NULL)
        return refuse_board(text, error);
    text += strlen(board->driver->name) + 1;
    if (strlen(text) >= sizeof(board->path))
        return refuse_board(text, error);
    memcpy(board->path, text, strlen(text) + 1);
    if (!split_inverted(board) ||
        !split_address(board->path, board->driver->address_max, &board->address))
        return refuse_board(text, error);
    options->board_count++;
    return FW_OK;
}

int fw_linux_options_bank(const struct fw_linux_options *options,
                          const struct fw_uart *const uarts[FW_BANK_BOARDS_MAX],
                          struct fw_bank_config *ret_bank, char error[FW_LINUX_ERROR_SIZE])
{
    struct fw_bank_config bank = { .board_count = options->board_count, .timers = options->timers };
    for (uint8_t i = 0; i < options->board_count; i++) {
        const struct fw_linux_board_option *board = &options->boards[i];
        bank.boards[i] = (struct fw_bank_board_config){
            .driver = board->driver,
            .uart = uarts[i],
            .address = board->address,
            .is_hook_inverted = options->is_hook_inverted || board->is_hook_inverted,
            .is_presence_inverted = options->is_presence_inverted || board->is_presence_inverted,
        };
    }
    const uint8_t count = (uint8_t)strlen(options->compartments);
    int rc = fw_bank_map_in_order(&bank, count, (uint8_t)options->locks_per_board);
    if (rc != FW_OK) {
        snprintf(error, FW_LINUX_ERROR_SIZE,
                 "the boards have %d locks for %d compartments; add a --board, or name fewer",
                 bank.compartment_count, count);
        return rc;
    }
    *ret_bank = bank;
    return FW_OK;
}
