/* The table of codes, and the text of an error. Text is formatted aside first, so that a caller may
 * pass err->text as an argument. Cut texts end at a character, never inside one. Any thread. */
#include "kit/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/text.h"

struct code_row {
    const char *name;
    int http_status;
    enum kit_action action;
    const char *type;
    const char *text;
};

static const struct code_row code_rows[] = {
#define KIT_ERROR_ROW(code, name, http, action, type, text)                                        \
    [code] = { name, http, action, type, text },
    KIT_ERROR_MAP(KIT_ERROR_ROW)
#undef KIT_ERROR_ROW
};

static const struct code_row *get_row(int code)
{
    PRE(code >= 0 && (size_t)code < KIT_COUNT(code_rows));
    return &code_rows[code];
}

/* One byte more than a text can hold: whoever cuts can see that it was too long. */
struct scratch {
    char text[KIT_ERROR_TEXT_SIZE + 1];
};

static void format_into(struct scratch *scratch, const char *format, va_list args)
{
    if (vsnprintf(scratch->text, sizeof(scratch->text), format, args) < 0)
        scratch->text[0] = '\0';
}

static int fill_error(struct kit_error *err, int code, const char *type, const char *pointer,
                      const struct scratch *scratch)
{
    PRE(code >= 0 && (size_t)code < KIT_COUNT(code_rows));
    if (err == NULL)
        return code;
    char pointer_copy[KIT_ERROR_POINTER_SIZE];
    char type_copy[KIT_ERROR_TYPE_SIZE];
    kit_text_copy(pointer_copy, sizeof(pointer_copy), pointer);
    kit_text_copy(type_copy, sizeof(type_copy), type);
    err->code = code;
    err->is_internal = false;
    err->retry_after_ms = 0;
    memcpy(err->type, type_copy, sizeof(type_copy));
    memcpy(err->pointer, pointer_copy, sizeof(pointer_copy));
    kit_text_copy(err->text, sizeof(err->text), scratch->text);
    return code;
}

int kit_error_set(struct kit_error *err, int code, const char *format, ...)
{
    struct scratch scratch;
    va_list args;
    va_start(args, format);
    format_into(&scratch, format, args);
    va_end(args);
    return fill_error(err, code, "", "", &scratch);
}

int kit_error_typed(struct kit_error *err, int code, const char *type, const char *format, ...)
{
    struct scratch scratch;
    va_list args;
    va_start(args, format);
    format_into(&scratch, format, args);
    va_end(args);
    return fill_error(err, code, type, "", &scratch);
}

int kit_error_at(struct kit_error *err, int code, const char *pointer, const char *format, ...)
{
    struct scratch scratch;
    va_list args;
    va_start(args, format);
    format_into(&scratch, format, args);
    va_end(args);
    return fill_error(err, code, "", pointer, &scratch);
}

int kit_error_wrap(struct kit_error *err, int code, const char *format, ...)
{
    if (err == NULL)
        return code;
    struct scratch prefix;
    va_list args;
    va_start(args, format);
    format_into(&prefix, format, args);
    va_end(args);

    struct scratch whole;
    if (snprintf(whole.text, sizeof(whole.text), "%s: %s", prefix.text, err->text) < 0)
        return code;
    kit_text_copy(err->text, sizeof(err->text), whole.text);
    return code;
}

const char *kit_code_name(int code)
{
    return get_row(code)->name;
}

int kit_code_from_name(const char *name)
{
    for (size_t i = 0; i < KIT_COUNT(code_rows); i++) {
        if (strcmp(code_rows[i].name, name) == 0)
            return (int)i;
    }
    return KIT_E_INVALID;
}

int kit_code_http_status(int code)
{
    return get_row(code)->http_status;
}

enum kit_action kit_code_action(int code)
{
    return get_row(code)->action;
}

const char *kit_code_type(int code)
{
    return get_row(code)->type;
}

const char *kit_code_text(int code)
{
    return get_row(code)->text;
}
