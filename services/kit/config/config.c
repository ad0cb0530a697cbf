/* Finds the value of every option: flag, environment, INI file, default. Must never guess: what it
 * does not know is an error that says how to mend it. One thread, at start. */
#include "kit/config/config.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/config/internal.h"

#define CONFIG_INT_DIGITS_MAX 20

static char *copy_text(const char *text)
{
    char *copy = strdup(text);
    CHECK(copy != NULL);
    return copy;
}

static void set_value(struct config_value *value, const char *text, enum config_source source)
{
    free(value->text);
    value->text = copy_text(text);
    value->source = source;
}

struct config_value *config_find(struct kit_config *config, const char *name)
{
    for (size_t i = 0; i < config->count; i++)
        if (strcmp(config->values[i].option->name, name) == 0)
            return &config->values[i];
    return NULL;
}

void config_variable_name(const char *option, char ret[CONFIG_NAME_SIZE])
{
    int used = snprintf(ret, CONFIG_NAME_SIZE, "LOCKSTOCK_%s", option);
    CHECK(used > 0 && used < CONFIG_NAME_SIZE);
    for (char *c = ret; *c != '\0'; c++)
        *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
}

/* ---- flags ---- */

static int refuse_flag(struct kit_config *config, const char *name, struct kit_error *err)
{
    const char *near = config_nearest(config, name);
    if (near != NULL)
        return kit_error_set(err, KIT_E_INVALID, "there is no option --%s; did you mean --%s?",
                             name, near);
    return kit_error_set(err, KIT_E_INVALID, "there is no option --%s; --help lists them", name);
}

/* Splits "--name=value" or takes the value from the next argument; *index moves on then. */
static int take_flag(struct kit_config *config, int argc, char **argv, int *index,
                     struct kit_error *err)
{
    char name[CONFIG_NAME_SIZE];
    const char *argument = argv[*index];
    if (strncmp(argument, "--", 2) != 0 || argument[2] == '\0')
        return kit_error_set(err, KIT_E_INVALID,
                             "\"%.80s\" is not an option; options begin with "
                             "--, and --help lists them",
                             argument);
    const char *equals = strchr(argument, '=');
    size_t length = equals ? (size_t)(equals - argument) - 2 : strlen(argument) - 2;
    if (length >= sizeof(name))
        return kit_error_set(err, KIT_E_INVALID, "there is no option %.80s...; --help lists them",
                             argument);
    memcpy(name, argument + 2, length);
    name[length] = '\0';

    struct config_value *value = config_find(config, name);
    bool is_file = strcmp(name, "config") == 0;
    if (value == NULL && !is_file)
        return refuse_flag(config, name, err);
    if (equals == NULL && *index + 1 >= argc)
        return kit_error_set(err, KIT_E_INVALID, "--%s needs a value: --%s VALUE", name, name);
    const char *text = equals ? equals + 1 : argv[++*index];
    if (is_file) {
        config->file = text;
        return KIT_OK;
    }
    if (value->source == CONFIG_FROM_FLAG)
        return kit_error_set(err, KIT_E_INVALID, "--%s is given twice; give it once", name);
    set_value(value, text, CONFIG_FROM_FLAG);
    return KIT_OK;
}

static int read_flags(struct kit_config *config, int argc, char **argv, struct kit_error *err)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            config->asked = CONFIG_ASKED_HELP;
        else if (strcmp(argv[i], "--version") == 0)
            config->asked = CONFIG_ASKED_VERSION;
        else if (strcmp(argv[i], "--print-config") == 0)
            config->asked = CONFIG_ASKED_PRINT;
        else {
            int rc = take_flag(config, argc, argv, &i, err);
            if (rc != KIT_OK)
                return rc;
        }
    }
    return KIT_OK;
}

/* ---- environment ---- */

static void read_environment(struct kit_config *config)
{
    char name[CONFIG_NAME_SIZE];
    for (size_t i = 0; i < config->count; i++) {
        struct config_value *value = &config->values[i];
        config_variable_name(value->option->name, name);
        const char *text = getenv(name);
        if (text != NULL && value->source == CONFIG_FROM_NOWHERE)
            set_value(value, text, CONFIG_FROM_ENVIRONMENT);
    }
    if (config->file == NULL)
        config->file = getenv("LOCKSTOCK_CONFIG");
}

/* ---- INI file ---- */

struct ini_reading {
    struct kit_config *config;
    struct kit_error *err;
    int rc;
};

/* inih wants 1 to go on and 0 for an error. */
static int on_ini_pair(void *user, const char *section, const char *name, const char *text)
{
    struct ini_reading *reading = user;
    struct kit_config *config = reading->config;
    bool is_own = strcmp(section, config->process) == 0;
    bool is_shared = strcmp(section, "lockstock") == 0;

    if (!is_own && !is_shared) {
        if (strncmp(section, "lockstock-", 10) == 0)
            return 1; /* of another process */
        reading->rc = kit_error_set(reading->err, KIT_E_INVALID,
                                    "section [%.60s] is not known; "
                                    "use [lockstock] or [%s]",
                                    section, config->process);
        return 0;
    }
    struct config_value *value = config_find(config, name);
    if (value == NULL) {
        const char *near = config_nearest(config, name);
        reading->rc = kit_error_set(reading->err, KIT_E_INVALID,
                                    "key \"%.60s\" in [%s] is not "
                                    "known to %s%s%s%s",
                                    name, section, config->process,
                                    near ? "; did you mean \""
                                         : "; a key of one process belongs "
                                           "into the section of that name",
                                    near ? near : "", near ? "\"?" : "");
        return 0;
    }
    bool may_set = value->source == CONFIG_FROM_NOWHERE || value->source == CONFIG_FROM_SHARED ||
                   (value->source == CONFIG_FROM_OWN && is_own);
    if (may_set)
        set_value(value, text, is_own ? CONFIG_FROM_OWN : CONFIG_FROM_SHARED);
    return 1;
}

static int read_file(struct kit_config *config, struct kit_error *err)
{
    if (config->file == NULL)
        return KIT_OK;
    struct ini_reading reading = { .config = config, .err = err, .rc = KIT_OK };
    int line = ini_parse(config->file, on_ini_pair, &reading);
    if (line == 0)
        return KIT_OK;
    if (line < 0)
        return kit_error_set(err, KIT_E_INVALID,
                             "cannot read the settings file %s: %s; check "
                             "--config",
                             config->file, strerror(errno));
    if (reading.rc != KIT_OK)
        return kit_error_wrap(err, reading.rc, "%s, line %d", config->file, line);
    return kit_error_set(err, KIT_E_INVALID,
                         "%s, line %d: expected \"[section]\" or \"key = "
                         "value\"",
                         config->file, line);
}

/* ---- checking ---- */

static bool parse_int(const char *text, int64_t *ret)
{
    const char *digits = text[0] == '-' ? text + 1 : text;
    size_t count = strspn(digits, "0123456789");
    if (count == 0 || count > CONFIG_INT_DIGITS_MAX || digits[count] != '\0')
        return false;
    errno = 0;
    long long value = strtoll(text, NULL, 10);
    *ret = value;
    return errno == 0;
}

static int check_int(const struct kit_config *config, struct config_value *value,
                     struct kit_error *err)
{
    const struct kit_option *option = value->option;
    int64_t number;
    if (parse_int(value->text, &number) && number >= option->min && number <= option->max) {
        value->number = number;
        return KIT_OK;
    }
    char source[CONFIG_SOURCE_SIZE];
    config_source_text(config, value, source);
    return kit_error_set(err, KIT_E_INVALID,
                         "%s must be a whole number from %" PRId64 " to %" PRId64
                         ", not \"%.40s\" (from %s)",
                         option->name, option->min, option->max, value->text, source);
}

static int read_secret(const struct kit_config *config, struct config_value *value,
                       struct kit_error *err)
{
    char line[CONFIG_SECRET_BYTES_MAX + 2];
    value->secret = copy_text("");
    if (value->text[0] == '\0')
        return KIT_OK;

    FILE *file = fopen(value->text, "re");
    char *got = file ? fgets(line, sizeof(line), file) : NULL;
    int saved_errno = errno;
    if (file != NULL)
        fclose(file);
    char source[CONFIG_SOURCE_SIZE];
    config_source_text(config, value, source);
    if (file == NULL)
        return kit_error_set(err, KIT_E_INVALID, "cannot read %s \"%.120s\" (from %s): %s",
                             value->option->name, value->text, source, strerror(saved_errno));
    size_t length = got ? strcspn(line, "\r\n") : 0;
    if (length == 0 || length > CONFIG_SECRET_BYTES_MAX)
        return kit_error_set(err, KIT_E_INVALID,
                             "%s \"%.120s\" (from %s): the first line must "
                             "hold the secret, 1 to %d bytes",
                             value->option->name, value->text, source, CONFIG_SECRET_BYTES_MAX);
    line[length] = '\0';
    free(value->secret);
    value->secret = copy_text(line);
    explicit_bzero(line, sizeof(line));
    return KIT_OK;
}

static int check_value(const struct kit_config *config, struct config_value *value,
                       struct kit_error *err)
{
    const struct kit_option *option = value->option;
    if (value->source == CONFIG_FROM_NOWHERE && option->fallback != NULL)
        set_value(value, option->fallback, CONFIG_FROM_DEFAULT);
    if (value->source == CONFIG_FROM_NOWHERE) {
        char variable[CONFIG_NAME_SIZE];
        config_variable_name(option->name, variable);
        return kit_error_set(err, KIT_E_INVALID,
                             "--%s is needed (%s): give the flag, the variable "
                             "%s, or the key %s in the settings file",
                             option->name, option->help, variable, option->name);
    }
    switch (option->kind) {
    case KIT_OPTION_TEXT:
        return KIT_OK;
    case KIT_OPTION_INT:
        return check_int(config, value, err);
    case KIT_OPTION_SECRET_FILE:
        return read_secret(config, value, err);
    }
    UNREACHABLE("kind of an option");
}

static int read_all(struct kit_config *config, int argc, char **argv, struct kit_error *err)
{
    int rc = read_flags(config, argc, argv, err);
    if (rc != KIT_OK || config->asked == CONFIG_ASKED_HELP || config->asked == CONFIG_ASKED_VERSION)
        return rc;
    read_environment(config);
    rc = read_file(config, err);
    if (rc != KIT_OK)
        return rc;
    for (size_t i = 0; i < config->count; i++) {
        rc = check_value(config, &config->values[i], err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

/* ---- public ---- */

static struct kit_config *make_config(const struct kit_config_spec *spec)
{
    PRE(spec->option_count <= CONFIG_OPTIONS_MAX);
    struct kit_config *config = calloc(1, sizeof(*config));
    CHECK(config != NULL);
    config->process = spec->process;
    config->count = spec->option_count;
    for (size_t i = 0; i < spec->option_count; i++)
        config->values[i].option = &spec->options[i];
    return config;
}

enum kit_config_outcome kit_config_load(const struct kit_config_spec *spec, int argc, char **argv,
                                        struct kit_config **ret_config, struct kit_error *err)
{
    struct kit_config *config = make_config(spec);
    if (read_all(config, argc, argv, err) != KIT_OK) {
        kit_config_free(config);
        return KIT_CONFIG_WRONG;
    }
    switch (config->asked) {
    case CONFIG_ASKED_NOTHING:
        *ret_config = config;
        return KIT_CONFIG_READY;
    case CONFIG_ASKED_HELP:
        config_print_help(config, spec->purpose, spec->examples);
        break;
    case CONFIG_ASKED_VERSION:
        printf("%s %s\n", spec->process, LOCKSTOCK_VERSION);
        break;
    case CONFIG_ASKED_PRINT:
        config_print_values(config);
        break;
    }
    kit_config_free(config);
    return KIT_CONFIG_DONE;
}

void kit_config_free(struct kit_config *config)
{
    if (config == NULL)
        return;
    for (size_t i = 0; i < config->count; i++) {
        if (config->values[i].secret != NULL)
            explicit_bzero(config->values[i].secret, strlen(config->values[i].secret));
        free(config->values[i].secret);
        free(config->values[i].text);
    }
    free(config);
}

const char *kit_config_text(const struct kit_config *config, const char *name)
{
    for (size_t i = 0; i < config->count; i++) {
        const struct config_value *value = &config->values[i];
        if (strcmp(value->option->name, name) == 0)
            return value->secret ? value->secret : value->text;
    }
    UNREACHABLE("an option that is not in the table");
}

int64_t kit_config_int(const struct kit_config *config, const char *name)
{
    for (size_t i = 0; i < config->count; i++) {
        const struct config_value *value = &config->values[i];
        if (strcmp(value->option->name, name) != 0)
            continue;
        PRE(value->option->kind == KIT_OPTION_INT);
        return value->number;
    }
    UNREACHABLE("an option that is not in the table");
}
