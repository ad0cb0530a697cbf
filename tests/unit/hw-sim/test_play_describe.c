/* Steps in words, what is printed of them, and the folders of reports. */
#include "play/describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fakes/cmocka_all.h"
#include "report/folder.h"

#define TEXT_SIZE 400

static void test_describe_says_steps_in_words(void **state)
{
    static const struct {
        const char *step;
        const char *words;
    } rows[] = {
        { "{\"do\":\"scan\",\"actor\":\"mina\",\"label\":{\"order\":1}}", "mina scans order 1" },
        { "{\"do\":\"scan\",\"actor\":\"mina\",\"label\":{\"compartment\":{\"locker\":\"l\","
          "\"compartment\":2}}}",
          "mina scans compartment 2 of l" },
        { "{\"do\":\"shut\",\"actor\":\"carla\",\"locker\":\"l\",\"compartment\":2}",
          "carla shuts compartment 2 of l" },
        { "{\"name\":\"late\",\"do\":\"wait\",\"condition\":{\"all\":[{\"delivery\":{\"id\":5,"
          "\"is\":[\"READY\",\"DELIVERED\"]}},{\"not\":{\"door\":{\"locker\":\"l\","
          "\"compartment\":1,\"is\":\"open\"}}}]}}",
          "late: wait until delivery 5 is READY or DELIVERED and not: door of compartment 1 of l "
          "is open" },
        { "{\"do\":\"expect\",\"condition\":{\"record\":{\"device\":\"l\",\"members\":{"
          "\"/kind\":\"grant\",\"/compartment\":1},\"equals\":2}}}",
          "expect that record of l kind grant compartment 1, times: 2" },
        { "{\"do\":\"wait\",\"condition\":{\"http\":{\"path\":\"/p/1\",\"pointer\":\"/qty\","
          "\"equals\":2}}}",
          "wait until /p/1 /qty is 2" },
        { "{\"do\":\"wait\",\"condition\":{\"message\":{\"topic\":\"lockstock/v1/stream/stock\"}}}",
          "wait until message on stream/stock" },
        { "{\"do\":\"http\",\"method\":\"POST\",\"path\":\"/products\",\"body\":{\"a\":1}}",
          "POST /products" },
        { "{\"name\":\"then\",\"do\":\"note\",\"text\":\"Night falls.\"}", "then: Night falls." },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[TEXT_SIZE];
        cJSON *step = cJSON_Parse(rows[i].step);
        assert_non_null(step);
        sim_describe_step(step, text, sizeof(text));
        assert_string_equal(text, rows[i].words);
        assert_null(strchr(text, '{'));
        cJSON_Delete(step);
    }
}

static void test_describe_with_little_room_ends_with_nul(void **state)
{
    char text[12];
    cJSON *step = cJSON_Parse("{\"do\":\"scan\",\"actor\":\"mina\",\"label\":{\"asset\":\"X-1\"}}");

    (void)state;
    sim_describe_step(step, text, sizeof(text));
    assert_string_equal(text, "mina scans ");
    cJSON_Delete(step);
}

static void test_make_folders_makes_parents_and_takes_what_is_there(void **state)
{
    char root[] = "/tmp/lockstock-folder-XXXXXX", path[100], file[100];
    struct kit_error err = { 0 };
    struct stat is;

    (void)state;
    assert_non_null(mkdtemp(root));
    (void)snprintf(path, sizeof(path), "%s/a//b/c/", root);
    assert_int_equal(sim_make_folders(path, &err), KIT_OK);
    assert_int_equal(sim_make_folders(path, &err), KIT_OK);
    assert_int_equal(stat(path, &is), 0);
    assert_true(S_ISDIR(is.st_mode));
    (void)snprintf(file, sizeof(file), "%s/a/file", root);
    FILE *out = fopen(file, "we");
    assert_non_null(out);
    assert_int_equal(fclose(out), 0);
    (void)snprintf(path, sizeof(path), "%s/a/file/b", root);
    assert_int_equal(sim_make_folders(path, &err), KIT_E_IO);
    assert_non_null(strstr(err.text, "a file of that name is there"));
    assert_int_equal(sim_make_folders("", &err), KIT_E_IO);
    assert_int_equal(unlink(file), 0);
    static const char *const made[] = { "/a/b/c", "/a/b", "/a", "" };
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s%s", root, made[i]);
        assert_int_equal(rmdir(path), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_describe_says_steps_in_words),
        cmocka_unit_test(test_describe_with_little_room_ends_with_nul),
        cmocka_unit_test(test_make_folders_makes_parents_and_takes_what_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
