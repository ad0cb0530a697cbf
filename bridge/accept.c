/* Weights of the Accept header. No allocation; every loop ends with the text. See accept.h. */
#include "bridge/accept.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "kit/base/check.h"

#define ACCEPT_PARTS_MAX 32

/* "q=0.5" among the parameters, in thousandths; 1000 without one or with one that is not a number.
 */
static int read_weight(const char *parameters, size_t length)
{
    for (size_t i = 0; i + 2 < length; i++) {
        if ((parameters[i] != 'q' && parameters[i] != 'Q') || parameters[i + 1] != '=')
            continue;
        int weight = parameters[i + 2] == '1' ? 1000 : 0, scale = 100;
        for (size_t k = i + 4; k < length && scale > 0; k++, scale /= 10) {
            if (parameters[k] < '0' || parameters[k] > '9')
                break;
            weight += (parameters[k] - '0') * scale;
        }
        return weight > 1000 ? 1000 : weight;
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
