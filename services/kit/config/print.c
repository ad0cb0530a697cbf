/* What settings say to people: help, the printed configuration, and a guess at a mistyped name.
 * Writes to stdout only. One thread, at start. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "kit/config/internal.h"

#define NEAR_DISTANCE_MAX 3 /* edits between what was typed and what was meant */

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein's distance; names are shorter than CONFIG_NAME_SIZE. */
static size_t measure_distance(const char *a, const char *b)
{
    size_t row[CONFIG_NAME_SIZE + 1];
    size_t length = strlen(b);
    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            size_t above = row[j];
            row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[length];
}

const char *config_nearest(const struct kit_config *config, const char *name)
{
    static const char *const always[] = { "config", "help", "version", "print-config" };
    const char *nearest = NULL;
    size_t best = NEAR_DISTANCE_MAX + 1;
    if (strlen(name) >= CONFIG_NAME_SIZE)
        return NULL;
    for (size_t i = 0; i < config->count + KIT_COUNT(always); i++) {
        const char *known = i < config->count ? config->values[i].option->name
                                              : always[i - config->count];
        size_t edits = measure_distance(name, known);
        /* "db" is two edits away from anything of two letters: demand that something is left. */
        if (edits < best && edits < strlen(known)) {
            best = edits;
            nearest = known;
        }
    }
    return nearest;
}

void config_source_text(const struct kit_config *config, const struct config_value *value,
                        char ret[CONFIG_SOURCE_SIZE])
{
    char variable[CONFIG_NAME_SIZE];
    switch (value->source) {
    case CONFIG_FROM_NOWHERE:
        snprintf(ret, CONFIG_SOURCE_SIZE, "nowhere");
        return;
    case CONFIG_FROM_DEFAULT:
        snprintf(ret, CONFIG_SOURCE_SIZE, "default");
        return;
    case CONFIG_FROM_SHARED:
        snprintf(ret, CONFIG_SOURCE_SIZE, "%.200s [lockstock]", config->file);
        return;
    case CONFIG_FROM_OWN:
        snprintf(ret, CONFIG_SOURCE_SIZE, "%.200s [%s]", config->file, config->process);
        return;
    case CONFIG_FROM_ENVIRONMENT:
        config_variable_name(value->option->name, variable);
        snprintf(ret, CONFIG_SOURCE_SIZE, "environment %s", variable);
        return;
    case CONFIG_FROM_FLAG:
        snprintf(ret, CONFIG_SOURCE_SIZE, "flag --%s", value->option->name);
        return;
    }
}

static void print_option(const struct kit_option *option)
{
    char flag[CONFIG_NAME_SIZE + 8];
    const char *kinds[] = {
        [KIT_OPTION_TEXT] = "TEXT", [KIT_OPTION_INT] = "N", [KIT_OPTION_SECRET_FILE] = "FILE"
    };
    snprintf(flag, sizeof(flag), "--%s %s", option->name, kinds[option->kind]);
    printf("  %-28s %s", flag, option->help);
    if (option->kind == KIT_OPTION_INT)
        printf(" (%" PRId64 " to %" PRId64 ")", option->min, option->max);
    if (option->fallback == NULL)
        printf(" [must be given]\n");
    else
        printf(" [%s]\n", option->fallback[0] ? option->fallback : "empty");
}

void config_print_help(const struct kit_config *config, const char *purpose, const char *examples)
{
    printf("%s: %s\n\nUsage: %s [OPTION VALUE]...\n\nOptions [default]:\n", config->process,
           purpose, config->process);
    for (size_t i = 0; i < config->count; i++)
        print_option(config->values[i].option);
    printf("  %-28s %s\n", "--config FILE",
           "settings file (INI) with [lockstock] for all and "
           "[<process>] for one process");
    printf("  %-28s %s\n", "--print-config", "show every value and where it came from");
    printf("  %-28s %s\n  %-28s %s\n", "--version", "show the version", "--help", "show this");
    printf("\nA value is taken from the flag, else from the environment (--mqtt-port is\n"
           "LOCKSTOCK_MQTT_PORT), else from the settings file, else the default.\n");
    if (examples != NULL && examples[0] != '\0')
        printf("\nExamples:\n%s%s", examples, examples[strlen(examples) - 1] == '\n' ? "" : "\n");
}

void config_print_values(const struct kit_config *config)
{
    char source[CONFIG_SOURCE_SIZE];
    printf("[%s]\n", config->process);
    for (size_t i = 0; i < config->count; i++) {
        const struct config_value *value = &config->values[i];
        bool is_secret = value->secret != NULL && value->secret[0] != '\0';
        config_source_text(config, value, source);
        printf("%s = %s ; %s\n", value->option->name, is_secret ? "***" : value->text, source);
    }
}
