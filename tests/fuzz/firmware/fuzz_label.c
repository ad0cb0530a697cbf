/* Any bytes on a scanner's serial line, through lines, bounces and labels. What comes out must fit
 * the schema of a record: printable, in bounds, a known kind; and our own labels must carry the
 * check character that we would print. */
#include "fuzz/fuzz_json.h"

#include <string.h>

#include "core/debounce.h"
#include "core/label.h"
#include "core/line.h"
#include "port/check.h"

static void check_value(const struct fw_label *label)
{
    const char *end = memchr(label->value, '\0', sizeof(label->value));
    FW_CHECK(end != NULL);
    for (const char *at = label->value; at < end; at++)
        FW_CHECK(*at >= ' ' && *at <= '~');
    FW_CHECK(strnlen(label->symbology, sizeof(label->symbology)) % 3 == 0);
}

/* The value of one of our own labels, printed again, is what was read. */
static void check_own(const struct fw_label *label, const struct fw_line *line)
{
    size_t before = strlen(label->symbology), size = strlen(label->value);
    char letter = FW_LABEL_OWN_LETTERS[label->kind];
    FW_CHECK(line->size == before + size + 7);
    FW_CHECK(line->bytes[before + 3] == (uint8_t)letter);
    FW_CHECK(line->bytes[line->size - 1] ==
             (uint8_t)fw_label_check_char(letter, label->value, size));
}

static void check_label(const struct fw_line *line)
{
    struct fw_label label;
    memset(&label, 0x55, sizeof(label));
    fw_label_parse(line->bytes, line->size, &label);
    check_value(&label);
    FW_CHECK(label.kind <= FW_LABEL_DAMAGED);
    if (label.kind <= FW_LABEL_COMMAND)
        check_own(&label, line);
    if (label.kind == FW_LABEL_GTIN)
        FW_CHECK(strlen(label.value) == 14);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    struct fw_line line;
    struct fw_debounce debounce;
    uint64_t taken_count = 0, line_count = 0;
    fw_line_init(&line);
    fw_debounce_init(&debounce, FW_DEBOUNCE_DEAD_TIME_MS);
    for (size_t i = 0; i <= size_bytes; i++) {
        uint8_t byte = i < size_bytes ? data[i] : '\n'; /* the last line ends, too */
        if (!fw_line_push(&line, byte))
            continue;
        FW_CHECK(line.size > 0 && line.size <= FW_LINE_BYTES_MAX);
        line_count++;
        taken_count += fw_debounce_take(&debounce, line.bytes, line.size, (int64_t)i);
        check_label(&line);
    }
    FW_CHECK(taken_count + debounce.bounced_count == line_count);
    return 0;
}
