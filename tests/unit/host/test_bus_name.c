/* Which name a process without a database has at the broker. */
#include "fakes/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/process/bus_name.h"

/* A lock is held for the life of the process: each test has a folder of its own. */
static void make_folder(char folder[32])
{
    snprintf(folder, 32, "/tmp/bus-name-XXXXXX");
    assert_non_null(mkdtemp(folder));
}

static void test_bus_name_take_without_a_folder_is_the_instance(void **state)
{
    char name[KIT_BUS_NAME_SIZE];
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(kit_bus_name_take("", "bridge", false, name, NULL), KIT_OK);
        assert_string_equal(name, "bridge");
    }
}

static void test_bus_name_take_of_another_is_refused_with_a_sentence(void **state)
{
    char folder[32], name[KIT_BUS_NAME_SIZE];
    struct kit_error err = { 0 };
    (void)state;
    make_folder(folder);
    assert_int_equal(kit_bus_name_take(folder, "bridge", false, name, &err), KIT_OK);
    assert_int_equal(kit_bus_name_take(folder, "bridge", false, name, &err), KIT_E_CONFLICT);
    assert_non_null(strstr(err.text, "a process of the name \"bridge\" runs already"));
    assert_int_equal(kit_bus_name_take(folder, "gate", false, name, &err), KIT_OK);
    assert_string_equal(name, "gate");
}

static void test_bus_name_take_of_a_successor_is_the_second_one(void **state)
{
    char folder[32], name[KIT_BUS_NAME_SIZE];
    struct kit_error err = { 0 };
    (void)state;
    make_folder(folder);
    assert_int_equal(kit_bus_name_take(folder, "bridge", true, name, &err), KIT_OK);
    assert_string_equal(name, "bridge");
    assert_int_equal(kit_bus_name_take(folder, "bridge", true, name, &err), KIT_OK);
    assert_string_equal(name, "bridge-2");
    assert_int_equal(kit_bus_name_take(folder, "bridge", true, name, &err), KIT_E_CONFLICT);
}

static void test_bus_name_take_of_another_is_refused_beside_the_second_one_too(void **state)
{
    char folder[32], name[KIT_BUS_NAME_SIZE];
    struct kit_error err = { 0 };
    (void)state;
    make_folder(folder);
    assert_int_equal(kit_bus_name_take(folder, "bridge-2", true, name, &err), KIT_OK);
    assert_int_equal(kit_bus_name_take(folder, "bridge", false, name, &err), KIT_E_CONFLICT);
}

static void test_bus_name_take_where_no_lock_can_be_says_why(void **state)
{
    char name[KIT_BUS_NAME_SIZE];
    struct kit_error err = { 0 };
    (void)state;
    assert_int_equal(kit_bus_name_take("/proc/none", "bridge", true, name, &err), KIT_E_IO);
    assert_non_null(strstr(err.text, "/proc/none"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bus_name_take_without_a_folder_is_the_instance),
        cmocka_unit_test(test_bus_name_take_of_another_is_refused_with_a_sentence),
        cmocka_unit_test(test_bus_name_take_of_a_successor_is_the_second_one),
        cmocka_unit_test(test_bus_name_take_of_another_is_refused_beside_the_second_one_too),
        cmocka_unit_test(test_bus_name_take_where_no_lock_can_be_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
