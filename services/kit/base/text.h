/* Copying text into fixed storage. Pure; any thread. */
#ifndef KIT_BASE_TEXT_H
#define KIT_BASE_TEXT_H

#include <stddef.h>

/* Copies at most size_bytes - 1 bytes, cutting between UTF-8 characters, and ends with a NUL. */
void kit_text_copy(char *ret_text, size_t size_bytes, const char *text);

#endif
