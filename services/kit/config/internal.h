/* What the reader and the printer of settings share. Private to kit/config. */
#ifndef KIT_CONFIG_INTERNAL_H
#define KIT_CONFIG_INTERNAL_H

#include "kit/config/config.h"

#define CONFIG_OPTIONS_MAX 64
#define CONFIG_NAME_SIZE 64 /* option or variable name */
#define CONFIG_SOURCE_SIZE 320
#define CONFIG_SECRET_BYTES_MAX 256

enum config_source {
    CONFIG_FROM_NOWHERE = 0,
    CONFIG_FROM_DEFAULT = 1,
    CONFIG_FROM_SHARED = 2, /* [lockstock] of the INI file */
    CONFIG_FROM_OWN = 3,    /* [<process>] of the INI file */
    CONFIG_FROM_ENVIRONMENT = 4,
    CONFIG_FROM_FLAG = 5,
};

enum config_asked {
    CONFIG_ASKED_NOTHING = 0,
    CONFIG_ASKED_HELP = 1,
    CONFIG_ASKED_VERSION = 2,
    CONFIG_ASKED_PRINT = 3,
};

struct config_value {
    const struct kit_option *option;
    enum config_source source;
    char *text;   /* owned; NULL while the source is NOWHERE */
    char *secret; /* owned; only of KIT_OPTION_SECRET_FILE */
    int64_t number;
};

struct kit_config {
    const char *process;
    const char *file; /* borrowed from argv or the environment; NULL: none */
    enum config_asked asked;
    struct config_value values[CONFIG_OPTIONS_MAX];
    size_t count;
};

/* NULL: the table has no option of that name. */
struct config_value *config_find(struct kit_config *config, const char *name);
/* The environment variable of an option: "mqtt-port" -> "LOCKSTOCK_MQTT_PORT". */
void config_variable_name(const char *option, char ret[CONFIG_NAME_SIZE]);

/* The known name nearest to a wrong one, NULL when none is near. */
const char *config_nearest(const struct kit_config *config, const char *name);
/* "environment LOCKSTOCK_DB", "/etc/lockstock.ini [lockstock]", ... */
void config_source_text(const struct kit_config *config, const struct config_value *value,
                        char ret[CONFIG_SOURCE_SIZE]);
/* Answers --help on stdout: the options with their limits and defaults, and which source wins.
 * examples may be NULL. */
void config_print_help(const struct kit_config *config, const char *purpose, const char *examples);
/* Answers --print-config on stdout: each value and its source, secrets as "***". */
void config_print_values(const struct kit_config *config);

#endif
