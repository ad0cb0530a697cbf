/* Copying text into fixed storage. Pure; any thread. */
#include "kit/base/text.h"

#include <string.h>

#include "kit/base/check.h"

void kit_text_copy(char *ret_text, size_t size_bytes, const char *text)
{
    PRE(size_bytes > 0);
    size_t length = strnlen(text, size_bytes);
    if (length == size_bytes) {
        length--;
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
            length--;
    }
    memcpy(ret_text, text, length);
    ret_text[length] = '\0';
}
