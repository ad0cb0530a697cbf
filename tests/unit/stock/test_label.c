/* A label as a page sends it is what it is on a scanner: the same vectors as the firmware's, and
 * the same answer as the firmware's for whatever else is read. */
#include <stdlib.h>
#include <string.h>

#include "core/label.h"
#include "fakes/cmocka_all.h"
#include "kit/base/check.h"
#include "kit/base/text.h"
#include "stock/domain/label.h"
#include "unit/firmware/label_model.h"

#define MUTANTS 400 /* of each vector */
#define LINE_SIZE 129

static void test_label_kinds_are_those_of_the_vectors(void **state)
{
    (void)state;
    for (int kind = 0; kind < LABEL_VECTOR_KIND_COUNT; kind++)
        assert_string_equal(label_kind_text((enum label_kind)kind), label_vector_kinds[kind]);
}

static void test_label_read_every_known_label_gives_kind_and_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < label_vector_count; i++) {
        const struct label_vector *vector = &label_vectors[i];
        struct label label;
        memset(&label, 0x55, sizeof(label));
        label_read(vector->line, &label);
        if (strcmp(label_kind_text(label.kind), vector->kind) != 0 ||
            strcmp(label.value, vector->value) != 0)
            print_error("%s: kind %s, value %s\n", vector->line, label_kind_text(label.kind),
                        label.value);
        assert_string_equal(label_kind_text(label.kind), vector->kind);
        assert_string_equal(label.value, vector->value);
    }
}

static void check_alike(const char *line)
{
    struct label label;
    struct fw_label firmware;
    label_read(line, &label);
    fw_label_parse((const uint8_t *)line, strlen(line), &firmware);
    if ((int)label.kind != (int)firmware.kind || strcmp(label.value, firmware.value) != 0)
        print_error("%s: %s %s, on a scanner %s %s\n", line, label_kind_text(label.kind),
                    label.value, label_vector_kinds[firmware.kind], firmware.value);
    assert_int_equal(label.kind, firmware.kind);
    assert_string_equal(label.value, firmware.value);
}

/* xorshift64*, as in test_random.c. */
static size_t below(uint64_t *random, size_t limit)
{
    *random ^= *random >> 12;
    *random ^= *random << 25;
    *random ^= *random >> 27;
    return (size_t)((*random * UINT64_C(2685821657736338717)) >> 33) % limit;
}

/* Signs that mean something somewhere in a label, more often than others. */
static char any_sign(uint64_t *random)
{
    static const char signs[] = "0123456789()]:-LSPABTOCX\x1d\x1d*z.";
    return below(random, 8) == 0 ? (char)(1 + below(random, 255))
                                 : signs[below(random, sizeof(signs) - 1)];
}

/* What does not fit falls off the end. */
static void put_in(char line[LINE_SIZE], size_t at, const char *signs, size_t count)
{
    char rest[LINE_SIZE];
    const size_t room = LINE_SIZE - 1 - at - count;
    PRE(at + count < LINE_SIZE);
    const size_t length = strlen(line + at);
    const size_t kept = length < room ? length : room;
    memcpy(rest, line + at, kept);
    memcpy(line + at, signs, count);
    memcpy(line + at + count, rest, kept);
    line[at + count + kept] = '\0';
}

/* One sign is changed, left out, or put in; or the head of another label goes in front. */
static void mutate(char line[LINE_SIZE], uint64_t *random)
{
    const size_t length = strlen(line);
    const size_t at = length > 0 ? below(random, length) : 0;
    const char *other = label_vectors[below(random, label_vector_count)].line;
    const char sign = any_sign(random);
    const size_t change = below(random, 4);
    if (change == 0 && length > 0)
        line[at] = sign;
    else if (change == 1 && length > 0)
        memmove(line + at, line + at + 1, length - at);
    else if (change == 2 && at < LINE_SIZE - 2)
        put_in(line, at, &sign, 1);
    else
        put_in(line, 0, other, below(random, strlen(other) + 1));
}

static void test_label_read_is_what_a_scanner_reads(void **state)
{
    const char *seed = getenv("LOCKSTOCK_SEED");
    uint64_t random = (seed != NULL ? strtoull(seed, NULL, 10) : 1) * UINT64_C(0x9e3779b97f4a7c15) +
                      1;
    (void)state;
    for (size_t i = 0; i < label_vector_count * MUTANTS; i++) {
        char line[LINE_SIZE];
        kit_text_copy(line, sizeof(line), label_vectors[i % label_vector_count].line);
        for (size_t changes = 1 + below(&random, 4); changes > 0; changes--) {
            mutate(line, &random);
            check_alike(line);
        }
    }
}

/* A page may send more than a scanner's line holds. */
static void test_label_read_longest_text_is_cut(void **state)
{
    static const char *const starts[] = { "]C18004", "]C1", "LS:P:", "(8004)", "]d221", "]E0", "" };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(starts); i++) {
        char text[513];
        struct label label;
        memset(text, '1', sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';
        memcpy(text, starts[i], strlen(starts[i]));
        label_read(text, &label);
        assert_true(label.kind == LABEL_KIND_TEXT || label.kind == LABEL_KIND_DAMAGED);
        assert_int_equal(strlen(label.value), LABEL_VALUE_SIZE - 1);
    }
    struct label label;
    label_read("", &label);
    assert_int_equal(label.kind, LABEL_KIND_TEXT);
    assert_string_equal(label.value, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_label_kinds_are_those_of_the_vectors),
        cmocka_unit_test(test_label_read_every_known_label_gives_kind_and_value),
        cmocka_unit_test(test_label_read_is_what_a_scanner_reads),
        cmocka_unit_test(test_label_read_longest_text_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
