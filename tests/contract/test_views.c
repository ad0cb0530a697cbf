/* What the bridge shows of an answer keeps the promise of its http.* schema: every good answer of a
 * service, shown, is a good HTTP body; every bad one is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/views.h"
#include "fakes/cmocka_all.h"
#include "kit/json/codec.h"
#include "kit/json/gate.h"
#include "vectors.h"

static struct vector_folders folders;

struct pair {
    const char *answer, *shown;
    route_show_cb show;
};

static const struct pair PAIRS[] = {
    { "rpc.product.response", "http.product", product_show },
    { "rpc.product-list.response", "http.product-list", product_show_list },
    { "rpc.rental.response", "http.rental", rental_show },
    { "rpc.rental-list.response", "http.rental-list", rental_show_list },
    { "rpc.delivery.response", "http.delivery", delivery_show },
    { "rpc.delivery-list.response", "http.delivery-list", delivery_show_list },
    { "rpc.order.response", "http.order", order_show },
    { "rpc.order-list.response", "http.order-list", order_show_list },
    { "rpc.order-search.response", "http.order-search", order_show_search },
    { "rpc.asset-search.response", "http.asset-search", asset_show_search },
    { "rpc.product-search.response", "http.product-search", product_show_search },
    { "rpc.asset.response", "http.asset", asset_show },
    { "rpc.asset-list.response", "http.asset-list", asset_show_list },
    { "rpc.pick-list.response", "http.pick-list", pick_show_list },
    { "rpc.verdict.response", "http.verdict", verdict_show },
    { "rpc.locker.response", "http.locker", locker_show },
    { "rpc.locker-list.response", "http.locker-list", locker_show_list },
};

static const struct kit_codec *codec_named(const char *name)
{
    for (size_t i = 0; i < kit_codec_count; i++) {
        if (strcmp(kit_codecs[i].name, name) == 0)
            return &kit_codecs[i];
    }
    fail_msg("there is no schema %s", name);
    return NULL;
}

static void check_shown(const struct pair *pair, const struct vector *vector,
                        const struct kit_buf *shown)
{
    const struct kit_codec *codec = codec_named(pair->shown);
    struct kit_error err = { 0 };
    cJSON *root = NULL;
    void *message = calloc(1, codec->size_bytes);

    assert_non_null(message);
    if (kit_json_parse(shown->data, shown->size_bytes, 1 << 20, &root, &err) != KIT_OK ||
        codec->decode(root, message, &err) != KIT_OK)
        fail_msg("%s/%s shows %s: %s", pair->answer, vector->name, shown->data, err.text);
    cJSON_Delete(root);
    free(message);
}

static int show(const struct pair *pair, const struct vector *vector, struct kit_buf *ret_shown)
{
    const struct exchange exchange = {
        .place = { .host = "localhost:8080", .collection = "/things", .query = "" },
        .page = { .size = 100 }
    };
    struct kit_error err = { 0 };
    cJSON *root = NULL;
    int64_t id = 0;

    int rc = kit_json_parse(vector->text, vector->size_bytes, 1 << 20, &root, &err);
    if (rc != KIT_OK)
        return rc;
    rc = pair->show(&exchange, root, ret_shown, &id, &err);
    cJSON_Delete(root);
    return rc;
}

static void check_vector(const struct pair *pair, const struct vector *vector)
{
    struct kit_buf shown;

    if (vector_is_gate(vector))
        return; /* never reaches a view */
    kit_buf_init(&shown, 1 << 20);
    int rc = show(pair, vector, &shown);
    if (vector_is_ok(vector)) {
        assert_int_equal(rc, KIT_OK);
        check_shown(pair, vector, &shown);
    } else {
        assert_int_equal(rc, KIT_E_INVALID);
    }
    kit_buf_done(&shown);
}

static void test_every_answer_shown_keeps_its_schema(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(PAIRS); i++) {
        static struct vector_list vectors;
        assert_null(vectors_load(&folders, PAIRS[i].answer, &vectors));
        assert_true(vectors.count >= 3);
        for (size_t k = 0; k < vectors.count; k++)
            check_vector(&PAIRS[i], &vectors.items[k]);
        vectors_free(&vectors);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_answer_shown_keeps_its_schema),
    };
    if (argc != 3) {
        fprintf(stderr, "usage: contract_views SCHEMA_DIR DERIVED_DIR\n");
        return 64;
    }
    folders = (struct vector_folders){ argv[1], argv[2] };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
