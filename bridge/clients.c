/* See clients.h. */
#include "bridge/clients.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define ADDRESS_SIZE 64
#define PREFIX_BYTES 8 /* of IPv6: beyond, an address is its owner's to choose */

static const uint8_t MAPPED[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static struct client_address of_ipv4(const struct in_addr *in)
{
    struct client_address address;
    memcpy(address.bytes, MAPPED, sizeof(MAPPED));
    memcpy(address.bytes + sizeof(MAPPED), &in->s_addr, sizeof(in->s_addr));
    return address;
}

static struct client_address of_ipv6(const struct in6_addr *in6)
{
    struct client_address address = { .bytes = { 0 } };
    const bool is_mapped = memcmp(in6->s6_addr, MAPPED, sizeof(MAPPED)) == 0;
    memcpy(address.bytes, in6->s6_addr, is_mapped ? sizeof(address.bytes) : PREFIX_BYTES);
    return address;
}

struct client_address clients_address(const struct sockaddr *peer)
{
    if (peer->sa_family == AF_INET)
        return of_ipv4(&((const struct sockaddr_in *)(const void *)peer)->sin_addr);
    if (peer->sa_family == AF_INET6)
        return of_ipv6(&((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr);
    return (struct client_address){ .bytes = { 0 } };
}

static int add_proxy(struct clients *clients, const char *text, struct kit_error *err)
{
    struct in_addr in;
    struct in6_addr in6;

    if (clients->proxy_count == CLIENTS_PROXIES_MAX)
        return kit_error_set(err, KIT_E_INVALID, "there may be %d proxies; '%s' is one too many",
                             CLIENTS_PROXIES_MAX, text);
    struct client_address *proxy = &clients->proxies[clients->proxy_count];
    if (inet_pton(AF_INET, text, &in) == 1)
        *proxy = of_ipv4(&in);
    else if (inet_pton(AF_INET6, text, &in6) == 1)
        *proxy = of_ipv6(&in6);
    else
        return kit_error_set(err, KIT_E_INVALID,
                             "'%s' is no address of a proxy; write addresses with commas between,"
                             " as in 127.0.0.1,10.0.0.7",
                             text);
    clients->proxy_count++;
    return KIT_OK;
}

int clients_set_proxies(struct clients *clients, const char *list, struct kit_error *err)
{
    char text[ADDRESS_SIZE];

    clients->proxy_count = 0;
    while (*list != '\0') {
        const size_t length = strcspn(list, ",");
        const size_t kept = length < sizeof(text) - 1 ? length : sizeof(text) - 1;
        memcpy(text, list, kept);
        text[kept] = '\0';
        int rc = add_proxy(clients, text, err);
        if (rc != KIT_OK)
            return rc;
        list += length + (list[length] == ',');
    }
    return KIT_OK;
}

bool clients_is_same(const struct client_address *a, const struct client_address *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static bool is_among(const struct client_address *list, size_t count,
                     const struct client_address *address)
{
    for (size_t i = 0; i < count; i++) {
        if (clients_is_same(&list[i], address))
            return true;
    }
    return false;
}

static bool is_loopback(const struct sockaddr *peer, const struct client_address *address)
{
    if (memcmp(address->bytes, MAPPED, sizeof(MAPPED)) == 0)
        return address->bytes[sizeof(MAPPED)] == IN_LOOPBACKNET;
    return peer->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr);
}

bool clients_is_near(const struct clients *clients, const struct sockaddr *peer)
{
    const struct client_address address = clients_address(peer);
    return is_loopback(peer, &address) ||
           is_among(clients->proxies, clients->proxy_count, &address);
}

bool clients_is_limited(const struct clients *clients, const struct client_address *address)
{
    return clients->per_address_max > 0 &&
           !is_among(clients->proxies, clients->proxy_count, address);
}

bool clients_may_come(const struct clients *clients, const struct client_address *address,
                      size_t count)
{
    return !clients_is_limited(clients, address) || (int64_t)count < clients->per_address_max;
}

bool clients_has_spoken(const struct clients *clients, const struct client_address *address)
{
    return is_among(clients->spoken, clients->spoken_count, address);
}

void clients_note_spoken(struct clients *clients, const struct client_address *address)
{
    if (clients_has_spoken(clients, address))
        return;
    clients->spoken[clients->spoken_next] = *address;
    clients->spoken_next = (clients->spoken_next + 1) % CLIENTS_SPOKEN_MAX;
    if (clients->spoken_count < CLIENTS_SPOKEN_MAX)
        clients->spoken_count++;
}

void clients_write_address(const struct client_address *address, char ret_text[CLIENTS_TEXT_SIZE])
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
    const bool is_ipv4 = memcmp(address->bytes, mapped, sizeof(mapped)) == 0;

    CHECK(inet_ntop(is_ipv4 ? AF_INET : AF_INET6, address->bytes + (is_ipv4 ? sizeof(mapped) : 0),
                    ret_text, CLIENTS_TEXT_SIZE) != NULL);
}
