/* TLS for the connection to the broker: both ends prove who they are. The files are read anew at
 * each connect; a certificate that was renewed makes a new connection, so that it shows at once
 * whether it is good. Loop thread, but for on_error(). */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/text.h"
#include "kit/bus/internal.h"

#define REASON_AT                                                                                  \
    5 /* colons before it in a line of OpenSSL's: thread:error:code:library:function: */

static int make_path(char ret_path[BUS_PATH_SIZE], const struct kit_bus_config *config,
                     const char *suffix, struct kit_error *err)
{
    const int length = snprintf(ret_path, BUS_PATH_SIZE, "%s/%s%s", config->certificates,
                                config->instance, suffix);
    if (length < 0 || length >= BUS_PATH_SIZE)
        return kit_error_set(err, KIT_E_INVALID, "--mqtt-certificates is longer than %d bytes",
                             BUS_PATH_SIZE - BUS_INSTANCE_SIZE);
    return KIT_OK;
}

static int check_readable(const char *path, struct kit_error *err)
{
    if (access(path, R_OK) == 0)
        return KIT_OK;
    return kit_error_set(
        err, KIT_E_INVALID,
        "%.150s cannot be read, and the broker wants it: deploy/certificates makes it", path);
}

static bool find_age(const struct bus_tls *tls, struct timespec *ret)
{
    struct stat info;

    if (stat(tls->certificate, &info) != 0)
        return false;
    *ret = info.st_mtim;
    return true;
}

int bus_tls_init(struct bus_tls *tls, const struct kit_bus_config *config, struct kit_error *err)
{
    *tls = (struct bus_tls){ .is_on = false };
    if (config->ca == NULL || config->ca[0] == '\0')
        return KIT_OK;
    tls->is_on = true;
    if (strlen(config->ca) >= sizeof(tls->ca))
        return kit_error_set(err, KIT_E_INVALID, "--mqtt-ca is longer than %d bytes",
                             BUS_PATH_SIZE - 1);
    kit_text_copy(tls->ca, sizeof(tls->ca), config->ca);
    int rc = make_path(tls->certificate, config, ".crt", err);
    if (rc != KIT_OK)
        return rc;
    rc = make_path(tls->key, config, ".key", err);
    if (rc != KIT_OK)
        return rc;
    const char *const files[] = { tls->ca, tls->certificate, tls->key };
    for (size_t i = 0; i < KIT_COUNT(files); i++) {
        rc = check_readable(files[i], err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

/* One line of what OpenSSL says: its reason is kept. paho's threads, with its mutex held. */
static int on_error(const char *line, size_t length, void *context)
{
    struct kit_bus_paho *bus = context;
    const char *at = line, *const end = line + length;

    for (int i = 0; i < REASON_AT && at != NULL; i++) {
        at = memchr(at, ':', (size_t)(end - at));
        if (at != NULL)
            at++;
    }
    if (at == NULL)
        return 0;
    const char *stop = memchr(at, ':', (size_t)(end - at));
    const size_t size = (size_t)((stop ? stop : end) - at);
    pthread_mutex_lock(&bus->inbox->lock);
    snprintf(bus->inbox->tls_error, sizeof(bus->inbox->tls_error), "%.*s", (int)size, at);
    pthread_mutex_unlock(&bus->inbox->lock);
    return 0;
}

void bus_tls_begin(struct kit_bus_paho *bus, MQTTAsync_SSLOptions *ret_options)
{
    struct bus_tls *tls = &bus->tls;

    (void)find_age(tls, &tls->taken);
    tls->due_mono_ms = 0;
    pthread_mutex_lock(&bus->inbox->lock);
    bus->inbox->tls_error[0] = '\0';
    pthread_mutex_unlock(&bus->inbox->lock);
    *ret_options = (MQTTAsync_SSLOptions)MQTTAsync_SSLOptions_initializer;
    ret_options->trustStore = tls->ca;
    ret_options->keyStore = tls->certificate;
    ret_options->privateKey = tls->key;
    ret_options->enableServerCertAuth = 1;
    ret_options->verify = 1; /* also its name; paho does not do that unless it is told */
    ret_options->disableDefaultTrustStore = 1;
    ret_options->ssl_error_cb = on_error;
    ret_options->ssl_error_context = bus;
}

bool bus_tls_is_renewed(struct bus_tls *tls, int64_t now_mono_ms)
{
    struct timespec age;

    if (!tls->is_on || now_mono_ms < tls->due_mono_ms)
        return false;
    tls->due_mono_ms = now_mono_ms + BUS_TLS_LOOK_MS;
    if (!find_age(tls, &age))
        return false;
    return age.tv_sec != tls->taken.tv_sec || age.tv_nsec != tls->taken.tv_nsec;
}
