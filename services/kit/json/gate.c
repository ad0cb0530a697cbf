/* The strict gate: one pass, an explicit stack of at most KIT_JSON_DEPTH_MAX frames, no allocation.
 * Keys of the open objects are remembered by place and hash, unescaped, to find duplicates and to
 * name the member at fault. Never trust cJSON with bytes that have not passed here. Any thread. */
#include "kit/json/gate.h"

#include <inttypes.h>
#include <string.h>

#include "kit/json/gate_text.h"
#include "kit/json/pointer.h"

/* A key of an object that is still open. Offsets are of the raw text between the quotes. */
struct gate_key {
    uint32_t offset;
    uint32_t raw_size_bytes;
    uint32_t hash; /* of the unescaped bytes */
};

struct gate_frame {
    bool is_object;
    uint32_t count;   /* members or items so far, the current one included */
    size_t first_key; /* in gate.keys, objects only */
};

struct gate {
    struct kit_gate_text in;
    struct kit_error *err;
    size_t depth;
    size_t key_count;
    struct gate_frame frames[KIT_JSON_DEPTH_MAX];
    struct gate_key keys[KIT_JSON_DEPTH_MAX * KIT_JSON_MEMBERS_MAX];
};

static int refuse(const struct gate *gate, size_t at, const char *what)
{
    return kit_error_set(gate->err, KIT_E_MALFORMED,
                         "the text is not acceptable JSON at byte %zu: %s", at, what);
}

/* Unescapes a key into ret_key; its form was checked when it was read. */
static size_t unescape_key(const struct gate *gate, const struct gate_key *key,
                           char ret_key[KIT_JSON_KEY_BYTES_MAX])
{
    const char *from = gate->in.text + key->offset;
    const char *end = from + key->raw_size_bytes;
    size_t size_bytes = 0;
    while (from < end) {
        char piece[4];
        size_t piece_size_bytes = kit_gate_text_unescape(&from, piece);
        CHECK(size_bytes + piece_size_bytes <= KIT_JSON_KEY_BYTES_MAX);
        memcpy(ret_key + size_bytes, piece, piece_size_bytes);
        size_bytes += piece_size_bytes;
    }
    return size_bytes;
}

static void build_pointer(const struct gate *gate, struct kit_pointer *ret_pointer)
{
    kit_pointer_init(ret_pointer);
    for (size_t i = 0; i < gate->depth; i++) {
        const struct gate_frame *frame = &gate->frames[i];
        if (!frame->is_object) {
            kit_pointer_add_index(ret_pointer, frame->count - 1);
            continue;
        }
        char key[KIT_JSON_KEY_BYTES_MAX];
        size_t size_bytes = unescape_key(gate, &gate->keys[frame->first_key + frame->count - 1],
                                         key);
        kit_pointer_add_key(ret_pointer, key, size_bytes);
    }
}

static int refuse_number(const struct gate *gate, const char *what)
{
    struct kit_pointer pointer;
    build_pointer(gate, &pointer);
    return kit_error_at(gate->err, KIT_E_INVALID, pointer.text, "%s must be a whole number %s",
                        pointer.text[0] == '\0' ? "the body" : pointer.text, what);
}

static int read_number(struct gate *gate)
{
    size_t start = gate->in.at;
    struct kit_gate_number number;
    const char *fault = kit_gate_text_number(&gate->in, &number);
    if (fault != NULL)
        return refuse(gate, start, fault);
    if (!number.is_integer)
        return refuse_number(gate, "written without fraction and exponent");
    if (number.digit_count > 16 || number.magnitude > (uint64_t)KIT_JSON_INT_MAX)
        return refuse_number(gate, "between -9007199254740991 and 9007199254740991");
    return KIT_OK;
}

static int read_string(struct gate *gate)
{
    const char *fault = kit_gate_text_string(&gate->in);
    return fault == NULL ? KIT_OK : refuse(gate, gate->in.at, fault);
}

static bool keys_are_equal(const struct gate *gate, const struct gate_key *a,
                           const struct gate_key *b)
{
    char bytes_a[KIT_JSON_KEY_BYTES_MAX];
    char bytes_b[KIT_JSON_KEY_BYTES_MAX];
    if (a->hash != b->hash)
        return false;
    size_t size_a = unescape_key(gate, a, bytes_a);
    size_t size_b = unescape_key(gate, b, bytes_b);
    return size_a == size_b && memcmp(bytes_a, bytes_b, size_a) == 0;
}

/* FNV-1a over the unescaped key. Also counts its bytes. */
static uint32_t hash_key(const struct gate *gate, const struct gate_key *key,
                         size_t *ret_size_bytes)
{
    const char *from = gate->in.text + key->offset;
    const char *end = from + key->raw_size_bytes;
    uint32_t hash = 2166136261U;
    *ret_size_bytes = 0;
    while (from < end) {
        if (*from != '\\') { /* nearly always */
            hash = (hash ^ (unsigned char)*from++) * 16777619U;
            ++*ret_size_bytes;
            continue;
        }
        char piece[4];
        size_t piece_size_bytes = kit_gate_text_unescape(&from, piece);
        for (size_t i = 0; i < piece_size_bytes; i++)
            hash = (hash ^ (unsigned char)piece[i]) * 16777619U;
        *ret_size_bytes += piece_size_bytes;
    }
    return hash;
}

/* Reads `"key":` and remembers it. */
static int read_key(struct gate *gate)
{
    struct gate_frame *frame = &gate->frames[gate->depth - 1];
    size_t start = gate->in.at;
    if (kit_gate_text_peek(&gate->in) != '"')
        return refuse(gate, start, "a member must start with its name in double quotes");
    if (frame->count == KIT_JSON_MEMBERS_MAX)
        return refuse(gate, start, "an object may have 128 members at most");
    int rc = read_string(gate);
    if (rc != KIT_OK)
        return rc;

    struct gate_key key = { .offset = (uint32_t)(start + 1),
                            .raw_size_bytes = (uint32_t)(gate->in.at - start - 2) };
    size_t key_size_bytes;
    key.hash = hash_key(gate, &key, &key_size_bytes);
    if (key_size_bytes > KIT_JSON_KEY_BYTES_MAX)
        return refuse(gate, start, "the name of a member may have 128 bytes at most");
    for (size_t i = frame->first_key; i < gate->key_count; i++) {
        if (keys_are_equal(gate, &gate->keys[i], &key))
            return refuse(gate, start, "this object has a member of that name already");
    }
    gate->keys[gate->key_count++] = key;
    frame->count++;

    kit_gate_text_skip_space(&gate->in);
    if (kit_gate_text_peek(&gate->in) != ':')
        return refuse(gate, gate->in.at, "expected ':' after the name of a member");
    gate->in.at++;
    kit_gate_text_skip_space(&gate->in);
    return KIT_OK;
}

/* What the reader stands before. */
enum gate_next {
    NEXT_VALUE = 0,    /* a value must follow */
    NEXT_FIRST = 1,    /* just after [ or {: a value, a key, or the end */
    NEXT_CONTINUE = 2, /* after a value: a comma or the end */
};

static int open_container(struct gate *gate, bool is_object)
{
    if (gate->depth == KIT_JSON_DEPTH_MAX)
        return refuse(gate, gate->in.at, "values may be nested 16 deep at most");
    gate->frames[gate->depth++] = (struct gate_frame){ .is_object = is_object,
                                                       .first_key = gate->key_count };
    gate->in.at++;
    return KIT_OK;
}

static void close_container(struct gate *gate)
{
    const struct gate_frame *frame = &gate->frames[--gate->depth];
    if (frame->is_object)
        gate->key_count = frame->first_key;
    gate->in.at++;
}

static int read_value(struct gate *gate, enum gate_next *ret_next)
{
    int c = kit_gate_text_peek(&gate->in);
    *ret_next = NEXT_CONTINUE;
    if (c == '"')
        return read_string(gate);
    if (c == '-' || (c >= '0' && c <= '9'))
        return read_number(gate);
    if (c == '{' || c == '[') {
        *ret_next = NEXT_FIRST;
        return open_container(gate, c == '{');
    }
    if (kit_gate_text_word(&gate->in, "true") || kit_gate_text_word(&gate->in, "false") ||
        kit_gate_text_word(&gate->in, "null"))
        return KIT_OK;
    return refuse(gate, gate->in.at,
                  c < 0 ? "the text ends where a value must follow" : "expected a value");
}

/* Inside a container, after its bracket or after a value: end it, or stand before the next value.
 */
static int read_between(struct gate *gate, enum gate_next *next)
{
    struct gate_frame *frame = &gate->frames[gate->depth - 1];
    int c = kit_gate_text_peek(&gate->in);
    if (c == (frame->is_object ? '}' : ']')) {
        close_container(gate);
        *next = NEXT_CONTINUE;
        return KIT_OK;
    }
    if (*next == NEXT_CONTINUE) {
        if (c != ',')
            return refuse(gate, gate->in.at,
                          frame->is_object ? "expected ',' or '}'" : "expected ',' or ']'");
        gate->in.at++;
        kit_gate_text_skip_space(&gate->in);
    }
    *next = NEXT_VALUE;
    if (frame->is_object)
        return read_key(gate);
    frame->count++;
    return KIT_OK;
}

static int read_document(struct gate *gate)
{
    enum gate_next next = NEXT_VALUE;
    kit_gate_text_skip_space(&gate->in);
    /* Each turn consumes at least one byte or ends. */
    do {
        int rc = next == NEXT_VALUE ? read_value(gate, &next) : read_between(gate, &next);
        if (rc != KIT_OK)
            return rc;
        kit_gate_text_skip_space(&gate->in);
    } while (gate->depth > 0);
    if (gate->in.at < gate->in.size_bytes)
        return refuse(gate, gate->in.at, "nothing may follow the value");
    return KIT_OK;
}

int kit_json_gate(const char *text, size_t size_bytes, size_t size_bytes_max, struct kit_error *err)
{
    PRE(size_bytes_max < UINT32_MAX);
    if (size_bytes > size_bytes_max)
        return kit_error_set(err, KIT_E_TOO_LARGE, "the text has %zu bytes; send %zu bytes at most",
                             size_bytes, size_bytes_max);
    if (size_bytes >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        return kit_error_set(err, KIT_E_MALFORMED,
                             "the text starts with a byte order mark; send plain UTF-8 without it");
    struct gate gate; /* Not cleared: 24 KiB of keys, of which few are used. */
    gate.in = (struct kit_gate_text){ .text = text, .size_bytes = size_bytes };
    gate.err = err;
    gate.depth = 0;
    gate.key_count = 0;
    kit_gate_text_skip_space(&gate.in);
    if (gate.in.at == size_bytes)
        return kit_error_set(err, KIT_E_MALFORMED, "the text is empty; send one JSON value");
    return read_document(&gate);
}

int kit_json_parse(const char *text, size_t size_bytes, size_t size_bytes_max, cJSON **ret_root,
                   struct kit_error *err)
{
    int rc = kit_json_gate(text, size_bytes, size_bytes_max, err);
    if (rc != KIT_OK)
        return rc;
    cJSON *root = cJSON_ParseWithLength(text, size_bytes);
    if (root == NULL)
        return kit_error_set(err, KIT_E_LIMIT, "no memory to read %zu bytes of JSON; try again",
                             size_bytes);
    *ret_root = root;
    return KIT_OK;
}
