/* Reads messages of an earlier release with the decoders of today. A line of standard input is
 * SCHEMA, a tab and the text; schemas of devices are read by the firmware's decoder too. A text
 * must decode and, encoded again, be the same: then whoever reads it today loses nothing. Says what
 * is not so. The status is 1 when a message is not read as it was, 2 when that cannot be told. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "fw/device_ack.gen.h"
#include "fw/device_cmd.gen.h"
#include "fw/device_config.gen.h"
#include "fw/device_state.gen.h"
#include "fw/device_up.gen.h"
#include "kit/json/codec.h"
#include "kit/json/gate.h"
#include "port/check.h"

#define TEXT_BYTES_MAX (256 * 1024)

static const struct {
    const char *name;
    const struct fw_json_shape *shape;
} FIRMWARE[] = {
    { "device.ack", &fw_device_ack_shape },       { "device.cmd", &fw_device_cmd_shape },
    { "device.config", &fw_device_config_shape }, { "device.state", &fw_device_state_shape },
    { "device.up", &fw_device_up_shape },
};

_Noreturn void fw_panic(const char *file, int line)
{
    errx(2, "%s:%d: a check of the firmware failed", file, line);
}

static const struct kit_codec *find_codec(const char *name)
{
    for (size_t i = 0; i < kit_codec_count; i++) {
        if (strcmp(kit_codecs[i].name, name) == 0)
            return &kit_codecs[i];
    }
    errx(2, "there is no schema '%s'", name);
}

static int read_and_write(const struct kit_codec *codec, const cJSON *root, void *message,
                          struct kit_buf *ret_text, struct kit_error *err)
{
    int rc = codec->decode(root, message, err);
    if (rc == KIT_OK)
        codec->encode(message, ret_text);
    return rc;
}

/* By the services. Returns whether it is read, and written, as it was. */
static bool kit_reads(const char *name, const char *text)
{
    const struct kit_codec *codec = find_codec(name);
    struct kit_error error = { 0 };
    struct kit_buf again;
    cJSON *root = NULL;
    void *message = calloc(1, codec->size_bytes);

    CHECK(message != NULL);
    kit_buf_init(&again, 2 * TEXT_BYTES_MAX);
    int rc = kit_json_parse(text, strlen(text), TEXT_BYTES_MAX, &root, &error);
    if (root != NULL)
        rc = read_and_write(codec, root, message, &again, &error);
    const bool is_same = rc == KIT_OK && strcmp(again.data, text) == 0;
    if (!is_same)
        fprintf(stderr, "%s: %s: %s\n", name, text, rc == KIT_OK ? again.data : error.text);
    cJSON_Delete(root);
    kit_buf_done(&again);
    free(message);
    return is_same;
}

/* By the firmware, if it is a message of devices. */
static bool firmware_reads(const char *name, const char *text)
{
    static _Alignas(16) char message[64 * 1024];
    static char again[TEXT_BYTES_MAX];
    for (size_t i = 0; i < sizeof(FIRMWARE) / sizeof(FIRMWARE[0]); i++) {
        if (strcmp(FIRMWARE[i].name, name) != 0)
            continue;
        memset(message, 0, sizeof(message));
        int rc = fw_json_decode(FIRMWARE[i].shape, text, strlen(text), message);
        int size = rc == FW_OK ? fw_json_encode(FIRMWARE[i].shape, message, again, sizeof(again))
                               : 0;
        if (rc == FW_OK && size == (int)strlen(text) && memcmp(again, text, (size_t)size) == 0)
            continue;
        fprintf(stderr, "%s: %s: the firmware reads or writes something else (%d)\n", name, text,
                rc);
        return false;
    }
    return true;
}

int main(void)
{
    static char line[TEXT_BYTES_MAX];
    size_t count = 0, faults = 0;

    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *text = strchr(line, '\t');
        if (text == NULL)
            errx(2, "a line is SCHEMA, a tab, TEXT");
        *text++ = '\0';
        const bool is_read = kit_reads(line, text);
        faults += !firmware_reads(line, text) || !is_read;
        count++;
    }
    printf("%zu messages, %zu of them not read as they were\n", count, faults);
    return faults == 0 ? 0 : 1;
}
