/* Any bytes through the gate, cJSON and every codec. What the gate accepts, cJSON must parse; what
 * a codec decodes, it must be able to encode so that gate and codec accept it again. Everything
 * else is for the sanitizers. */
#include "fuzz_json.h"

#include <stdlib.h>

#include "kit/json/codec.h"
#include "kit/json/gate.h"

#define INPUT_BYTES_MAX 262144
#define ENCODED_BYTES_MAX (4 * INPUT_BYTES_MAX)

/* Decodes; on KIT_OK the caller frees the message and the root, which it may point into. */
static int decode(const struct kit_codec *codec, const cJSON *root, void **ret_message)
{
    struct kit_error err = { 0 };
    void *message = malloc(codec->size_bytes);
    CHECK(message != NULL);
    int rc = codec->decode(root, message, &err);
    CHECK((rc == KIT_OK) == (err.text[0] == '\0'));
    if (rc == KIT_OK)
        *ret_message = message;
    else
        free(message);
    return rc;
}

static void try_codec(const struct kit_codec *codec, const cJSON *root)
{
    void *message = NULL;
    if (decode(codec, root, &message) != KIT_OK)
        return;
    struct kit_buf text;
    kit_buf_init(&text, ENCODED_BYTES_MAX);
    codec->encode(message, &text);
    CHECK(!text.overflow);

    cJSON *root_again = NULL;
    void *message_again = NULL;
    CHECK(kit_json_parse(text.data, text.size_bytes, ENCODED_BYTES_MAX, &root_again, NULL) ==
          KIT_OK);
    CHECK(decode(codec, root_again, &message_again) == KIT_OK);
    free(message_again);
    free(message);
    cJSON_Delete(root_again);
    kit_buf_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    struct kit_error err = { 0 };
    cJSON *root = NULL;
    const char *text = (const char *)data;
    int rc = kit_json_gate(text, size_bytes, INPUT_BYTES_MAX, &err);
    CHECK(kit_json_parse(text, size_bytes, INPUT_BYTES_MAX, &root, &err) == rc);
    CHECK((rc == KIT_OK) == (root != NULL));
    if (root == NULL)
        return 0;
    for (size_t i = 0; i < kit_codec_count; i++)
        try_codec(&kit_codecs[i], root);
    cJSON_Delete(root);
    return 0;
}
