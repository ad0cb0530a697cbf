/* Keys from files: <keys-dir>/<name>.key, 64 hex digits. Read at each call. Loop thread. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "kit/process/system.h"

#define KEY_PATH_SIZE 1024
#define KEY_HEX_DIGITS (2 * (size_t)KIT_KEY_BYTES)

static bool is_name(const char *name)
{
    return name[0] != '\0' && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

/* A file that is there belongs to a device, whatever keeps us from reading it. */
static int fail_read(const char *path, int reason, struct kit_error *err)
{
    int rc = reason == ENOENT ? KIT_E_NOT_FOUND : KIT_E_UNAVAILABLE;
    kit_error_set(err, rc, "cannot read %s: %s; %s", path, strerror(reason),
                  reason == ENOENT ? "deploy/add-device makes it" : "check the folder of the keys");
    if (err != NULL)
        err->is_internal = true;
    return rc;
}

static int find(void *self, const char *name, uint8_t ret_key[KIT_KEY_BYTES], struct kit_error *err)
{
    const char *folder = self;
    char path[KEY_PATH_SIZE], text[KEY_HEX_DIGITS + 1];
    size_t key_size = 0;

    int length = snprintf(path, sizeof(path), "%s/%s.key", folder, name);
    if (folder[0] == '\0' || !is_name(name) || length < 0 || (size_t)length >= sizeof(path))
        return kit_error_set(err, KIT_E_NOT_FOUND, "there is no key for %s", name);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return fail_read(path, errno, err);
    errno = 0;
    size_t count = fread(text, 1, sizeof(text) - 1, file);
    const int reason = ferror(file) ? errno : 0;
    fclose(file);
    if (reason != 0)
        return fail_read(path, reason, err);
    text[count] = '\0';
    const bool is_hex = sodium_hex2bin(ret_key, KIT_KEY_BYTES, text, count, NULL, &key_size,
                                       NULL) == 0;
    sodium_memzero(text, sizeof(text));
    if (!is_hex || key_size != KIT_KEY_BYTES)
        return kit_error_set(err, KIT_E_INVALID, "%s does not begin with %zu hex digits", path,
                             KEY_HEX_DIGITS);
    return KIT_OK;
}

struct kit_keys kit_keys_in(const char *folder)
{
    return (struct kit_keys){ .find = find, .self = (void *)(uintptr_t)folder };
}
