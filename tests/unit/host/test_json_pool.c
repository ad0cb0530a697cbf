/* The pool under cJSON: trees that end, overlap, and are too large for it. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "fakes/cmocka_all.h"
#include "kit/process/json_pool.h"

static void test_pool_trees_give_everything_back(void **state)
{
    (void)state;
    for (int i = 0; i < 100000; i++) { /* far more than the block holds */
        cJSON *tree = cJSON_Parse("{\"a\":[1,2,{\"b\":\"text\"}]}");
        assert_non_null(tree);
        cJSON_Delete(tree);
    }
    assert_int_equal(kit_json_pool_live_count(), 0);
}

static void test_pool_overlapping_trees_stay_whole(void **state)
{
    (void)state;
    cJSON *outer = cJSON_Parse("{\"name\":\"outer\"}");
    for (int i = 0; i < 1000; i++)
        cJSON_Delete(cJSON_Parse("[\"inner\",\"inner\",\"inner\"]"));
    assert_string_equal(cJSON_GetObjectItem(outer, "name")->valuestring, "outer");
    cJSON_Delete(outer);
    assert_int_equal(kit_json_pool_live_count(), 0);
}

static void test_pool_too_large_tree_comes_from_the_heap(void **state)
{
    (void)state;
    char *text = malloc(4 * KIT_JSON_POOL_BYTES);
    assert_non_null(text);
    memset(text, 'x', 4 * KIT_JSON_POOL_BYTES);
    text[0] = text[4 * KIT_JSON_POOL_BYTES - 2] = '"';
    text[4 * KIT_JSON_POOL_BYTES - 1] = '\0';
    cJSON *tree = cJSON_Parse(text);
    assert_non_null(tree);
    assert_int_equal(strlen(tree->valuestring), 4 * KIT_JSON_POOL_BYTES - 3);
    cJSON_Delete(tree);
    assert_int_equal(kit_json_pool_live_count(), 0);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pool_trees_give_everything_back),
        cmocka_unit_test(test_pool_overlapping_trees_stay_whole),
        cmocka_unit_test(test_pool_too_large_tree_comes_from_the_heap),
    };
    kit_json_pool_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
