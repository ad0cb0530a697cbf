/* Weights of the Accept header. No allocation; every loop ends with the text. See accept.h. */
#include "bridge/accept.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "kit/base/check.h"

#define ACCEPT_PARTS_MAX 32

/* "0.5" in thousandths; 1000 for all that does not begin with 0. */
static int read_thousandths(const char *text, size_t length)
{
    int weight = 0, scale = 100;

    if (length == 0 || text[0] != '0')
        return 1000;
    for (size_t i = 2; i < length && text[1] == '.' && scale > 0; i++, scale /= 10) {
        if (text[i] < '0' || text[i] > '9')
            break;
        weight += (text[i] - '0') * scale;
    }
    return weight;
}

/* The parameter q, in thousandths; 1000 without one. A comma or NUL ends what is read. */
static int read_weight(const char *parameters, size_t length)
{
    const char *end = parameters + length;

    while (parameters < end) {
        parameters += strspn(parameters, "; \t");
        if (strncasecmp(parameters, "q=", 2) == 0)
            return read_thousandths(parameters + 2, (size_t)(end - parameters) - 2);
        parameters += strcspn(parameters, ";,");
    }
    return 1000;
}

static bool find_format(const char *type, size_t length, enum answer_format *ret_format)
{
    static const struct {
        const char *type;
        enum answer_format format;
    } FORMS[] = {
        { "image/svg+xml", FORMAT_SVG },
        { "image/png", FORMAT_PNG },
        { "image/*", FORMAT_SVG },
        { "application/json", FORMAT_HAL },
        { "application/hal+json", FORMAT_HAL },
        { "application/*", FORMAT_HAL },
        { "*/*", FORMAT_HAL },
    };

    for (size_t i = 0; i < KIT_COUNT(FORMS); i++) {
        if (strlen(FORMS[i].type) == length && strncasecmp(FORMS[i].type, type, length) == 0) {
            *ret_format = FORMS[i].format;
            return true;
        }
    }
    return false;
}

bool accept_choose(const char *accept, enum answer_format *ret_format)
{
    int best = 0;

    *ret_format = FORMAT_HAL;
    if (accept == NULL || accept[0] == '\0')
        return true;
    for (int i = 0; i < ACCEPT_PARTS_MAX && *accept != '\0'; i++) {
        enum answer_format format;
        accept += strspn(accept, " \t,");
        const size_t part = strcspn(accept, ",");
        const size_t type = strcspn(accept, "; \t,");
        const int weight = read_weight(accept + type, part - type);
        if (weight > best && find_format(accept, type, &format)) {
            best = weight;
            *ret_format = format;
        }
        accept += part;
    }
    return best > 0;
}

/* ---- one name of a list ---- */

/* The weight that the list gives to a name, in thousandths; -1: it does not name it. */
static int find_weight(const char *list, const char *name)
{
    for (int i = 0; i < ACCEPT_PARTS_MAX && *list != '\0'; i++) {
        list += strspn(list, " \t,");
        const size_t part = strcspn(list, ",");
        const size_t length = strcspn(list, "; \t,");
        if (length > 0 && strlen(name) == length && strncasecmp(list, name, length) == 0)
            return read_weight(list + length, part - length);
        list += part;
    }
    return -1;
}

/* The more exact word counts (RFC 9110 12.5.1); 0: the client does not take JSON. */
static int find_json_weight(const char *accept)
{
    static const char *const WIDER[] = { "application/*", "*/*" };
    const int hal = find_weight(accept, "application/hal+json");
    const int json = find_weight(accept, "application/json");
    int weight = hal > json ? hal : json;

    for (size_t i = 0; i < KIT_COUNT(WIDER) && weight < 0; i++)
        weight = find_weight(accept, WIDER[i]);
    return weight < 0 ? 0 : weight;
}

bool accept_prefers_page(const char *accept)
{
    return accept != NULL && find_weight(accept, "text/html") > find_json_weight(accept);
}

bool accept_takes_gzip(const char *accept_encoding)
{
    if (accept_encoding == NULL)
        return false;
    const int gzip = find_weight(accept_encoding, "gzip");
    return (gzip < 0 ? find_weight(accept_encoding, "*") : gzip) > 0;
}
