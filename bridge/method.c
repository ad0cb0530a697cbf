/* Methods and their names. See method.h. */
#include "bridge/method.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/check.h"

static const char *const TEXTS[] = {
    [HTTP_GET] = "GET",     [HTTP_HEAD] = "HEAD",       [HTTP_POST] = "POST",
    [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE",   [HTTP_OPTIONS] = "OPTIONS",
    [HTTP_OTHER] = "OTHER", [HTTP_UNKNOWN] = "UNKNOWN",
};

enum http_method http_method_from_text(const char *text)
{
    for (int method = HTTP_GET; method < HTTP_OTHER; method++) {
        if (strcmp(TEXTS[method], text) == 0)
            return (enum http_method)method;
    }
    return strcmp(text, "PUT") == 0 || strcmp(text, "TRACE") == 0 ? HTTP_OTHER : HTTP_UNKNOWN;
}

const char *http_method_text(enum http_method method)
{
    return TEXTS[method];
}

void http_allow_text(unsigned methods, char ret_text[HTTP_ALLOW_SIZE])
{
    size_t length = 0;

    ret_text[0] = '\0';
    for (int method = HTTP_GET; method < HTTP_OTHER; method++) {
        if ((methods & HTTP_METHOD_BIT(method)) == 0)
            continue;
        const int more = snprintf(ret_text + length, HTTP_ALLOW_SIZE - length, "%s%s",
                                  length == 0 ? "" : ", ", TEXTS[method]);
        CHECK(more > 0 && (size_t)more < HTTP_ALLOW_SIZE - length);
        length += (size_t)more;
    }
}
