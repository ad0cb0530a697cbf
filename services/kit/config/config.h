/* Settings of a process: flag, then environment, then INI file, then default; the first that is
 * set wins. `--print-config` shows each value and where it came from; secrets are shown as "***".
 */
#ifndef KIT_CONFIG_CONFIG_H
#define KIT_CONFIG_CONFIG_H

#include <stddef.h>

#include "kit/base/error.h"

enum kit_option_kind {
    KIT_OPTION_TEXT = 0,
    KIT_OPTION_INT = 1,
    KIT_OPTION_SECRET_FILE = 2, /* the value is a path; the secret is the file's first line */
};

/* "mqtt-port" is the flag --mqtt-port, the variable LOCKSTOCK_MQTT_PORT and the INI key mqtt-port
 * (in section [lockstock], or in a section named like the process, which wins). */
struct kit_option {
    const char *name;
    enum kit_option_kind kind;
    const char *fallback; /* NULL: must be given */
    int64_t min, max;     /* KIT_OPTION_INT */
    const char *help;     /* one line, says the unit */
};

/* What a process can be told. */
struct kit_config_spec {
    const char *process;              /* "lockstock-rental" */
    const char *purpose;              /* one line for --help */
    const char *examples;             /* lines for --help */
    const struct kit_option *options; /* borrowed for the life of the settings */
    size_t option_count;
};

struct kit_config;

enum kit_config_outcome {
    KIT_CONFIG_READY = 0, /* go on */
    KIT_CONFIG_DONE = 1,  /* --help, --version or --print-config was answered on stdout: exit 0 */
    KIT_CONFIG_WRONG = 2, /* *err says what is wrong and how to mend it: exit 64 */
};

/* Reads every setting, or answers --help, --version or --print-config on stdout; those and
 * --config FILE are understood always. Unknown flags and INI keys are errors. *ret_config is
 * written for KIT_CONFIG_READY alone; the caller frees it. */
enum kit_config_outcome kit_config_load(const struct kit_config_spec *spec, int argc, char **argv,
                                        struct kit_config **ret_config, struct kit_error *err);
/* Wipes the secrets and frees; NULL is fine. */
void kit_config_free(struct kit_config *config);
/* The value of a text, or the secret of a secret file. Lent until the settings are freed. Asking
 * for a name that is not in the table is a bug. */
const char *kit_config_text(const struct kit_config *config, const char *name);
/* The value of a number; the same is a bug, and so is a setting of another kind. */
int64_t kit_config_int(const struct kit_config *config, const char *name);

#endif
