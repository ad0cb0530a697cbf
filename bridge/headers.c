/* No allocation; every loop ends with the text. See headers.h. */
#include "bridge/headers.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "bridge/token.h"

#define PORT_MAX 65535
#define TRACEPARENT_LENGTH 55

int headers_check(const struct request_headers *headers, struct kit_error *err)
{
    if (headers->is_broken)
        return kit_error_typed(err, KIT_E_INVALID, "invalid-header",
                               "the request line or a header has a control character, a name that "
                               "is none, or no CR LF at its end; send none of these");
    if (headers->repeated != NULL)
        return kit_error_typed(err, KIT_E_INVALID, "invalid-header",
                               "the header %s is given twice; give it once", headers->repeated);
    if ((headers->is_chunked || headers->is_framed_otherwise) && headers->content_length != NULL)
        return kit_error_typed(err, KIT_E_INVALID, "invalid-header",
                               "send either Content-Length or Transfer-Encoding, not both");
    if (headers->host == NULL || !header_is_host(headers->host))
        return kit_error_typed(err, KIT_E_INVALID, "invalid-host",
                               "the Host header must name the server, as in Host: localhost:8080");
    return KIT_OK;
}

/* ---- the body that they announce ---- */

int headers_refuse_size(struct kit_error *err)
{
    return kit_error_set(err, KIT_E_TOO_LARGE, "a body may have at most %d bytes; send less",
                         BRIDGE_BODY_BYTES_MAX);
}

/* A length that is no number counts as too large. */
static bool is_too_large(const char *content_length)
{
    const struct token_range range = { 0, BRIDGE_BODY_BYTES_MAX };
    int64_t length;
    return !token_read_decimal(content_length, strlen(content_length), range, &length);
}

int headers_check_body(const struct request_headers *headers, struct kit_error *err)
{
    if (headers->content_length != NULL && is_too_large(headers->content_length))
        return headers_refuse_size(err);
    if (headers->is_framed_otherwise)
        return kit_error_typed(err, KIT_E_INVALID, "unknown-transfer-coding",
                               "no Transfer-Encoding but chunked is understood; send that, or a "
                               "Content-Length");
    if (headers->is_coded)
        return kit_error_typed(err, KIT_E_INVALID, "unsupported-media-type",
                               "send the body as it is, without a Content-Encoding");
    return KIT_OK;
}

/* ---- host ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_host_char(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_';
}

/* "", or ":8080". */
static bool is_port(const char *text)
{
    const struct token_range range = { 1, PORT_MAX };
    int64_t port;

    if (*text == '\0')
        return true;
    return *text == ':' && token_read_decimal(text + 1, strlen(text + 1), range, &port);
}

bool header_is_host(const char *text)
{
    if (strnlen(text, BRIDGE_HOST_SIZE) == BRIDGE_HOST_SIZE)
        return false;
    if (text[0] == '[') {
        const size_t length = strspn(text + 1, "0123456789abcdefABCDEF:.");
        return length >= 2 && text[1 + length] == ']' && is_port(text + length + 2);
    }
    size_t length = 0;
    while (is_host_char(text[length]))
        length++;
    return length > 0 && is_port(text + length);
}

/* ---- trace and key ---- */

static bool is_lower_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f');
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

bool header_is_traceparent(const char *text)
{
    return strnlen(text, TRACEPARENT_LENGTH + 1) == TRACEPARENT_LENGTH &&
           memcmp(text, "00-", 3) == 0 && is_trace_id(text + 3, 32) && text[35] == '-' &&
           is_trace_id(text + 36, 16) && text[52] == '-' && is_lower_hex(text[53]) &&
           is_lower_hex(text[54]);
}

bool header_is_key(const char *text)
{
    size_t length = 0;
    while (length <= BRIDGE_HEADER_KEY_MAX && text[length] > ' ' && text[length] < '\x7f')
        length++;
    return length >= 1 && length <= BRIDGE_HEADER_KEY_MAX && text[length] == '\0';
}

/* ---- media type ---- */

static bool is_type(const char *text, size_t length, const char *type)
{
    return strlen(type) == length && strncasecmp(text, type, length) == 0;
}

static bool is_token_char(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static size_t token_length(const char *text)
{
    size_t length = 0;
    while (is_token_char(text[length]))
        length++;
    return length;
}

/* Of a quoted string with its quotes; 0: it does not end, or has a control character. */
static size_t quoted_length(const char *text)
{
    for (size_t at = 1; text[at] != '\0'; at++) {
        if (text[at] == '"')
            return at + 1;
        if (text[at] == '\\')
            at++;
        if (((unsigned char)text[at] < ' ' && text[at] != '\t') || text[at] == '\x7f')
            return 0;
    }
    return 0;
}

static bool is_utf_8(const char *text, size_t length)
{
    return is_type(text, length, "utf-8") || is_type(text, length, "utf8");
}

/* name=value, the value a token or quoted; a charset only if it is UTF-8. *ret_rest is behind it.
 */
static bool read_parameter(const char *text, const char **ret_rest)
{
    const size_t name_length = token_length(text);
    if (name_length == 0 || text[name_length] != '=')
        return false;
    const char *value = text + name_length + 1;
    const bool is_quoted = *value == '"';
    const size_t length = is_quoted ? quoted_length(value) : token_length(value);
    if (length == 0)
        return false;
    *ret_rest = value + length;
    if (!is_type(text, name_length, "charset"))
        return true;
    return is_quoted ? is_utf_8(value + 1, length - 2) : is_utf_8(value, length);
}

/* RFC 9110, 5.6.6: ";" and a parameter, or ";" and nothing, any number of times. */
static bool are_parameters(const char *text)
{
    for (;;) {
        text += strspn(text, " \t");
        if (*text == '\0')
            return true;
        if (*text++ != ';')
            return false;
        text += strspn(text, " \t");
        if (*text != ';' && *text != '\0' && !read_parameter(text, &text))
            return false;
    }
}

bool header_is_name(const char *text)
{
    const size_t length = token_length(text);
    return length > 0 && text[length] == '\0';
}

bool header_is_json(const char *content_type, bool is_patch)
{
    const char *type = content_type + strspn(content_type, " \t");
    const size_t length = strcspn(type, "; \t");

    if (!is_type(type, length, "application/json") &&
        !is_type(type, length, "application/hal+json") &&
        !(is_patch && is_type(type, length, "application/merge-patch+json")))
        return false;
    return are_parameters(type + length);
}
