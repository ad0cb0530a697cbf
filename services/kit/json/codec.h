/* What generated decoders and encoders have in common: the shape of a codec, and a piece of JSON
 * that is carried through unread. Generated code is in <build>/gen/msg/<name>.gen.{h,c}. */
#ifndef KIT_JSON_CODEC_H
#define KIT_JSON_CODEC_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "kit/base/buf.h"
#include "kit/base/error.h"

/* A member whose schema says "x-raw": decoding lends the node (it belongs to the parsed document),
 * encoding copies the text, which must already be valid JSON. */
struct kit_json_raw {
    const cJSON *node;
    const char *text;
    size_t size_bytes;
};

/* One row per schema; the contract tests walk kit_codecs[]. */
struct kit_codec {
    const char *name; /* schema file without ".schema.json", e.g. "event.rental" */
    size_t size_bytes;
    int (*decode)(const cJSON *node, void *ret, struct kit_error *err);
    void (*encode)(const void *in, struct kit_buf *out);
};

extern const struct kit_codec kit_codecs[];
extern const size_t kit_codec_count;

#endif
