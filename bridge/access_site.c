/* See access_site.h. */
#include "bridge/access_site.h"

#include <string.h>
#include <strings.h>

/* ---- hosts ---- */

/* Of host or host:port, without the port. */
static size_t name_length(const char *host)
{
    if (host[0] == '[')
        return strcspn(host, "]") + 1;
    return strcspn(host, ":");
}

static bool is_same(const char *text, size_t length, const char *name)
{
    return strlen(name) == length && strncasecmp(text, name, length) == 0;
}

/* [IPv6], or digits and dots: an IPv4 address, or nothing that a resolver would ask for. */
static bool is_address(const char *host, size_t length)
{
    return host[0] == '[' || (length > 0 && strspn(host, "0123456789.") == length);
}

static int add(struct access_hosts *hosts, const char *text, size_t length, struct kit_error *err)
{
    if (length == 0)
        return KIT_OK;
    if (hosts->count == ACCESS_HOSTS_MAX)
        return kit_error_set(err, KIT_E_INVALID, "--hosts may name at most %d", ACCESS_HOSTS_MAX);
    char *name = hosts->names[hosts->count];
    if (length >= BRIDGE_HOST_SIZE)
        return kit_error_set(err, KIT_E_INVALID, "--hosts: a name is too long");
    memcpy(name, text, length);
    name[length] = '\0';
    if (!header_is_host(name) || name_length(name) != length)
        return kit_error_set(err, KIT_E_INVALID,
                             "--hosts: \"%.60s\" is no name of a host; name it without a port",
                             name);
    hosts->count++;
    return KIT_OK;
}

int access_hosts_set(struct access_hosts *hosts, const char *list, struct kit_error *err)
{
    *hosts = (struct access_hosts){ .is_checked = true };
    int rc = KIT_OK;
    while (rc == KIT_OK && *list != '\0') {
        list += strspn(list, ", ");
        const size_t length = strcspn(list, ", ");
        rc = add(hosts, list, length, err);
        list += length;
    }
    return rc;
}

static bool is_ours(const struct access_hosts *hosts, const char *host)
{
    const size_t length = name_length(host);

    if (!hosts->is_checked || is_address(host, length) || is_same(host, length, "localhost"))
        return true;
    for (size_t i = 0; i < hosts->count; i++) {
        if (is_same(host, length, hosts->names[i]))
            return true;
    }
    return false;
}

int access_check_host(const struct access_hosts *hosts, const char *host, struct kit_error *err)
{
    if (is_ours(hosts, host))
        return KIT_OK;
    return kit_error_typed(err, KIT_E_REFUSED, "unknown-host",
                           "this server is not reached under that name; ask for localhost or its "
                           "address, or have the name set (hosts)");
}

/* ---- sites ---- */

static bool is_safe(enum http_method method)
{
    return method == HTTP_GET || method == HTTP_HEAD || method == HTTP_OPTIONS;
}

/* An origin is that of the host that was asked, or of one that is named in the settings: a proxy
 * may have asked us by another. */
static bool is_own_origin(const struct access_hosts *hosts, const char *origin, const char *host)
{
    const char *name = strstr(origin, "://");

    if (name == NULL) /* "null": of a page that has none */
        return false;
    name += 3;
    if (strcasecmp(name, host) == 0)
        return true;
    for (size_t i = 0; i < hosts->count; i++) {
        if (is_same(name, name_length(name), hosts->names[i]))
            return true;
    }
    return false;
}

/* "none": a person has typed it. */
static bool is_own_fetch(const char *fetch_site)
{
    return strcmp(fetch_site, "same-origin") == 0 || strcmp(fetch_site, "none") == 0;
}

int access_check_site(const struct access_hosts *hosts, enum http_method method,
                      const struct request_headers *headers, struct kit_error *err)
{
    const bool is_own = (headers->fetch_site == NULL || is_own_fetch(headers->fetch_site)) &&
                        (headers->origin == NULL ||
                         is_own_origin(hosts, headers->origin, headers->host));

    if (is_safe(method) || is_own)
        return KIT_OK;
    return kit_error_typed(err, KIT_E_FORBIDDEN, "cross-site",
                           "a page of another site asks for this; open the pages of this server");
}
