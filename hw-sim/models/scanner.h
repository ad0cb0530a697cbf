/* A serial barcode scanner, and the keypad or QR reader of a locker: both put lines onto a serial
 * line. It knows bytes and timing, no label formats: the bad labels must be sendable too.
 * One thread. */
#ifndef SIM_MODELS_SCANNER_H
#define SIM_MODELS_SCANNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/model.h"
#include "models/pty.h"
#include "models/tx.h"

#define SIM_LABEL_BYTES_MAX 400 /* longer than any line that firmware takes, to try that too */
#define SIM_BOUNCES_MAX 10
#define SIM_SYMBOLOGY_SIZE 4

enum sim_suffix {
    SIM_SUFFIX_CR = 0,
    SIM_SUFFIX_LF = 1,
    SIM_SUFFIX_CRLF = 2,
    SIM_SUFFIX_NONE = 3, /* a line that never ends */
};

struct sim_scanner_options {
    enum sim_suffix suffix;
    char symbology[SIM_SYMBOLOGY_SIZE]; /* AIM identifier put in front, e.g. "]C1"; "": none */
    int64_t byte_gap_ms;                /* between two bytes; 0: all at once */
    uint32_t bounce_count;              /* the trigger sends each line so often again; at most 10 */
    int64_t bounce_after_ms;            /* from one sending to the next */
};

struct sim_scanner_counts {
    uint64_t scans;      /* triggers pulled */
    uint64_t lines_sent; /* put onto the line whole, bounces included */
    uint64_t lines_lost; /* nobody was there, or overrun */
    uint64_t bounces;
};

struct sim_scanner {
    char name[SIM_NAME_SIZE];
    struct sim_scanner_options options;
    struct sim_scanner_counts counts;
    struct sim_listener listener;
    struct sim_pty pty;
    struct sim_tx tx;
    bool is_line_broken; /* a byte of the line being sent was lost */
};

/* CR, no identifier, no gaps, no bounce. */
struct sim_scanner_options sim_scanner_options_default(void);

/* Makes the serial line too: scanner->pty.path is what the firmware opens. Errors: sim_pty_open().
 */
int sim_scanner_open(struct sim_scanner *scanner, const char *name,
                     const struct sim_listener *listener, struct kit_error *err) KIT_MUST_CHECK;

/* Ends the line. Fine after a failed open. */
void sim_scanner_close(struct sim_scanner *scanner);

/* Changes the options, from the next scan on. */
void sim_scanner_set_options(struct sim_scanner *scanner,
                             const struct sim_scanner_options *options);

/* Pulls the trigger in front of a label of 1 to SIM_LABEL_BYTES_MAX bytes (GS is 0x1D). False: the
 * line still has too much to send, or the label is too long; nothing is sent then. */
bool sim_scanner_scan(struct sim_scanner *scanner, const uint8_t *label, size_t size,
                      int64_t now_ms);

/* Every byte of the lines so far has been sent. */
bool sim_scanner_is_idle(const struct sim_scanner *scanner);

/* For a loop: the line, and what waits to be sent. */
struct sim_model sim_scanner_model(struct sim_scanner *scanner);

#endif
