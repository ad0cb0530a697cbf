/* The command line of lockstock-scanner and lockstock-locker. */
#ifndef FW_PORTS_LINUX_OPTIONS_H
#define FW_PORTS_LINUX_OPTIONS_H

#include "core/bank.h"
#include "ports/linux/flash.h"
#include "ports/linux/link.h"
#include "ports/linux/uart.h"

#define FW_LINUX_BAUD_BOARD 19200  /* both kinds of lock board */
#define FW_LINUX_BAUD_READER 9600  /* a PC's USB scanners ignore it */
#define FW_LINUX_BLOCKS_DEFAULT 64 /* 256 KiB: more than a thousand scans */
#define FW_LINUX_DEAD_TIME_MS_MAX 10000

enum fw_linux_role {
    FW_LINUX_SCANNER = 0,
    FW_LINUX_LOCKER = 1,
};

struct fw_linux_board_option {
    const struct fw_board_driver *driver;
    char path[FW_LINUX_PATH_SIZE];
    uint8_t address;
    bool is_hook_inverted;
    bool is_presence_inverted;
};

struct fw_linux_options {
    enum fw_linux_role role;
    bool wants_help;
    bool wants_version;
    char id[FW_DEVICE_SIZE];
    char site[FW_SITE_SIZE];
    char port[FW_LINUX_PATH_SIZE]; /* "": none (lockers only) */
    char flash[FW_LINUX_PATH_SIZE];
    char key[FW_LINUX_PATH_SIZE];           /* "" of a scanner, which signs nothing */
    char password_file[FW_LINUX_PATH_SIZE]; /* "": none */
    char ca[FW_LINUX_PATH_SIZE]; /* "": plain MQTT; the next two are there with it alone */
    char certificate[FW_LINUX_PATH_SIZE];
    char certificate_key[FW_LINUX_PATH_SIZE];
    char host[FW_LINUX_HOST_SIZE];
    int broker_port;
    uint32_t flash_blocks;
    int32_t dead_time_ms;
    int32_t baud;
    bool traces;
    /* lockers */
    struct fw_linux_board_option boards[FW_BANK_BOARDS_MAX];
    uint8_t board_count;
    int32_t locks_per_board; /* 0: all that the board has */
    char compartments[FW_BANK_COMPARTMENTS_MAX + 1];
    struct fw_door_timers timers;
    bool is_hook_inverted;     /* of all boards */
    bool is_presence_inverted; /* of all boards */
};

/**
 * fw_linux_options_parse() - Read a command line.
 *
 * With wants_help or wants_version, nothing else was checked.
 *
 * @argv:  as main() gets it; getopt may reorder it.
 * @error: written on failure: a sentence that says what is wrong and what to do.
 *
 * Errors:  FW_E_INVALID.
 * Thread:  one at a time (getopt).
 */
int fw_linux_options_parse(struct fw_linux_options *options, enum fw_linux_role role, int argc,
                           char **argv, char error[FW_LINUX_ERROR_SIZE]);

/** fw_linux_options_help() - The text that --help prints. */
const char *fw_linux_options_help(enum fw_linux_role role);

/** fw_linux_role_name() - "lockstock-scanner" or "lockstock-locker". */
const char *fw_linux_role_name(enum fw_linux_role role);

/**
 * fw_linux_options_bank() - The boards, locks and timers of the bank that the options describe.
 *
 * @uarts:    by board; boards on one line have the same pointer.
 * @ret_bank: written on FW_OK only.
 *
 * Errors:  FW_E_INVALID: the boards have too few locks for the compartments.
 */
int fw_linux_options_bank(const struct fw_linux_options *options,
                          const struct fw_uart *const uarts[FW_BANK_BOARDS_MAX],
                          struct fw_bank_config *ret_bank, char error[FW_LINUX_ERROR_SIZE]);

#endif
