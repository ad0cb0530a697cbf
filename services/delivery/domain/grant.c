/* Codes and MAC texts. Pure. Any thread. */
#include "delivery/domain/grant.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "kit/base/check.h"

#define CODE_COUNT UINT32_C(100000000)                    /* 10^8 */
#define WORD_LIMIT (UINT32_MAX / CODE_COUNT * CODE_COUNT) /* words from here on favour codes */
#define WORDS_OF_A_MAC (KIT_MAC_BYTES / 4)
#define ROUNDS_MAX 16 /* 16 times 8 words all passed over: once in 10^212 */
#define LINE_SIZE 512
#define CONFIG_TEXT_SIZE 4096
#define AHEAD_MAX_MS (INT64_C(24) * 3600 * 1000) /* above the clock */

/* Returns whether a word of the MAC is evenly one of the codes. */
static bool pick_word(const uint8_t mac[KIT_MAC_BYTES], uint32_t *ret_word)
{
    for (size_t i = 0; i < WORDS_OF_A_MAC; i++) {
        uint32_t word = (uint32_t)mac[4 * i] << 24 | (uint32_t)mac[4 * i + 1] << 16 |
                        (uint32_t)mac[4 * i + 2] << 8 | (uint32_t)mac[4 * i + 3];
        if (word < WORD_LIMIT) {
            *ret_word = word;
            return true;
        }
    }
    return false;
}

void grant_code(const uint8_t secret[KIT_MAC_BYTES], struct rental_id delivery, int64_t issue,
                char ret_code[GRANT_CODE_SIZE])
{
    uint8_t mac[KIT_MAC_BYTES];
    char text[LINE_SIZE];
    uint32_t word = 0;
    bool is_found = false;

    for (int round = 0; round < ROUNDS_MAX && !is_found; round++) {
        int size = snprintf(text, sizeof(text),
                            "lockstock/v1/pickup-code\n%" PRId64 "\n%" PRId64 "\n%d\n", delivery.v,
                            issue, round);
        kit_mac(secret, text, (size_t)size, mac);
        is_found = pick_word(mac, &word);
    }
    CHECK(is_found);
    (void)snprintf(ret_code, GRANT_CODE_SIZE, "%08" PRIu32, word % CODE_COUNT);
}

/* A text that is signed; every name and number has a largest size, so it fits (test_grant.c). */
struct signed_text {
    char bytes[CONFIG_TEXT_SIZE];
    size_t used;
};

KIT_FORMAT(2, 3) static void add(struct signed_text *text, const char *format, ...)
{
    const size_t room = sizeof(text->bytes) - text->used;
    va_list args;
    va_start(args, format);
    const int size = vsnprintf(text->bytes + text->used, room, format, args);
    va_end(args);
    CHECK(size > 0 && (size_t)size < room);
    text->used += (size_t)size;
}

/* What every text begins with; protocol 2 names the key. */
static void begin(struct signed_text *text, const struct grant_device *device, const char *what)
{
    text->used = 0;
    add(text, "lockstock/v%d/%s\n%s\n%s\n", device->protocol, what, device->site, device->device);
    if (device->protocol >= GRANT_PROTOCOL_2)
        add(text, "%d\n", GRANT_KEY_NO);
}

void grant_code_hash(const struct grant_device *device, int64_t grant_id, const char *code,
                     char ret_hash[KIT_MAC_HEX_SIZE])
{
    struct signed_text text = { .used = 0 };
    add(&text, "lockstock/v1/code\n%s\n%s\n%" PRId64 "\n%s\n", device->site, device->device,
        grant_id, code);
    kit_mac_hex(device->key, text.bytes, text.used, ret_hash);
}

void grant_command_mac(const struct grant_device *device, const struct grant_command *command,
                       char ret_mac[KIT_MAC_HEX_SIZE])
{
    struct signed_text text;
    begin(&text, device, "cmd");
    if (device->protocol >= GRANT_PROTOCOL_2)
        add(&text, "%" PRId64 "\n", command->boot);
    add(&text, "%s\n%s\n%d\n%" PRId64 "\n", command->id, command->action, command->compartment,
        command->expires_at_ms);
    kit_mac_hex(device->key, text.bytes, text.used, ret_mac);
}

void grant_ack_mac(const struct grant_device *device, const struct grant_ack *ack,
                   char ret_mac[KIT_MAC_HEX_SIZE])
{
    struct signed_text text;
    begin(&text, device, "ack");
    add(&text, "%" PRId64 "\n%s\n%s\n%" PRId64 "\n%" PRId64 "\n%" PRId64 "\n", ack->boot,
        ack->nonce, ack->epoch, ack->seq, ack->stored, ack->now_ms);
    kit_mac_hex(device->key, text.bytes, text.used, ret_mac);
}

void grant_config_mac(const struct grant_device *device, const struct grant_config *config,
                      char ret_mac[KIT_MAC_HEX_SIZE])
{
    struct signed_text text;
    PRE(config->count <= GRANTS_MAX);
    begin(&text, device, "config");
    add(&text, "%" PRId64 "\n%" PRId64 "\n", config->revision, config->now_ms);
    for (size_t i = 0; i < config->count; i++) {
        const struct grant *grant = &config->grants[i];
        add(&text, "%" PRId64 " %d %" PRId64 " %" PRId64 " %s\n", grant->id, grant->compartment,
            grant->not_before_ms, grant->expires_at_ms, grant->code_hash);
    }
    kit_mac_hex(device->key, text.bytes, text.used, ret_mac);
}

int grant_next_number(int64_t last, int64_t now_ms, int64_t *ret_number, struct kit_error *err)
{
    if (last < 0 || last >= GRANT_ID_MAX)
        return kit_error_set(err, KIT_E_LIMIT, "after %" PRId64 " there is no number left", last);
    *ret_number = last + 1 > now_ms ? last + 1 : now_ms;
    return KIT_OK;
}

bool grant_is_believable(int64_t number, int64_t now_ms)
{
    return number >= 0 && number <= now_ms + AHEAD_MAX_MS;
}
