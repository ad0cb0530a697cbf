/* A closed system with orders of several accounts: whatever a customer asks for, nothing of another
 * account's orders is shown or changed, and a foreign number is answered as one that was never
 * given. The three services that know orders, for themselves (rules access 2.3). */
#include "fakes/cmocka_all.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "delivery/service.h"
#include "fakes/fakes.h"
#include "information/service.h"
#include "rental/service.h"

#define ACCOUNTS 4 /* 1 to 4; 0 has orders too: nobody's */
#define ORDERS 60
#define IDS 80 /* the last ones were never given */
#define REQUESTS_COUNT 100000
#define TEXT_SIZE 4096

struct fixture {
    struct fake_world *world;
    struct fake_service services[3];
    int64_t owners[IDS + 1]; /* -1: there is no order of that number */
    int key_count;
};

enum { RENTAL, DELIVERY, INFORMATION };

/* What is asked, and how. */
struct question {
    int service;
    const char *method;
    enum { OF_ONE, OF_MANY, OF_FOREIGN_ONE } kind;
    const char *body; /* %d: the number */
};

static const struct question QUESTIONS[] = {
    { RENTAL, "get", OF_ONE, "{\"id\":%d}" },
    { RENTAL, "cancel", OF_FOREIGN_ONE, "{\"id\":%d}" },
    { RENTAL, "list", OF_MANY, "{\"page\":%d,\"size\":3}" },
    { DELIVERY, "get", OF_ONE, "{\"id\":%d}" },
    { DELIVERY, "list", OF_MANY, "{\"page\":%d,\"size\":3}" },
    { DELIVERY, "pickup-code", OF_ONE, "{\"id\":%d}" },
    { DELIVERY, "return", OF_ONE, "{\"id\":%d}" },
    { INFORMATION, "get", OF_ONE, "{\"id\":%d}" },
    { INFORMATION, "story", OF_ONE, "{\"id\":%d}" },
    { INFORMATION, "list", OF_MANY, "{\"page\":%d,\"size\":3}" },
    { INFORMATION, "search", OF_MANY, "{\"size\":4,\"after\":%d}" },
    { INFORMATION, "search", OF_MANY, "{\"size\":4,\"after\":%d,\"sort\":\"newest\"}" },
    { INFORMATION, "search", OF_MANY,
      "{\"size\":9,\"after\":%d,\"states\":[{\"state\":\"ORDERED\"}]}" },
    { INFORMATION, "search", OF_MANY,
      "{\"size\":9,\"after\":%d,\"products\":[{\"id\":7},{\"id\":8}]}" },
    { INFORMATION, "search", OF_MANY, "{\"size\":9,\"ids\":[{\"id\":1},{\"id\":2},{\"id\":%d}]}" },
};

static const struct fake_message *ask(struct fixture *f, const struct question *question,
                                      int number)
{
    char key[32], body[256];
    snprintf(key, sizeof(key), "k-%d", ++f->key_count);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(body, sizeof(body), question->body, number);
#pragma GCC diagnostic pop
    fake_world_forget(f->world);
    return fake_request(&f->services[question->service], "bridge", question->method, key, body);
}

/* ---- the orders ---- */

static void tell(struct fixture *f, int service, int id, int64_t account)
{
    char data[256], owner[32] = "", subject[32];
    if (account > 0)
        snprintf(owner, sizeof(owner), ",\"account\":%" PRId64, account);
    snprintf(
        data, sizeof(data),
        "{\"id\":%d,\"productId\":%d,\"qty\":1,\"fulfilment\":\"locker\",\"status\":\"ORDERED\","
        "\"version\":1,\"orderedAt\":\"2026-01-01T00:00:00.000Z\"%s}",
        id, 7 + id % 2, owner);
    snprintf(subject, sizeof(subject), "rental/%d", id);
    fake_event(&f->services[service],
               &(struct fake_event){ "rental", id, "RentalOrdered", subject, 1, data });
}

static void place(struct fixture *f, int id, int64_t account)
{
    char body[128], key[32];
    f->world->actor = account > 0 ? (struct kit_actor){ 100 + account, account, KIT_ROLE_CUSTOMER }
                                  : (struct kit_actor){ 99, 0, KIT_ROLE_COUNTER };
    snprintf(key, sizeof(key), "order-%d", id);
    snprintf(body, sizeof(body), "{\"productId\":%d,\"qty\":1,\"fulfilment\":\"locker\"}",
             7 + id % 2);
    assert_string_equal(fake_request(&f->services[RENTAL], "bridge", "create", key, body)->status,
                        "ok");
    tell(f, DELIVERY, id, account);
    tell(f, INFORMATION, id, account);
    fake_world_forget(f->world);
    f->owners[id] = account;
}

static int set_up(void **state)
{
    static const struct kit_setting rental_settings[] = { { "cancel-timeout-ms", 610 },
                                                          { "breaker-failures", 5 },
                                                          { "breaker-open-ms", 2000 } };
    static const struct kit_setting delivery_settings[] = { { "hold-ms", 1000000 },
                                                            { "silent-ms", 90000 },
                                                            { "oldest-protocol", 1 } };
    struct fixture *f = test_calloc(1, sizeof(*f));
    f->world = fake_world_new(7);
    f->world->is_closed = true;
    f->services[RENTAL] = fake_service_open(f->world, &rental_service, rental_settings,
                                            KIT_COUNT(rental_settings));
    f->services[DELIVERY] = fake_service_open(f->world, &delivery_service, delivery_settings,
                                              KIT_COUNT(delivery_settings));
    f->services[INFORMATION] = fake_service_open(f->world, &information_service, NULL, 0);
    for (int id = 1; id <= IDS; id++)
        f->owners[id] = -1;
    for (int id = 1; id <= ORDERS; id++)
        place(f, id, id % (ACCOUNTS + 1));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < KIT_COUNT(f->services); i++)
        fake_service_close(&f->services[i]);
    fake_world_free(f->world);
    test_free(f);
    return 0;
}

/* ---- what may be told ---- */

/* The text with # for each number, so that two numbers are answered alike. */
static void mask(const char *text, char ret[TEXT_SIZE])
{
    size_t length = 0;
    for (; *text != '\0' && length < TEXT_SIZE - 1; text++) {
        if (isdigit((unsigned char)*text) == 0)
            ret[length++] = *text;
        else if (length == 0 || ret[length - 1] != '#')
            ret[length++] = '#';
    }
    ret[length] = '\0';
}

static int count(const char *text, const char *word)
{
    int found = 0;
    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
        found++;
    return found;
}

/* Every order in it says that it is of that account. */
static void check_all_own(const char *text, int64_t account)
{
    char own[48];
    snprintf(own, sizeof(own), "\"account\":%" PRId64 "}", account);
    int own_count = count(text, own);
    snprintf(own, sizeof(own), "\"account\":%" PRId64 ",", account);
    own_count += count(text, own);
    if (count(text, "\"productId\":") != own_count)
        fail_msg("account %" PRId64 " is shown %s", account, text);
}

static void check_not_there(struct fixture *f, const struct question *question, const char *payload)
{
    char told[TEXT_SIZE], usual[TEXT_SIZE];
    mask(payload, told);
    const struct fake_message *reply = ask(f, question, IDS);
    assert_string_equal(reply->status, "not_found");
    mask(reply->payload, usual);
    assert_string_equal(told, usual);
}

static void ask_something(struct fixture *f, const struct question *question, uint64_t draw)
{
    const int64_t account = (int64_t)(draw % (ACCOUNTS + 1));
    const int number = (int)(draw / 64 % IDS) + 1;
    const bool is_own = account > 0 && f->owners[number] == account;

    f->world->actor = (struct kit_actor){ 100 + account, account,
                                          draw % 2 == 0 ? KIT_ROLE_CUSTOMER : KIT_ROLE_SERVICE };
    if (question->kind == OF_FOREIGN_ONE && is_own)
        return;
    const struct fake_message *reply = ask(f, question,
                                           question->kind == OF_MANY ? 1 + number % 8 : number);
    assert_non_null(reply);
    if (question->kind == OF_MANY) {
        assert_string_equal(reply->status, "ok");
        check_all_own(reply->payload, account);
    } else if (is_own) {
        assert_null(strstr(reply->payload, "There is no"));
        check_all_own(reply->payload, account);
    } else {
        assert_string_equal(reply->status, "not_found");
        check_not_there(f, question, reply->payload);
    }
}

static void test_random_requests_show_nothing_foreign(void **state)
{
    struct fixture *f = *state;
    uint64_t random = 12;

    const int64_t versions = fake_sql_int(&f->services[RENTAL], "SELECT sum(version) FROM rental");
    for (int i = 0; i < REQUESTS_COUNT; i++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        const uint64_t draw = random >> 20;
        ask_something(f, &QUESTIONS[draw / 8192 % KIT_COUNT(QUESTIONS)], draw);
    }
    assert_int_equal(fake_sql_int(&f->services[RENTAL], "SELECT sum(version) FROM rental"),
                     versions);
    assert_int_equal(fake_sql_int(&f->services[DELIVERY], "SELECT count(*) FROM delivery"), ORDERS);
}

/* A page of own orders is as full as any: what is foreign is no hole in it. */
static void test_list_pages_and_counts_own_orders_alone(void **state)
{
    struct fixture *f = *state;
    const struct question lists[] = {
        { RENTAL, "list", OF_MANY, "{\"page\":%d,\"size\":8}" },
        { DELIVERY, "list", OF_MANY, "{\"page\":%d,\"size\":8}" },
        { INFORMATION, "list", OF_MANY, "{\"page\":%d,\"size\":8}" },
    };
    f->world->actor = (struct kit_actor){ 101, 1, KIT_ROLE_CUSTOMER };
    for (size_t i = 0; i < KIT_COUNT(lists); i++) {
        const struct fake_message *reply = ask(f, &lists[i], 0);
        assert_int_equal(count(reply->payload, "\"account\":1"), 8);
        assert_non_null(strstr(reply->payload, "\"total\":12"));
        reply = ask(f, &lists[i], 1);
        assert_int_equal(count(reply->payload, "\"account\":1"), 4);
    }
    f->world->actor = (struct kit_actor){ 99, 0, KIT_ROLE_SUPERVISOR };
    for (size_t i = 0; i < KIT_COUNT(lists); i++)
        assert_non_null(strstr(ask(f, &lists[i], 0)->payload, "\"total\":60"));
}

static void test_search_goes_on_through_own_orders_alone(void **state)
{
    struct fixture *f = *state;
    f->world->actor = (struct kit_actor){ 101, 1, KIT_ROLE_CUSTOMER };
    for (size_t i = 0; i < KIT_COUNT(QUESTIONS); i++) {
        const struct question *search = &QUESTIONS[i];
        if (strstr(search->body, "after") == NULL || strstr(search->body, "newest") != NULL)
            continue;
        int found = 0;
        for (int after = 1; after != 0;) { /* order 1 is the account's first */
            const struct fake_message *reply = ask(f, search, after);
            check_all_own(reply->payload, 1);
            found += count(reply->payload, "\"account\":1");
            const char *next = strstr(reply->payload, "\"next\":");
            after = next == NULL ? 0 : (int)strtol(next + strlen("\"next\":"), NULL, 10);
        }
        assert_int_equal(found, 11);
    }
}

static void test_order_is_for_the_own_account_or_is_refused(void **state)
{
    struct fixture *f = *state;
    const struct question order = { RENTAL, "create", OF_MANY,
                                    "{\"productId\":7,\"qty\":1,\"account\":%d}" };
    f->world->actor = (struct kit_actor){ 101, 1, KIT_ROLE_CUSTOMER };
    assert_string_equal(ask(f, &order, 2)->status, "forbidden");
    assert_non_null(strstr(ask(f, &order, 1)->payload, "\"account\":1"));
    f->world->actor = (struct kit_actor){ 99, 0, KIT_ROLE_COUNTER };
    assert_non_null(strstr(ask(f, &order, 2)->payload, "\"account\":2"));
    f->world->actor = (struct kit_actor){ 105, 0, KIT_ROLE_CUSTOMER };
    assert_string_equal(ask(f, &order, 2)->status, "forbidden");
}

/* Rules delivery 1.4, 5.1: the cancel, which says nothing of it, has come first. */
static void test_delivery_that_was_canceled_before_its_order_came_gets_its_account(void **state)
{
    struct fixture *f = *state;
    const struct question get = { DELIVERY, "get", OF_ONE, "{\"id\":%d}" };
    const int id = ORDERS + 1;
    f->world->actor = (struct kit_actor){ 99, 0, KIT_ROLE_COUNTER };
    (void)fake_request(&f->services[DELIVERY], "rental", "cancel", "c",
                       "{\"rentalId\":61,\"productId\":8,\"qty\":1,\"fulfilment\":\"locker\"}");
    f->world->actor = (struct kit_actor){ 101, 1, KIT_ROLE_CUSTOMER };
    assert_string_equal(ask(f, &get, id)->status, "not_found");
    tell(f, DELIVERY, id, 1);
    assert_string_equal(ask(f, &get, id)->status, "ok");
    f->world->actor.account = 2;
    assert_string_equal(ask(f, &get, id)->status, "not_found");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_list_pages_and_counts_own_orders_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_search_goes_on_through_own_orders_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_order_is_for_the_own_account_or_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            test_delivery_that_was_canceled_before_its_order_came_gets_its_account, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(test_random_requests_show_nothing_foreign, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
