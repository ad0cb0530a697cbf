/* Labels as text and as QR codes; see labels.h and schemas/rules/devices.md 3. */
#include "play/labels.h"

#include <errno.h>
#include <limits.h>
#include <qrencode.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play/run.h"
#include "report/folder.h"
#include "scenario/label.h"

#define QUIET_MODULES 4 /* ISO/IEC 18004: nothing within four modules of the symbol */
#define MODULE_PIXELS 8
#define PATH_SIZE 512
#define WORDS_MAX 1001
#define QTY_MAX 999 /* schemas/rules/stock.md 7.2 */
#define COMPARTMENTS_MAX 16
#define NUMBER_DIGITS_MAX 16 /* 2^53 */
#define TEXT_ROOM 5          /* below the symbol, in modules */

static const char help[] =
    "lockstock-sim label KIND VALUE... [--svg DIR]: prints labels with their check character, one\n"
    "a line, as a scanner reads them.\n"
    "  KIND        product asset bin tote order compartment command, or gtin (14 digits)\n"
    "  VALUE       1 to 24 of 0-9 A-Z and -; of a compartment LOCKER-NN (01 to 16), the locker in\n"
    "              capitals; of a product or order its number; a command is RECEIVE, PUTAWAY, "
    "PICK,\n"
    "              LOAD, HANDOVER, RETURN, COUNT, OUT, IN, OPEN, DONE, OK, DAMAGED, CANCEL,\n"
    "              or QTY-1 to QTY-999\n"
    "  --commands  all labels for the wall by the door: what workers begin and end with\n"
    "  --svg DIR   also writes each as a QR code, DIR/KIND-VALUE.svg\n"
    "Examples:\n"
    "  lockstock-sim label command RECEIVE PICK\n"
    "  lockstock-sim label command QTY-12          # twelve pieces with the next scan\n"
    "  lockstock-sim label asset LT-7 LT-8 --svg labels\n"
    "  lockstock-sim label compartment LOCKER-1-01 LOCKER-1-02\n"
    "  lockstock-sim label --commands --svg labels\n";

/* Of schemas/rules/stock.md; QTY-<n> is a command too, one for each number. */
static const char *const commands[] = { "RECEIVE", "PUTAWAY", "PICK",    "LOAD",  "HANDOVER",
                                        "RETURN",  "COUNT",   "OUT",     "IN",    "OPEN",
                                        "DONE",    "OK",      "DAMAGED", "CANCEL" };

/* ---- the picture ---- */

static bool is_dark(const QRcode *qr, int x, int y)
{
    return (qr->data[y * qr->width + x] & 1) != 0;
}

/* One path of unit squares, sharp at every size; the words below are for people. */
static void draw(const QRcode *qr, const char *label, const char *words, FILE *out)
{
    const int side = qr->width + 2 * QUIET_MODULES, height = side + TEXT_ROOM;

    (void)fprintf(out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
                  "height=\"%d\" shape-rendering=\"crispEdges\"><title>%s</title>"
                  "<path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path d=\"",
                  side, height, side * MODULE_PIXELS, height * MODULE_PIXELS, label, side, height);
    for (int y = 0; y < qr->width; y++) {
        for (int x = 0; x < qr->width; x++) {
            if (is_dark(qr, x, y))
                (void)fprintf(out, "M%d %dh1v1h-1z", x + QUIET_MODULES, y + QUIET_MODULES);
        }
    }
    (void)fprintf(out,
                  "\"/><text x=\"%d\" y=\"%d\" font-size=\"3\" font-family=\"sans-serif\" "
                  "text-anchor=\"middle\">%s</text></svg>\n",
                  side / 2, side + 1, words);
}

static bool write_svg(const char *folder, const char *kind, const char *value, const char *label,
                      struct kit_error *err)
{
    char path[PATH_SIZE];

    (void)snprintf(path, sizeof(path), "%.400s/%s-%s.svg", folder, kind, value);
    QRcode *qr = QRcode_encodeString(label, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    CHECK(qr != NULL); /* a label always fits */
    FILE *out = fopen(path, "wbe");
    if (out != NULL)
        draw(qr, label, value, out);
    QRcode_free(qr);
    bool ok = out != NULL && ferror(out) == 0;
    ok = (out == NULL || fclose(out) == 0) && ok;
    if (!ok)
        (void)kit_error_set(err, KIT_E_IO, "cannot write '%s': %s", path, strerror(errno));
    return ok;
}

/* ---- words ---- */

static int refuse(const char *sentence, const char *word)
{
    (void)fprintf(stderr, "lockstock-sim: ");
    (void)fprintf(stderr, sentence, word);
    (void)fputs("; see lockstock-sim label --help\n", stderr);
    return SIM_EXIT_BAD;
}

/* A whole number from 1 to max, without a leading 0 unless it has two digits (digits: 2). */
static bool is_number(const char *text, size_t digits, long max)
{
    size_t size = strlen(text);
    bool is_padded = digits > 0 ? size == digits : size > 0 && text[0] != '0';

    return is_padded && size <= NUMBER_DIGITS_MAX && strspn(text, "0123456789") == size &&
           strtol(text, NULL, 10) >= 1 && strtol(text, NULL, 10) <= max;
}

static bool is_command(const char *value)
{
    for (size_t i = 0; i < KIT_COUNT(commands); i++) {
        if (strcmp(commands[i], value) == 0)
            return true;
    }
    return strncmp(value, "QTY-", 4) == 0 && is_number(value + 4, 0, QTY_MAX);
}

/* What keeps the services from understanding such a label, with one %s; NULL: nothing. */
static const char *find_mistake(const char *kind, const char *value)
{
    const char *dash = strrchr(value, '-');

    if (strcmp(kind, "command") == 0 && !is_command(value))
        return "'%.60s' is no command: RECEIVE, PUTAWAY, PICK, LOAD, HANDOVER, RETURN, COUNT, "
               "OUT, IN, OPEN, DONE, OK, DAMAGED, CANCEL, or QTY-1 to QTY-999";
    if (strcmp(kind, "compartment") == 0 &&
        (dash == NULL || dash == value || !is_number(dash + 1, 2, COMPARTMENTS_MAX)))
        return "'%.60s' is no compartment: LOCKER-1-01 is the first of LOCKER-1, 16 the last that "
               "a locker can have";
    if ((strcmp(kind, "product") == 0 || strcmp(kind, "order") == 0) &&
        !is_number(value, 0, LONG_MAX))
        return "'%.60s' is no number of a product or order: they count from 1";
    return NULL;
}

static bool is_kind(const char *kind)
{
    char label[SIM_LABEL_SIZE];
    return strcmp(kind, "gtin") == 0 || sim_label_print(kind, "1", label);
}

static int print_one(const char *kind, const char *value, const char *folder)
{
    char label[SIM_LABEL_SIZE];
    struct kit_error err = { 0 };

    if (!sim_label_print(kind, value, label))
        return refuse(strcmp(kind, "gtin") == 0
                          ? "'%.60s' is not a GTIN of 14 digits"
                          : "'%.60s' cannot be on a label: it has 1 to 24 of 0-9, A-Z and -",
                      value);
    const char *mistake = find_mistake(kind, value);
    if (mistake != NULL)
        return refuse(mistake, value);
    (void)printf("%s\n", label);
    if (folder == NULL || write_svg(folder, kind, value, label, &err))
        return SIM_EXIT_PASSED;
    (void)fprintf(stderr, "lockstock-sim: %s\n", err.text);
    return SIM_EXIT_BAD;
}

struct command_line {
    bool wants_help;
    bool wants_commands;
    const char *folder; /* NULL: no QR codes */
    const char *words[WORDS_MAX];
    size_t count;
};

static int read_command_line(int argc, char **argv, struct command_line *ret)
{
    for (int i = 1; i < argc && !ret->wants_help; i++) {
        const char *word = argv[i];
        if (strncmp(word, "--", 2) != 0) {
            if (ret->count == WORDS_MAX)
                return refuse("too many labels, from '%.60s' on", word);
            ret->words[ret->count++] = word;
        } else if (strcmp(word, "--help") == 0) {
            ret->wants_help = true;
        } else if (strcmp(word, "--commands") == 0) {
            ret->wants_commands = true;
        } else if (strcmp(word, "--svg") != 0) {
            return refuse("unknown option '%.60s'", word);
        } else if (i + 1 == argc) {
            return refuse("%s needs a folder", word);
        } else {
            ret->folder = argv[++i];
        }
    }
    return SIM_EXIT_PASSED;
}

static int print_all(const char *kind, const char *const *values, size_t count, const char *folder)
{
    struct kit_error err = { 0 };
    int result = SIM_EXIT_PASSED;

    if (folder != NULL && sim_make_folders(folder, &err) != KIT_OK) {
        (void)fprintf(stderr, "lockstock-sim: %s\n", err.text);
        return SIM_EXIT_BAD;
    }
    for (size_t i = 0; i < count && result == SIM_EXIT_PASSED; i++)
        result = print_one(kind, values[i], folder);
    return result;
}

int sim_labels_main(int argc, char **argv)
{
    struct command_line line = { .count = 0 };
    const char *const *words = line.words;

    int result = read_command_line(argc, argv, &line);
    if (result != SIM_EXIT_PASSED)
        return result;
    if (line.wants_help)
        return fputs(help, stdout) >= 0 ? SIM_EXIT_PASSED : SIM_EXIT_FAILED;
    if (line.wants_commands && line.count > 0)
        return refuse("--commands prints them all: leave out '%.60s'", words[0]);
    if (line.wants_commands)
        return print_all("command", commands, KIT_COUNT(commands), line.folder);
    if (line.count > 0 && !is_kind(words[0]))
        return refuse("there is no kind of label '%.60s'", words[0]);
    if (line.count < 2)
        return refuse("give a kind and values, as in %s", "label asset LT-7");
    return print_all(words[0], words + 1, line.count - 1, line.folder);
}
