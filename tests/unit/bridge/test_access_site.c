/* Which hosts are ours, and whose page may change something: tables of cases. */
#include "bridge/access_site.h"
#include "fakes/cmocka_all.h"

static struct access_hosts hosts;

static void set(const char *list)
{
    assert_int_equal(access_hosts_set(&hosts, list, NULL), KIT_OK);
}

static void test_access_hosts_set_refuses_what_is_no_name(void **state)
{
    const char *const bad[] = { "shop.example:8080", "a b/c", "sh\xc3\xb6p", "*", "http://shop" };
    struct kit_error err;

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(bad); i++)
        assert_int_equal(access_hosts_set(&hosts, bad[i], &err), KIT_E_INVALID);
    assert_int_equal(access_hosts_set(&hosts, "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p", &err), KIT_OK);
    assert_int_equal(access_hosts_set(&hosts, "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", &err),
                     KIT_E_INVALID);
}

static void test_access_check_host_knows_its_own(void **state)
{
    const struct {
        const char *host;
        bool is_ours;
    } cases[] = {
        { "localhost", true },
        { "LocalHost:8080", true },
        { "127.0.0.1:8080", true },
        { "192.168.1.7", true }, /* an address: no name server was asked */
        { "[::1]:8080", true },
        { "shop.example", true },
        { "SHOP.example:443", true },
        { "depot", true },
        { "evil.example", false }, /* a name that leads here: rebinding */
        { "shop.example.evil.org", false },
        { "evil-shop.example", false },
        { "127.0.0.1.evil.org", false },
        { "localhost.evil.org:8080", false },
        { "", false },
    };
    struct kit_error err;

    (void)state;
    set("shop.example, depot");
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        const int rc = access_check_host(&hosts, cases[i].host, &err);
        if ((rc == KIT_OK) != cases[i].is_ours)
            fail_msg("%s: %d", cases[i].host, rc);
    }
    hosts = (struct access_hosts){ .count = 0 };
    assert_int_equal(access_check_host(&hosts, "evil.example", &err), KIT_OK);
}

static void test_access_check_site_lets_only_own_pages_change_something(void **state)
{
    const struct {
        enum http_method method;
        const char *origin, *fetch_site;
        bool is_fine;
    } cases[] = {
        { HTTP_POST, NULL, NULL, true }, /* curl */
        { HTTP_POST, "https://depot:8443", "same-origin", true },
        { HTTP_POST, "http://depot:8443", NULL, true },
        { HTTP_DELETE, NULL, "none", true },
        { HTTP_POST, "https://shop.example", NULL, true }, /* a proxy of that name */
        { HTTP_POST, "https://evil.example", NULL, false },
        { HTTP_POST, "https://evil.example", "cross-site", false },
        { HTTP_POST, "null", NULL, false },
        { HTTP_POST, "", NULL, false },
        { HTTP_POST, "https://depot", NULL, false }, /* another port: another program */
        { HTTP_POST, "https://depot:8443", "cross-site", false },
        { HTTP_POST, "https://depot:8443.evil.org", NULL, false },
        { HTTP_POST, "https://shop.example.evil.org", NULL, false },
        { HTTP_PATCH, NULL, "same-site", false },
        { HTTP_DELETE, NULL, "cross-site", false },
        { HTTP_GET, "https://evil.example", "cross-site", true }, /* it cannot read the answer */
        { HTTP_HEAD, NULL, "cross-site", true },
        { HTTP_OPTIONS, "https://evil.example", "cross-site", true },
        { HTTP_OTHER, "https://evil.example", NULL, false },
    };
    struct kit_error err;

    (void)state;
    set("shop.example");
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        const struct request_headers headers = { .host = "depot:8443",
                                                 .origin = cases[i].origin,
                                                 .fetch_site = cases[i].fetch_site };
        const int rc = access_check_site(&hosts, cases[i].method, &headers, &err);
        if ((rc == KIT_OK) != cases[i].is_fine)
            fail_msg("case %zu: %d", i, rc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_access_hosts_set_refuses_what_is_no_name),
        cmocka_unit_test(test_access_check_host_knows_its_own),
        cmocka_unit_test(test_access_check_site_lets_only_own_pages_change_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
