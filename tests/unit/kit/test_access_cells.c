/* Eighty cells of schemas/rules/access.md, written from what people are to do, before the table
 * was: one who reads the stories alone must come to the same answer. */
#include "fakes/cmocka_all.h"

#include <stdio.h>

#include "kit/base/check.h"
#include "kit/rpc/access.h"

struct cell {
    const char *what;
    enum kit_reach reach;
};

static void check(enum kit_role role, const struct cell *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (kit_access_reach(cells[i].what, role) != cells[i].reach)
            fail_msg("%s: %s", kit_role_name(role), cells[i].what);
    }
}

/* Ana has heard of the shop. She looks at what there is to rent, and signs in when she wants it.
 * What others have ordered, and how the warehouse is, is none of her business. */
static void test_ana_is_nobody_yet(void **state)
{
    (void)state;
    const struct cell cells[] = {
        { "product.list", KIT_REACH_ALL },         { "product.get", KIT_REACH_ALL },
        { "account.session-open", KIT_REACH_ALL }, { "account.me", KIT_REACH_NONE },
        { "rental.create", KIT_REACH_NONE },       { "rental.get", KIT_REACH_NONE },
        { "information.list", KIT_REACH_NONE },    { "delivery.pickup-code", KIT_REACH_NONE },
        { "GET /events", KIT_REACH_NONE },         { "GET /processes", KIT_REACH_NONE },
    };
    check(KIT_ROLE_ANONYMOUS, cells, KIT_COUNT(cells));
}

/* Carla orders a camera for her firm, follows it, opens the door with her code, and brings it back.
 * A colleague of the same firm may do it for her; the firm next door may not even know of it. */
static void test_carla_is_a_customer(void **state)
{
    (void)state;
    const struct cell cells[] = {
        { "rental.create", KIT_REACH_OWN },        { "rental.cancel", KIT_REACH_OWN },
        { "information.search", KIT_REACH_OWN },   { "information.story", KIT_REACH_OWN },
        { "delivery.pickup-code", KIT_REACH_OWN }, { "delivery.return", KIT_REACH_OWN },
        { "feed OrderChanged", KIT_REACH_OWN },    { "feed DoorReported", KIT_REACH_NONE },
        { "product.search", KIT_REACH_ALL },       { "product.update", KIT_REACH_NONE },
        { "stock.pick-list", KIT_REACH_NONE },     { "scan HANDOVER", KIT_REACH_NONE },
    };
    check(KIT_ROLE_CUSTOMER, cells, KIT_COUNT(cells));
}

/* The firm's own program orders what its calendar says. It has a token that somebody of the firm
 * has made, and must not be able to make itself another. */
static void test_a_program_is_a_service(void **state)
{
    (void)state;
    const struct cell cells[] = {
        { "rental.create", KIT_REACH_OWN },
        { "rental.list", KIT_REACH_OWN },
        { "delivery.get", KIT_REACH_OWN },
        { "GET /events", KIT_REACH_ALL },
        { "account.me", KIT_REACH_OWN },
        { "account.token-create", KIT_REACH_NONE },
        { "account.password-change", KIT_REACH_NONE },
        { "stock.asset-list", KIT_REACH_NONE },
    };
    check(KIT_ROLE_SERVICE, cells, KIT_COUNT(cells));
}

/* Mina walks the shelves: she takes goods in, puts them away, picks orders and loads lockers. She
 * sees every order that she may have to pick, gives nothing to customers, corrects no stock. */
static void test_mina_is_a_picker(void **state)
{
    (void)state;
    const struct cell cells[] = {
        { "stock.pick-list", KIT_REACH_ALL },
        { "stock.scan", KIT_REACH_ALL },
        { "scan RECEIVE", KIT_REACH_ALL },
        { "scan PICK", KIT_REACH_ALL },
        { "scan LOAD", KIT_REACH_ALL },
        { "scan HANDOVER", KIT_REACH_NONE },
        { "scan COUNT", KIT_REACH_NONE },
        { "information.get", KIT_REACH_ALL },
        { "rental.create", KIT_REACH_NONE },
        { "rental.cancel", KIT_REACH_NONE },
        { "delivery.pickup-code", KIT_REACH_NONE },
        { "delivery.locker-list", KIT_REACH_ALL },
    };
    check(KIT_ROLE_PICKER, cells, KIT_COUNT(cells));
}

/* Cora stands at the counter: she orders for who walks in, cancels for who rings up, hands over and
 * takes back. She never sees the code that a customer shows her. */
static void test_cora_is_at_the_counter(void **state)
{
    (void)state;
    const struct cell cells[] = {
        { "rental.create", KIT_REACH_ALL },
        { "rental.cancel", KIT_REACH_ALL },
        { "information.search", KIT_REACH_ALL },
        { "scan HANDOVER", KIT_REACH_ALL },
        { "scan RETURN", KIT_REACH_ALL },
        { "scan PICK", KIT_REACH_NONE },
        { "delivery.pickup-code", KIT_REACH_NONE },
        { "account.account-list", KIT_REACH_ALL },
        { "account.person-update", KIT_REACH_NONE },
        { "stock.asset-move", KIT_REACH_NONE },
    };
    check(KIT_ROLE_COUNTER, cells, KIT_COUNT(cells));
}

/* Sven answers for the warehouse: whatever Mina and Cora do, and beyond it what changes figures:
 * the catalogue, counts, units, compartments out of order. He runs no computers. */
static void test_sven_is_supervisor(void **state)
{
    (void)state;
    const struct cell cells[] = {
        { "product.create", KIT_REACH_ALL },
        { "product.update", KIT_REACH_ALL },
        { "scan COUNT", KIT_REACH_ALL },
        { "stock.asset-move", KIT_REACH_ALL },
        { "delivery.compartment-out", KIT_REACH_ALL },
        { "delivery.locker-act", KIT_REACH_ALL },
        { "delivery.pickup-code", KIT_REACH_ALL },
        { "rental.letter-skip", KIT_REACH_NONE },
        { "account.person-create", KIT_REACH_NONE },
        { "feed DoorReported", KIT_REACH_ALL },
    };
    check(KIT_ROLE_SUPERVISOR, cells, KIT_COUNT(cells));
}

/* Olga runs the system: people and their roles, devices, what could not be applied. */
static void test_olga_is_operator(void **state)
{
    (void)state;
    const struct cell cells[] = {
        { "stock.letter-retry", KIT_REACH_ALL },   { "information.letter-skip", KIT_REACH_ALL },
        { "account.person-erase", KIT_REACH_ALL }, { "account.account-create", KIT_REACH_ALL },
        { "stock.device-list", KIT_REACH_ALL },    { "GET /processes/history", KIT_REACH_ALL },
        { "simulator.act", KIT_REACH_ALL },        { "rental.create", KIT_REACH_ALL },
        { "delivery.cancel", KIT_REACH_NONE },     { "rental.replay", KIT_REACH_NONE },
    };
    check(KIT_ROLE_OPERATOR, cells, KIT_COUNT(cells));
}

/* Arno reads what happened, and changes nothing, so that nobody can say it was him. */
static void test_arno_is_auditor(void **state)
{
    (void)state;
    const struct cell cells[] = {
        { "information.story", KIT_REACH_ALL },     { "rental.list", KIT_REACH_ALL },
        { "account.person-list", KIT_REACH_ALL },   { "stock.letter-list", KIT_REACH_ALL },
        { "rental.cancel", KIT_REACH_NONE },        { "stock.scan", KIT_REACH_NONE },
        { "delivery.pickup-code", KIT_REACH_NONE }, { "stock.letter-skip", KIT_REACH_NONE },
    };
    check(KIT_ROLE_AUDITOR, cells, KIT_COUNT(cells));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ana_is_nobody_yet),      cmocka_unit_test(test_carla_is_a_customer),
        cmocka_unit_test(test_a_program_is_a_service), cmocka_unit_test(test_mina_is_a_picker),
        cmocka_unit_test(test_cora_is_at_the_counter), cmocka_unit_test(test_sven_is_supervisor),
        cmocka_unit_test(test_olga_is_operator),       cmocka_unit_test(test_arno_is_auditor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
