/* Addresses of clients: which are the same, who has a limit, who has spoken. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "bridge/clients.h"
#include "fakes/cmocka_all.h"

/* How accept(2) tells it. */
static const struct sockaddr *peer_of(const char *text, struct sockaddr_storage *ret)
{
    struct sockaddr_in in = { .sin_family = AF_INET };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
        memcpy(ret, &in, sizeof(in));
    } else {
        assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
        memcpy(ret, &in6, sizeof(in6));
    }
    return (const struct sockaddr *)ret;
}

static struct client_address address_of(const char *text)
{
    struct sockaddr_storage peer;
    return clients_address(peer_of(text, &peer));
}

static bool is_same(const char *a, const char *b)
{
    const struct client_address first = address_of(a), second = address_of(b);
    return clients_is_same(&first, &second);
}

static void test_address_is_that_of_one_client(void **state)
{
    (void)state;
    assert_true(is_same("10.0.0.1", "10.0.0.1"));
    assert_false(is_same("10.0.0.1", "10.0.0.2"));
    assert_true(is_same("10.0.0.1", "::ffff:10.0.0.1")); /* a socket for both kinds says it so */
    assert_true(
        is_same("2001:db8:1:2::1", "2001:db8:1:2:ffff::9")); /* its owner chooses the rest */
    assert_false(is_same("2001:db8:1:2::1", "2001:db8:1:3::1"));
}

static void test_near_are_proxies_and_this_machine(void **state)
{
    static const char *const near[] = { "127.0.0.1",        "127.3.2.1", "::1",
                                        "::ffff:127.0.0.1", "10.0.0.9",  "::ffff:10.0.0.9" };
    static const char *const far[] = { "10.0.0.1", "128.0.0.1",   "::2",
                                       "::",       "2001:db8::1", "::ffff:10.0.0.1" };
    struct clients clients = { .per_address_max = 0 };
    struct sockaddr_storage peer;
    struct kit_error err;
    (void)state;
    assert_int_equal(clients_set_proxies(&clients, "10.0.0.9", &err), KIT_OK);
    for (size_t i = 0; i < KIT_COUNT(near); i++) {
        assert_true(clients_is_near(&clients, peer_of(near[i], &peer)));
        assert_false(clients_is_near(&clients, peer_of(far[i], &peer)));
    }
}

static void test_limit_is_not_for_proxies(void **state)
{
    struct clients clients = { .per_address_max = 3 };
    const struct client_address one = address_of("10.0.0.1"), proxy = address_of("10.0.0.9");
    struct kit_error err;
    (void)state;
    assert_int_equal(clients_set_proxies(&clients, "10.0.0.9,2001:db8::1", &err), KIT_OK);
    assert_int_equal(clients.proxy_count, 2);
    assert_true(clients_may_come(&clients, &one, 2));
    assert_false(clients_may_come(&clients, &one, 3));
    assert_true(clients_may_come(&clients, &proxy, 5000));
    clients.per_address_max = 0;
    assert_true(clients_may_come(&clients, &one, 5000));
}

static void test_proxies_that_are_no_addresses_are_refused(void **state)
{
    static const char *const wrong[] = { "proxy", ",", "10.0.0.0/8", "10.0.0.1 ",
                                         "1.1.1.1,2.2.2.2,,3.3.3.3" };
    struct clients clients = { .per_address_max = 3 };
    char many[CLIENTS_PROXIES_MAX * 16 + 16] = "10.0.0.1";
    struct kit_error err;
    (void)state;
    assert_int_equal(clients_set_proxies(&clients, "", &err), KIT_OK);
    for (size_t i = 0; i < KIT_COUNT(wrong); i++)
        assert_int_equal(clients_set_proxies(&clients, wrong[i], &err), KIT_E_INVALID);
    assert_non_null(strstr(err.text, "is no address of a proxy; write addresses with commas"));
    for (int i = 0; i < CLIENTS_PROXIES_MAX; i++)
        (void)snprintf(many + strlen(many), sizeof(many) - strlen(many), ",10.0.1.%d", i);
    assert_int_equal(clients_set_proxies(&clients, many, &err), KIT_E_INVALID);
    assert_non_null(strstr(err.text, "one too many"));
}

static void test_spoken_is_remembered_of_the_latest(void **state)
{
    struct clients clients = { .per_address_max = 0 };
    const struct client_address first = address_of("10.9.0.1");
    char text[32];
    (void)state;
    assert_false(clients_has_spoken(&clients, &first));
    clients_note_spoken(&clients, &first);
    clients_note_spoken(&clients, &first);
    assert_int_equal(clients.spoken_count, 1);
    for (int i = 0; i < CLIENTS_SPOKEN_MAX; i++) {
        assert_true(clients_has_spoken(&clients, &first));
        (void)snprintf(text, sizeof(text), "10.1.%d.%d", i / 200, i % 200);
        const struct client_address next = address_of(text);
        clients_note_spoken(&clients, &next);
    }
    assert_false(clients_has_spoken(&clients, &first));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_address_is_that_of_one_client),
        cmocka_unit_test(test_near_are_proxies_and_this_machine),
        cmocka_unit_test(test_limit_is_not_for_proxies),
        cmocka_unit_test(test_proxies_that_are_no_addresses_are_refused),
        cmocka_unit_test(test_spoken_is_remembered_of_the_latest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
