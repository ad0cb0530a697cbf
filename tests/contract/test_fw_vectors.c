/* The firmware's codec against the same vectors as the services': what must decode survives decode
 * - encode - decode, and is the same for the services; what must be refused is refused, and nothing
 * is written. Usage: contract_fw_vectors SCHEMA_DIR DERIVED_DIR. Every failing vector is named. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "fakes/cmocka_all.h"
#include "fw/device_ack.gen.h"
#include "fw/device_cmd.gen.h"
#include "fw/device_config.gen.h"
#include "fw/device_grant.gen.h"
#include "fw/device_record.gen.h"
#include "fw/device_state.gen.h"
#include "fw/device_up.gen.h"
#include "fw/device_verdict.gen.h"
#include "kit/json/codec.h"
#include "kit/json/gate.h"
#include "port/check.h"
#include "same.h"
#include "vectors.h"

#define ENCODED_BYTES_MAX 16384
#define UNTOUCHED 0x5A

static struct vector_folders folders;
static size_t fault_count;

struct fw_codec {
    const char *name;
    const struct fw_json_shape *shape;
};

static const struct fw_codec CODECS[] = {
    { "device.ack", &fw_device_ack_shape },       { "device.cmd", &fw_device_cmd_shape },
    { "device.config", &fw_device_config_shape }, { "device.grant", &fw_device_grant_shape },
    { "device.record", &fw_device_record_shape }, { "device.state", &fw_device_state_shape },
    { "device.up", &fw_device_up_shape },         { "device.verdict", &fw_device_verdict_shape },
};

_Noreturn void fw_panic(const char *file, int line)
{
    fprintf(stderr, "%s:%d: a check of the firmware failed\n", file, line);
    abort();
}

static void fault(const struct fw_codec *codec, const struct vector *vector, const char *what)
{
    fprintf(stderr, "%s/%s: %s\n", codec->name, vector->name, what);
    fault_count++;
}

/* In memory of exactly that size, so that the sanitizer sees reads past the end. */
static int decode(const struct fw_codec *codec, const char *text, size_t size, void *ret)
{
    char *copy = malloc(size > 0 ? size : 1);
    assert_non_null(copy);
    memcpy(copy, text, size);
    int rc = fw_json_decode(codec->shape, copy, size, ret);
    free(copy);
    return rc;
}

static bool services_read_the_same(const struct vector *vector, const char *text, size_t size)
{
    cJSON *original = NULL;
    cJSON *encoded = NULL;
    bool is_same = kit_json_parse(vector->text, vector->size_bytes, VECTOR_BYTES_MAX, &original,
                                  NULL) == KIT_OK &&
                   kit_json_parse(text, size, ENCODED_BYTES_MAX, &encoded, NULL) == KIT_OK &&
                   same_json(original, encoded, NULL);
    cJSON_Delete(original);
    cJSON_Delete(encoded);
    return is_same;
}

static void check_ok(const struct fw_codec *codec, const struct vector *vector)
{
    static char texts[2][ENCODED_BYTES_MAX];
    size_t struct_size = codec->shape->size_bytes;
    void *messages[2] = { malloc(struct_size), malloc(struct_size) };
    assert_true(messages[0] != NULL && messages[1] != NULL);
    memset(messages[0], UNTOUCHED, struct_size);
    memset(messages[1], UNTOUCHED, struct_size);

    if (decode(codec, vector->text, vector->size_bytes, messages[0]) != FW_OK) {
        fault(codec, vector, "must decode");
        goto out;
    }
    int size = fw_json_encode(codec->shape, messages[0], texts[0], ENCODED_BYTES_MAX);
    assert_true(size > 0);
    if (decode(codec, texts[0], (size_t)size, messages[1]) != FW_OK)
        fault(codec, vector, "does not decode after encoding");
    else if (!services_read_the_same(vector, texts[0], (size_t)size))
        fault(codec, vector, "is not the same for the services after encoding");
    else if (fw_json_encode(codec->shape, messages[1], texts[1], ENCODED_BYTES_MAX) != size ||
             memcmp(texts[0], texts[1], (size_t)size) != 0)
        fault(codec, vector, "encodes differently the second time");
    for (int room = 0; room < size; room++) {
        texts[1][room] = UNTOUCHED;
        int rc = fw_json_encode(codec->shape, messages[0], texts[1], (size_t)room);
        if (rc != FW_E_TOO_LARGE || texts[1][room] != UNTOUCHED)
            fault(codec, vector, "is encoded beyond the buffer");
    }
out:
    free(messages[0]);
    free(messages[1]);
}

static void check_bad(const struct fw_codec *codec, const struct vector *vector)
{
    unsigned char *message = malloc(codec->shape->size_bytes);
    assert_non_null(message);
    memset(message, UNTOUCHED, codec->shape->size_bytes);
    if (decode(codec, vector->text, vector->size_bytes, message) != FW_E_INVALID)
        fault(codec, vector, "must be refused, but decodes");
    for (size_t i = 0; i < codec->shape->size_bytes; i++) {
        if (message[i] != UNTOUCHED) {
            fault(codec, vector, "is refused, but the result was written");
            break;
        }
    }
    free(message);
}

static void test_fw_codec_with_the_vectors_of_the_services_agrees(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(CODECS); i++) {
        static struct vector_list list;
        assert_null(vectors_load(&folders, CODECS[i].name, &list));
        for (size_t k = 0; k < list.count; k++) {
            if (vector_is_ok(&list.items[k]))
                check_ok(&CODECS[i], &list.items[k]);
            else
                check_bad(&CODECS[i], &list.items[k]);
        }
        vectors_free(&list);
    }
    assert_int_equal(fault_count, 0);
}

static void test_fw_codec_of_every_device_schema_is_tested(void **state)
{
    (void)state;
    size_t count = 0;
    for (size_t i = 0; i < kit_codec_count; i++)
        count += strncmp(kit_codecs[i].name, "device.", 7) == 0;
    assert_int_equal(count, KIT_COUNT(CODECS));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fw_codec_with_the_vectors_of_the_services_agrees),
        cmocka_unit_test(test_fw_codec_of_every_device_schema_is_tested),
    };
    if (argc != 3) {
        fprintf(stderr, "usage: contract_fw_vectors SCHEMA_DIR DERIVED_DIR\n");
        return 64;
    }
    folders = (struct vector_folders){ argv[1], argv[2] };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
