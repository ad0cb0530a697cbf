/* Catches what is written to a standard descriptor. One at a time. */
#ifndef TESTS_UNIT_HOST_CAPTURE_H
#define TESTS_UNIT_HOST_CAPTURE_H

#include <stddef.h>

void capture_begin(int fd); /* STDOUT_FILENO or STDERR_FILENO */
/* Puts the descriptor back; what was written, cut at size_bytes - 1, is in ret_text. */
void capture_end(char *ret_text, size_t size_bytes);

#endif
