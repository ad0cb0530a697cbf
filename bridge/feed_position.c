/* Positions as text. See feed_position.h. */
#include "bridge/feed_position.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bridge/token.h"
#include "kit/base/check.h"

#define EPOCH_LENGTH (FEED_EPOCH_SIZE - 1)
#define SEQ_MAX INT64_C(9007199254740991)

bool feed_position_read(const char *text, struct feed_position *ret)
{
    const struct token_range range = { 0, SEQ_MAX };
    int64_t seq;

    if (strspn(text, "0123456789abcdef") != EPOCH_LENGTH || text[EPOCH_LENGTH] != '-')
        return false;
    const char *digits = text + EPOCH_LENGTH + 1;
    if (!token_read_decimal(digits, strlen(digits), range, &seq))
        return false;
    memcpy(ret->epoch, text, EPOCH_LENGTH);
    ret->epoch[EPOCH_LENGTH] = '\0';
    ret->seq = seq;
    return true;
}

void feed_position_write(const char *epoch, int64_t seq, char ret_text[FEED_POSITION_SIZE])
{
    PRE(seq >= 0 && seq <= SEQ_MAX);
    snprintf(ret_text, FEED_POSITION_SIZE, "%.32s-%" PRId64, epoch, seq);
}
