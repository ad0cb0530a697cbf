/* Whose page it is that sends a request. A browser sends what any page in it asks for: with the
 * name of another host, which leads to us (DNS rebinding), or from another site, with our cookie.
 * Pure. */
#ifndef BRIDGE_ACCESS_SITE_H
#define BRIDGE_ACCESS_SITE_H

#include <stddef.h>

#include "bridge/headers.h"
#include "bridge/method.h"

#define ACCESS_HOSTS_MAX 16

/* The names under which we may be reached. All zero: any. */
struct access_hosts {
    bool is_checked;
    char names[ACCESS_HOSTS_MAX][BRIDGE_HOST_SIZE]; /* without a port */
    size_t count;
};

/* Takes the names from a list with commas between; from then on they are checked. localhost and
 * addresses, which no name server leads astray, need not be named. KIT_E_INVALID, naming it, for
 * what is no name, or one too many. */
int access_hosts_set(struct access_hosts *hosts, const char *list,
                     struct kit_error *err) KIT_MUST_CHECK;

/* Whether a Host header, fit for links, names us. KIT_E_REFUSED with type "unknown-host". */
int access_check_host(const struct access_hosts *hosts, const char *host,
                      struct kit_error *err) KIT_MUST_CHECK;

/* Whether a request that may change something comes from a page of ours, or from no page: what
 * browsers say of that (Sec-Fetch-Site, Origin) must not speak against it. KIT_E_FORBIDDEN with
 * type "cross-site". */
int access_check_site(const struct access_hosts *hosts, enum http_method method,
                      const struct request_headers *headers, struct kit_error *err) KIT_MUST_CHECK;

#endif
