/* Who the clients are, by their addresses: how many connections each may have, and who has spoken
 * lately. An address is that of an IPv4 client, or the /64 that an IPv6 client has for itself. Not
 * thread-safe: loop thread. */
#ifndef BRIDGE_CLIENTS_H
#define BRIDGE_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/base/error.h"

#define CLIENTS_PROXIES_MAX 16
#define CLIENTS_SPOKEN_MAX 256 /* addresses that have spoken lately; the oldest is forgotten */

struct sockaddr;

struct client_address {
    uint8_t bytes[16]; /* as IPv6; an IPv4 address mapped into it */
};

struct clients {
    int64_t per_address_max; /* connections and readers of the feed together; 0: no limit */
    struct client_address proxies[CLIENTS_PROXIES_MAX]; /* behind which others stand: no limit */
    size_t proxy_count;
    struct client_address spoken[CLIENTS_SPOKEN_MAX];
    size_t spoken_count, spoken_next;
};

/* Takes the proxies from a list of IPv4 and IPv6 addresses with commas between; "": none.
 * KIT_E_INVALID, naming it, for what is no address, or one too many. */
int clients_set_proxies(struct clients *clients, const char *list,
                        struct kit_error *err) KIT_MUST_CHECK;

/* The address of a peer, as accept(2) tells it. All zero for what is neither IPv4 nor IPv6. */
struct client_address clients_address(const struct sockaddr *peer);

/* Is it one of those that were named, or of this machine itself? */
bool clients_is_near(const struct clients *clients, const struct sockaddr *peer);

#define CLIENTS_TEXT_SIZE 46

/* Writes it as people do: an IPv4 address, or an IPv6 one. */
void clients_write_address(const struct client_address *address, char ret_text[CLIENTS_TEXT_SIZE]);

/* Are the two of one client? */
bool clients_is_same(const struct client_address *a, const struct client_address *b);

/* May somebody of this address have one more, who has `count` now? */
bool clients_may_come(const struct clients *clients, const struct client_address *address,
                      size_t count);

/* Is there a limit for this address at all? Then it is worth to count. */
bool clients_is_limited(const struct clients *clients, const struct client_address *address);

/* A request of this address was answered. */
void clients_note_spoken(struct clients *clients, const struct client_address *address);

/* Was one lately? Then it may use the connections that are kept back from strangers. */
bool clients_has_spoken(const struct clients *clients, const struct client_address *address);

#endif
