/* The text that --help prints. No state; any thread. */
#include "ports/linux/options.h"

#define COMMON_OPTIONS                                                                             \
    "  --id NAME            the device; also its broker user and client id (required)\n"           \
    "  --site NAME          the place it stands in (main)\n"                                       \
    "  --flash FILE         its memory; made when it is not there (required)\n"                    \
    "  --flash-blocks N     size of a new memory, in blocks of 4 KiB: 8 to 66, locker 70 (64)\n"   \
    "  --broker HOST:PORT   (127.0.0.1:11883)\n"                                                   \
    "  --password-file FILE the broker password of the device\n"                                   \
    "  --ca FILE            who vouches for the broker: TLS, with the next two (none: plain "      \
    "MQTT)\n"                                                                                      \
    "  --certificate FILE   of the device; taken anew at each connection\n"                        \
    "  --certificate-key FILE\n"                                                                   \
    "  --dead-time-ms N     the same read again within it is a bounce (500)\n"                     \
    "  --baud N             of --port (9600)\n"                                                    \
    "  --trace              print a JSON line for each message, panel line and change of link\n"   \
    "  --version, --help\n"

#define COMMON_END                                                                                 \
    "\nThe panel is standard output: one line `panel SIGNAL TEXT` each, SIGNAL being none, ok,\n"  \
    "done, error or stored. SIGTERM ends it; kill -9 loses nothing that the panel has said.\n"

static const char scanner_help[] =
    "lockstock-scanner: reads labels from a serial line and reports them to Lockstock\n\n"
    "Examples:\n"
    "  deploy/add-device scanner scanner-1          # makes the password, and prints such a line\n"
    "  lockstock-scanner --id scanner-1 --port /dev/ttyUSB0 --flash scanner-1.flash \\\n"
    "      --password-file .lockstock/devices/scanner-1.password\n"
    "  lockstock-scanner --id scanner-1 --port /dev/serial/by-id/usb-Honeywell_1 \\\n"
    "      --flash scanner-1.flash --broker 127.0.0.1:11883 --password-file scanner-1.password\n\n"
    "Options:\n"
    "  --port TTY           the scan head: one line for each read (required)\n" COMMON_OPTIONS
        COMMON_END;

static const char locker_help[] =
    "lockstock-locker: opens the compartments of a pick-up locker, and watches their doors\n\n"
    "Examples:\n"
    "  lockstock-locker --id locker-1 --compartments SSML --board cu16:/dev/ttyUSB1 \\\n"
    "      --port /dev/ttyUSB0 --flash locker-1.flash --key .lockstock/devices/locker-1.key \\\n"
    "      --password-file .lockstock/devices/locker-1.password\n"
    "  lockstock-locker --id locker-1 --compartments SSSSMMLL --locks-per-board 4 \\\n"
    "      --board cu16:/dev/ttyUSB1:0 --board cu12:/dev/ttyUSB2:1 --flash locker-1.flash \\\n"
    "      --key locker-1.key --broker 127.0.0.1:11883 --password-file locker-1.password\n\n"
    "Options:\n"
    "  --board KIND:TTY[:ADDRESS][,hook-inverted][,presence-inverted]\n"
    "                       a lock board, cu16 or cu12; up to 4, also on one TTY (required).\n"
    "                       hook-inverted: its hook bit is 1 when unlocked; presence-inverted: "
    "its\n"
    "                       presence bit is 1 when nothing is there\n"
    "  --compartments SIZES the size of each compartment, 1 to 16 of S, M, L (required); they are\n"
    "                       the locks of the boards in their order\n"
    "  --locks-per-board N  locks used on each board (all)\n"
    "  --key FILE           the device's own key: 64 hex digits (required)\n"
    "  --port TTY           keypad or QR reader: 8 digits and a line end\n"
    "  --hook-inverted, --presence-inverted\n"
    "                       the same for all boards\n"
    "  --door-jam-ms N      a pulsed door that stays closed is jammed (3000)\n"
    "  --door-remind-ms N, --door-escalate-ms N, --door-alarm-ms N\n"
    "                       a door that stays open worries (10000, 60000, 300000)\n" COMMON_OPTIONS
        COMMON_END;

const char *fw_linux_options_help(enum fw_linux_role role)
{
    return role == FW_LINUX_SCANNER ? scanner_help : locker_help;
}

const char *fw_linux_role_name(enum fw_linux_role role)
{
    return role == FW_LINUX_SCANNER ? "lockstock-scanner" : "lockstock-locker";
}
