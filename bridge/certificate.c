/* Two files, read by GnuTLS. See certificate.h. */
#include "bridge/certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/time.h"

#define OTHERS (S_IWGRP | S_IRWXO) /* who may not touch a key; its group may read it */
#define MS_PER_S 1000

/* ---- files ---- */

static int refuse_file(const char *what, const char *file, const char *why, struct kit_error *err)
{
    return kit_error_set(err, KIT_E_INVALID, "cannot read the %s '%.120s': %s; give a file of PEM",
                         what, file, why);
}

static int read_bytes(int fd, const char *what, const char *file, gnutls_datum_t *ret,
                      struct kit_error *err)
{
    unsigned char *bytes = malloc(CERTIFICATE_BYTES_MAX);
    size_t size = 0;
    ssize_t got = 1;

    CHECK(bytes != NULL);
    while (size < CERTIFICATE_BYTES_MAX && got > 0) {
        got = read(fd, bytes + size, CERTIFICATE_BYTES_MAX - size);
        size += got > 0 ? (size_t)got : 0;
    }
    if (got == 0 && size > 0) {
        *ret = (gnutls_datum_t){ .data = bytes, .size = (unsigned int)size };
        return KIT_OK;
    }
    const int reason = errno;
    explicit_bzero(bytes, size);
    free(bytes);
    if (got < 0)
        return refuse_file(what, file, strerror(reason), err);
    return refuse_file(what, file, size == 0 ? "it is empty" : "it is too long", err);
}

static int read_file(const char *what, const char *file, bool is_secret, gnutls_datum_t *ret,
                     struct kit_error *err)
{
    struct stat status;

    const int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return refuse_file(what, file, strerror(errno), err);
    int rc = KIT_OK;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        rc = refuse_file(what, file, "it is no plain file", err);
    else if (is_secret && (status.st_mode & OTHERS) != 0)
        rc = kit_error_set(
            err, KIT_E_INVALID,
            "others may read or change the %s '%.120s': chmod 600 it, and make a new "
            "one if they were there",
            what, file);
    else
        rc = read_bytes(fd, what, file, ret, err);
    close(fd);
    return rc;
}

/* ---- what they say ---- */

/* What GnuTLS has against the pair, in our words where we have some. */
static int refuse_pair(int reason, const char *file, const char *key_file, struct kit_error *err)
{
    switch (reason) {
    case GNUTLS_E_CERTIFICATE_KEY_MISMATCH:
        return kit_error_set(err, KIT_E_INVALID,
                             "the key '%.100s' is not that of the certificate '%.100s'; give the "
                             "two that were made together",
                             key_file, file);
    case GNUTLS_E_DECRYPTION_FAILED:
        return kit_error_set(err, KIT_E_INVALID,
                             "the key '%.120s' is locked by a passphrase; give one without, that "
                             "only this user may read",
                             key_file);
    default:
        return kit_error_set(
            err, KIT_E_INVALID,
            "certificate '%.100s' and key '%.100s' cannot be used: %s; both are to "
            "be PEM",
            file, key_file, gnutls_strerror(reason));
    }
}

/* Of the first one of the file, which is the bridge's own. */
static int check_times(struct certificate *certificate, const char *file, int64_t now_ms,
                       struct kit_error *err)
{
    char text[KIT_TIME_TEXT_SIZE];
    gnutls_x509_crt_t *chain = NULL;
    unsigned int count = 0;

    if (gnutls_certificate_get_x509_crt(certificate->credentials, 0, &chain, &count) != 0 ||
        count == 0)
        return refuse_file("certificate", file, "there is none in it", err);
    const int64_t from_ms = (int64_t)gnutls_x509_crt_get_activation_time(chain[0]) * MS_PER_S;
    certificate->until_ms = (int64_t)gnutls_x509_crt_get_expiration_time(chain[0]) * MS_PER_S;
    for (unsigned int i = 0; i < count; i++)
        gnutls_x509_crt_deinit(chain[i]);
    gnutls_free(chain);
    if (from_ms < 0 || certificate->until_ms < 0 || certificate->until_ms > KIT_TIME_MS_MAX)
        return refuse_file("certificate", file, "it does not say for how long it is valid", err);
    if (now_ms < from_ms) {
        kit_time_to_text(from_ms, text);
        return kit_error_set(err, KIT_E_INVALID,
                             "the certificate '%.120s' is not valid before %s; look whether this "
                             "machine's clock is right",
                             file, text);
    }
    if (now_ms >= certificate->until_ms) {
        kit_time_to_text(certificate->until_ms, text);
        return kit_error_set(
            err, KIT_E_INVALID,
            "the certificate '%.120s' has expired at %s; put a new one and its key "
            "in place",
            file, text);
    }
    return KIT_OK;
}

static int take_pair(struct certificate *certificate, const char *file, const char *key_file,
                     const gnutls_datum_t pair[2], struct kit_error *err)
{
    const int result = gnutls_certificate_set_x509_key_mem2(certificate->credentials, &pair[0],
                                                            &pair[1], GNUTLS_X509_FMT_PEM, NULL, 0);

    if (result < 0)
        return refuse_pair(result, file, key_file, err);
    return KIT_OK;
}

static void forget(gnutls_datum_t *bytes)
{
    if (bytes->data != NULL)
        explicit_bzero(bytes->data, bytes->size);
    free(bytes->data);
}

static int load_pair(struct certificate *certificate, const char *file, const char *key_file,
                     struct kit_error *err)
{
    gnutls_datum_t pair[2] = { { .data = NULL, .size = 0 }, { .data = NULL, .size = 0 } };

    int rc = read_file("certificate", file, false, &pair[0], err);
    if (rc != KIT_OK)
        return rc;
    rc = read_file("key", key_file, true, &pair[1], err);
    if (rc != KIT_OK) {
        forget(&pair[0]);
        return rc;
    }
    rc = take_pair(certificate, file, key_file, pair, err);
    forget(&pair[0]);
    forget(&pair[1]);
    return rc;
}

/* The pair, and whether it is valid now. */
static int fill(struct certificate *certificate, const char *file, const char *key_file,
                int64_t now_ms, struct kit_error *err)
{
    int rc = load_pair(certificate, file, key_file, err);
    if (rc != KIT_OK)
        return rc;
    return check_times(certificate, file, now_ms, err);
}

int certificate_load(struct certificate **ret_certificate, const char *file, const char *key_file,
                     int64_t now_ms, struct kit_error *err)
{
    struct certificate *certificate = calloc(1, sizeof(*certificate));

    CHECK(certificate != NULL);
    CHECK(gnutls_certificate_allocate_credentials(&certificate->credentials) == 0);
    certificate->user_count = 1;
    int rc = fill(certificate, file, key_file, now_ms, err);
    if (rc != KIT_OK) {
        certificate_leave(certificate);
        return rc;
    }
    *ret_certificate = certificate;
    return KIT_OK;
}

int certificate_read_text(const char *file, char **ret_text, struct kit_error *err)
{
    gnutls_datum_t bytes = { .data = NULL, .size = 0 };

    int rc = read_file("certificate", file, false, &bytes, err);
    if (rc != KIT_OK)
        return rc;
    CHECK(bytes.data != NULL);
    char *text = strndup((const char *)bytes.data, bytes.size);
    CHECK(text != NULL);
    forget(&bytes);
    if (strstr(text, "PRIVATE KEY") == NULL && strstr(text, "BEGIN CERTIFICATE") != NULL) {
        *ret_text = text;
        return KIT_OK;
    }
    explicit_bzero(text, strlen(text));
    free(text);
    return refuse_file("certificate", file, "it is to hold certificates and no key", err);
}

struct certificate *certificate_use(struct certificate *certificate)
{
    certificate->user_count++;
    return certificate;
}

void certificate_leave(struct certificate *certificate)
{
    if (certificate == NULL)
        return;
    PRE(certificate->user_count > 0);
    if (--certificate->user_count > 0)
        return;
    gnutls_certificate_free_credentials(certificate->credentials);
    free(certificate);
}
