/* Every codec against its vectors: what must decode survives decode - encode - decode unchanged;
 * what must be refused is refused for the member that the file name says. Usage:
 * contract_vectors SCHEMA_DIR DERIVED_DIR. Every failing vector is named, not only the first. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json/codec.h"
#include "kit/json/gate.h"
#include "same.h"
#include "vectors.h"

#define OK_VECTORS_MIN 1
#define BAD_VECTORS_MIN 2

static struct vector_folders folders;
static size_t fault_count;

static void fault(const struct kit_codec *codec, const struct vector *vector, const char *what,
                  const char *detail)
{
    fprintf(stderr, "%s/%s: %s %s\n", codec->name, vector->name, what, detail);
    fault_count++;
}

/* Members that are checked, not kept: an optional const says nothing. */
static const char *dropped_member(const struct kit_codec *codec)
{
    return strcmp(codec->name, "http.rental-create") == 0 ? "status" : NULL;
}

struct decoded {
    cJSON *root;
    void *message;
};

static void decoded_done(struct decoded *decoded)
{
    cJSON_Delete(decoded->root);
    free(decoded->message);
}

/* Decodes into memory that may change only on success; decoded_done() on every path. */
static int decode(const struct kit_codec *codec, const char *text, size_t size_bytes,
                  struct decoded *ret_decoded, struct kit_error *err)
{
    *ret_decoded = (struct decoded){ .message = malloc(codec->size_bytes) };
    assert_non_null(ret_decoded->message);
    memset(ret_decoded->message, 0x5A, codec->size_bytes);
    int rc = kit_json_parse(text, size_bytes, VECTOR_BYTES_MAX, &ret_decoded->root, err);
    if (rc != KIT_OK)
        return rc;
    return codec->decode(ret_decoded->root, ret_decoded->message, err);
}

static void check_ok(const struct kit_codec *codec, const struct vector *vector)
{
    struct kit_error err = { 0 };
    struct decoded decoded[2] = { 0 };
    struct kit_buf texts[2];
    kit_buf_init(&texts[0], 4 * VECTOR_BYTES_MAX);
    kit_buf_init(&texts[1], 4 * VECTOR_BYTES_MAX);

    if (decode(codec, vector->text, vector->size_bytes, &decoded[0], &err) != KIT_OK) {
        fault(codec, vector, "must decode, but:", err.text);
        goto out;
    }
    codec->encode(decoded[0].message, &texts[0]);
    if (decode(codec, texts[0].data, texts[0].size_bytes, &decoded[1], &err) != KIT_OK) {
        fault(codec, vector, "does not decode after encoding:", err.text);
        goto out;
    }
    if (!same_json(decoded[0].root, decoded[1].root, dropped_member(codec)))
        fault(codec, vector, "is not the same after encoding:", texts[0].data);
    codec->encode(decoded[1].message, &texts[1]);
    if (texts[0].overflow || strcmp(texts[0].data, texts[1].data) != 0)
        fault(codec, vector, "encodes differently the second time:", texts[1].data);
out:
    for (size_t i = 0; i < 2; i++) {
        decoded_done(&decoded[i]);
        kit_buf_done(&texts[i]);
    }
}

static bool is_untouched(const void *message, size_t size_bytes)
{
    const unsigned char *bytes = message;
    for (size_t i = 0; i < size_bytes; i++) {
        if (bytes[i] != 0x5A)
            return false;
    }
    return true;
}

static void check_bad(const struct kit_codec *codec, const struct vector *vector)
{
    struct kit_error err = { 0 };
    struct decoded decoded;
    char pointer[VECTOR_NAME_SIZE];
    int rc = decode(codec, vector->text, vector->size_bytes, &decoded, &err);
    vector_pointer(vector, pointer);
    if (rc == KIT_OK)
        fault(codec, vector, "must be refused, but decodes", "");
    else if (vector_is_gate(vector) && decoded.root != NULL)
        fault(codec, vector, "must be refused by the gate, but was by the decoder:", err.text);
    else if (!vector_is_gate(vector) && rc != KIT_E_INVALID)
        fault(codec, vector, "must be refused as invalid, but is", kit_code_name(rc));
    else if (!vector_is_gate(vector) && strcmp(err.pointer, pointer) != 0)
        fault(codec, vector, "is refused for another member:", err.text);
    else if (err.text[0] == '\0')
        fault(codec, vector, "is refused without a reason", "");
    else if (!is_untouched(decoded.message, codec->size_bytes))
        fault(codec, vector, "is refused, but the result was written", "");
    decoded_done(&decoded);
}

static void check_codec(const struct kit_codec *codec)
{
    static struct vector_list list;
    size_t ok_count = 0;
    size_t bad_count = 0;
    const char *missing = vectors_load(&folders, codec->name, &list);
    if (missing != NULL)
        fail_msg("%s %s", codec->name, missing);
    for (size_t i = 0; i < list.count; i++) {
        const struct vector *vector = &list.items[i];
        if (vector_is_ok(vector)) {
            ok_count++;
            check_ok(codec, vector);
        } else {
            bad_count++;
            check_bad(codec, vector);
        }
    }
    vectors_free(&list);
    if (ok_count < OK_VECTORS_MIN || bad_count < BAD_VECTORS_MIN)
        fail_msg("%s has %zu ok and %zu bad vectors; write %d and %d at least", codec->name,
                 ok_count, bad_count, OK_VECTORS_MIN, BAD_VECTORS_MIN);
}

static void test_every_codec_agrees_with_its_vectors(void **state)
{
    (void)state;
    fault_count = 0;
    for (size_t i = 0; i < kit_codec_count; i++)
        check_codec(&kit_codecs[i]);
    assert_int_equal(fault_count, 0);
}

static bool codec_exists(const char *name)
{
    for (size_t i = 0; i < kit_codec_count; i++) {
        if (strcmp(kit_codecs[i].name, name) == 0)
            return true;
    }
    return false;
}

/* Counts the names in a folder that end in `suffix`; each must be a codec, but those without a dot:
 * the bases and common. */
static size_t count_codecs_in(const char *folder, const char *suffix)
{
    size_t count = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        size_t length = strlen(entry->d_name);
        if (entry->d_name[0] == '.' || length < strlen(suffix) ||
            strcmp(entry->d_name + length - strlen(suffix), suffix) != 0)
            continue;
        entry->d_name[length - strlen(suffix)] = '\0';
        if (strchr(entry->d_name, '.') == NULL)
            continue;
        if (!codec_exists(entry->d_name))
            fail_msg("%s/%s has no codec", folder, entry->d_name);
        count++;
    }
    closedir(dir);
    return count;
}

static void test_every_schema_and_vector_folder_has_a_codec(void **state)
{
    (void)state;
    char folder[1024];
    assert_int_equal(count_codecs_in(folders.schemas, ".schema.json"), kit_codec_count);
    snprintf(folder, sizeof(folder), "%s/vectors", folders.schemas);
    assert_int_equal(count_codecs_in(folder, ""), kit_codec_count);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_codec_agrees_with_its_vectors),
        cmocka_unit_test(test_every_schema_and_vector_folder_has_a_codec),
    };
    if (argc != 3) {
        fprintf(stderr, "usage: contract_vectors SCHEMA_DIR DERIVED_DIR\n");
        return 64;
    }
    folders = (struct vector_folders){ argv[1], argv[2] };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
