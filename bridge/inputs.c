/* Checks of what comes in the request line and headers. No allocation; every loop ends with the
 * text. */
#include "bridge/inputs.h"

#include <string.h>
#include <strings.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_host_char(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_';
}

static bool is_lower_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f');
}

bool input_decimal(const char *text, size_t length, int64_t min, int64_t max, int64_t *ret)
{
    int64_t value = 0;

    if (length == 0 || (text[0] == '0' && length > 1))
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!is_digit(text[i]))
            return false;
        const int64_t digit = text[i] - '0';
        if (value > max / 10 || value * 10 > max - digit)
            return false;
        value = value * 10 + digit;
    }
    if (value < min)
        return false;
    *ret = value;
    return true;
}

static bool name_is(const char *text, size_t length, const char *name)
{
    return strlen(name) == length && memcmp(text, name, length) == 0;
}

/* One "name=value". */
static int read_pair(const char *pair, size_t length, struct page_query *page, bool seen[2],
                     struct kit_error *err)
{
    const char *equals = memchr(pair, '=', length);
    const size_t name_length = equals == NULL ? length : (size_t)(equals - pair);
    const char *value = equals == NULL ? "" : equals + 1;
    const size_t value_length = equals == NULL ? 0 : length - name_length - 1;
    const bool is_page = name_is(pair, name_length, "page");

    if (!is_page && !name_is(pair, name_length, "size"))
        return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                               "the query may only hold page and size, as in ?page=0&size=20");
    if (seen[is_page])
        return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                               "%s is given twice in the query; give it once",
                               is_page ? "page" : "size");
    seen[is_page] = true;
    if (is_page && !input_decimal(value, value_length, 0, BRIDGE_PAGE_NUMBER_MAX, &page->number))
        return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                               "page must be a whole number from 0 to %lld, as in ?page=0&size=20",
                               (long long)BRIDGE_PAGE_NUMBER_MAX);
    if (!is_page && !input_decimal(value, value_length, 1, BRIDGE_PAGE_SIZE_MAX, &page->size))
        return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                               "size must be a whole number from 1 to %d, as in ?page=0&size=20",
                               BRIDGE_PAGE_SIZE_MAX);
    return KIT_OK;
}

int input_page(const char *query, struct page_query *ret, struct kit_error *err)
{
    struct page_query page = { .number = 0, .size = BRIDGE_PAGE_SIZE_DEFAULT };
    bool seen[2] = { false, false };

    while (*query != '\0') {
        const size_t length = strcspn(query, "&");
        int rc = read_pair(query, length, &page, seen, err);
        if (rc != KIT_OK)
            return rc;
        query += length;
        if (*query == '&')
            query++;
    }
    *ret = page;
    return KIT_OK;
}

/* ---- labels and names ---- */

#define LABEL_NAME "label="

bool input_has_label(const char *query)
{
    return strncmp(query, LABEL_NAME, strlen(LABEL_NAME)) == 0;
}

/* -1: no hex digit. */
static int hex_value(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Takes one character off the text; 0: it is none that a label may have, or the end. */
static char next_char(const char **text)
{
    int c = (unsigned char)**text;
    (*text) += c != '\0';
    if (c == '%') {
        const int high = hex_value((*text)[0]);
        const int low = high < 0 ? -1 : hex_value((*text)[1]);
        if (low < 0)
            return 0;
        c = high * 16 + low;
        *text += 2;
    } else if (c == '&') {
        return 0;
    }
    return c >= ' ' && c <= '~' ? (char)c : 0;
}

/* Four or five small letters, a colon, and something. */
static bool is_label(const char *text)
{
    const size_t kind = strspn(text, "abcdefghijklmnopqrstuvwxyz");
    return (kind == 4 || kind == 5) && text[kind] == ':' && text[kind + 1] != '\0' &&
           strlen(text + kind + 1) <= 64;
}

int input_label(const char *query, char ret_label[BRIDGE_LABEL_SIZE], struct kit_error *err)
{
    char label[BRIDGE_LABEL_SIZE] = "";
    const char *rest = query + strlen(LABEL_NAME);
    bool is_fine = true;

    PRE(input_has_label(query));
    for (size_t i = 0; i < BRIDGE_LABEL_SIZE - 1 && is_fine && *rest != '\0'; i++) {
        label[i] = next_char(&rest);
        is_fine = label[i] != '\0';
    }
    if (!is_fine || *rest != '\0' || !is_label(label))
        return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                               "label must be that of an asset, kind and value, alone and "
                               "percent-encoded where needed, as in ?label=asset:DRILL-1");
    memcpy(ret_label, label, sizeof(label));
    return KIT_OK;
}

bool input_device_is_valid(const char *text, size_t length)
{
    if (length < 1 || length > 47 || text[0] < 'a' || text[0] > 'z')
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!is_digit(text[i]) && !(text[i] >= 'a' && text[i] <= 'z') && text[i] != '-')
            return false;
    }
    return true;
}

static bool port_is_valid(const char *text)
{
    int64_t port;
    return *text == '\0' ||
           (*text == ':' && input_decimal(text + 1, strlen(text + 1), 1, 65535, &port));
}

bool input_host_is_valid(const char *host)
{
    if (strnlen(host, BRIDGE_HOST_SIZE) == BRIDGE_HOST_SIZE)
        return false;
    if (host[0] == '[') {
        const size_t length = strspn(host + 1, "0123456789abcdefABCDEF:.");
        return length >= 2 && host[1 + length] == ']' && port_is_valid(host + length + 2);
    }
    size_t length = 0;
    while (is_host_char(host[length]))
        length++;
    return length > 0 && port_is_valid(host + length);
}

/* Hex digits, not all of them 0. */
static bool is_trace_id(const char *text, size_t length)
{
    bool is_zero = true;
    for (size_t i = 0; i < length; i++) {
        if (!is_lower_hex(text[i]))
            return false;
        is_zero = is_zero && text[i] == '0';
    }
    return !is_zero;
}

bool input_traceparent_is_valid(const char *text)
{
    return strnlen(text, 56) == 55 && memcmp(text, "00-", 3) == 0 && is_trace_id(text + 3, 32) &&
           text[35] == '-' && is_trace_id(text + 36, 16) && text[52] == '-' &&
           is_lower_hex(text[53]) && is_lower_hex(text[54]);
}

bool input_key_is_valid(const char *text)
{
    size_t length = 0;
    while (length <= BRIDGE_HEADER_KEY_MAX && text[length] > ' ' && text[length] < '\x7f')
        length++;
    return length >= 1 && length <= BRIDGE_HEADER_KEY_MAX && text[length] == '\0';
}

static bool type_is(const char *text, size_t length, const char *type)
{
    return strlen(type) == length && strncasecmp(text, type, length) == 0;
}

bool input_media_type_is_json(const char *content_type, bool is_patch)
{
    const char *rest = content_type + strspn(content_type, " \t");
    const size_t length = strcspn(rest, "; \t");

    if (!type_is(rest, length, "application/json") &&
        !type_is(rest, length, "application/hal+json") &&
        !(is_patch && type_is(rest, length, "application/merge-patch+json")))
        return false;
    rest += length;
    rest += strspn(rest, " \t");
    if (*rest != '\0' && *rest != ';')
        return false;
    const char *charset = strcasestr(rest, "charset=");
    if (charset == NULL)
        return true;
    charset += strlen("charset=");
    charset += *charset == '"';
    return strncasecmp(charset, "utf-8", 5) == 0 || strncasecmp(charset, "utf8", 4) == 0;
}

/* ---- Accept ---- */

#define ACCEPT_PARTS_MAX 32

/* "q=0.5" among the parameters, in thousandths; 1000 without one or with one that is not a number.
 */
static int weight_of(const char *parameters, size_t length)
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

static bool format_of(const char *type, size_t length, enum answer_format *ret_format)
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
    for (size_t i = 0; i < sizeof(FORMS) / sizeof(FORMS[0]); i++) {
        if (strlen(FORMS[i].type) == length && strncasecmp(FORMS[i].type, type, length) == 0) {
            *ret_format = FORMS[i].format;
            return true;
        }
    }
    return false;
}

bool input_accept(const char *accept, enum answer_format *ret_format)
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
        const int weight = weight_of(accept + type, part - type);
        if (weight > best && format_of(accept, type, &format)) {
            best = weight;
            *ret_format = format;
        }
        accept += part;
    }
    return best > 0;
}

int input_format(const char *query, const char *accept, enum answer_format *ret_format,
                 struct kit_error *err)
{
    static const char *const NAMES[] = {
        [FORMAT_HAL] = "format=json", [FORMAT_PNG] = "format=png", [FORMAT_SVG] = "format=svg"
    };

    if (query[0] == '\0') {
        if (input_accept(accept, ret_format))
            return KIT_OK;
        return kit_error_typed(err, KIT_E_INVALID, "not-acceptable",
                               "this is served as application/json, image/png and image/svg+xml; "
                               "accept one of them, or add ?format=json, png or svg");
    }
    for (int format = FORMAT_HAL; format <= FORMAT_SVG; format++) {
        if (strcmp(query, NAMES[format]) == 0) {
            *ret_format = (enum answer_format)format;
            return KIT_OK;
        }
    }
    return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                           "this request takes ?format=json, ?format=png or ?format=svg");
}
