/* Where a reader is in the feed: "<epoch>-<seq>", the id of an event and what a browser sends back
 * as Last-Event-ID. Pure. */
#ifndef BRIDGE_FEED_POSITION_H
#define BRIDGE_FEED_POSITION_H

#include <stdbool.h>
#include <stdint.h>

#define FEED_EPOCH_SIZE 33    /* of a source's history, as in its envelopes */
#define FEED_POSITION_SIZE 50 /* epoch, "-", 16 digits and NUL */

struct feed_position {
    char epoch[FEED_EPOCH_SIZE];
    int64_t seq; /* of the last event that the reader has; 0: none */
};

/* Takes the text apart. false: it is not of that form, and *ret is untouched. */
bool feed_position_read(const char *text, struct feed_position *ret);

/* Writes what feed_position_read() takes. */
void feed_position_write(const char *epoch, int64_t seq, char ret_text[FEED_POSITION_SIZE]);

#endif
