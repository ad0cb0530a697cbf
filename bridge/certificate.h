/* The certificate and the key by which the bridge proves who it is (HTTPS), from two files of PEM.
 * Read at the start and at each SIGHUP; connections hold what they began with. Loop thread. */
#ifndef BRIDGE_CERTIFICATE_H
#define BRIDGE_CERTIFICATE_H

#include <gnutls/gnutls.h>

#include "kit/base/error.h"

#define CERTIFICATE_BYTES_MAX (256 << 10) /* of each file: a chain has a few certificates */

struct certificate {
    gnutls_certificate_credentials_t credentials;
    int64_t until_ms; /* when it expires */
    size_t user_count;
};

/* Reads the certificate, with those of its issuers behind it if there are any, and its key. The
 * caller is its first user. Errors: KIT_E_INVALID, saying what is wrong with which file and what to
 * do: a file is missing or too long, others may read the key, the key belongs to another
 * certificate, or the certificate is not valid at now_ms. */
int certificate_load(struct certificate **ret_certificate, const char *file, const char *key_file,
                     int64_t now_ms, struct kit_error *err) KIT_MUST_CHECK;

/* Reads certificates for others to have, as PEM with NUL at its end; to be freed. KIT_E_INVALID,
 * naming the file, when there are none in it, or a key. */
int certificate_read_text(const char *file, char **ret_text, struct kit_error *err) KIT_MUST_CHECK;

/* One more user. */
struct certificate *certificate_use(struct certificate *certificate);

/* One user less; the last one frees it. NULL is fine. */
void certificate_leave(struct certificate *certificate);

#endif
