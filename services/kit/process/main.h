/* The process around a service: settings, log, lock file, database, broker, admin listener,
 * signals. A service's main() is one call of kit_service_main() with its table. */
#ifndef KIT_PROCESS_MAIN_H
#define KIT_PROCESS_MAIN_H

#include "kit/config/config.h"
#include "kit/service/service.h"

struct kit_process {
    const char *purpose;  /* one line for --help */
    const char *examples; /* lines for --help */
    const struct kit_option
        *settings; /* KIT_OPTION_INT only; reach handlers by kit_service_setting */
    size_t setting_count;
};

/* Options common to all services: --instance (default: the service's name), --db FILE, --mqtt-host,
 * --mqtt-port, --mqtt-password-file, --run-dir DIR (the admin socket is DIR/<process>.sock),
 * --admin-listen ADDRESS:PORT, --site, --keys-dir, --log-format auto|json|text, --log-level.
 * Returns the exit status: 0 after SIGTERM or SIGINT (drained within 5 s), 64 wrong settings, 69
 * address or broker settings unusable, 70 the store failed, 75 another copy runs. */
int kit_service_main(int argc, char **argv, const struct kit_service_desc *desc,
                     const struct kit_process *process);

#endif
