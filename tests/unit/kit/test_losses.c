/* What devices say that they dropped, summed (rules/devices.md 1.4, 3.1, 3.5). */
#include <stdio.h>
#include <string.h>

#include "fakes/cmocka_all.h"
#include "fakes/fakes.h"
#include "kit/device/losses.h"

static const struct kit_migration MIGRATIONS[] = { { "losses", KIT_LOSSES_MIGRATION } };

struct fixture {
    struct fake_world *world;
    struct kit_service_ports ports;
    struct kit_db *db;
    struct kit_losses losses;
    char path[FAKE_PATH_SIZE];
};

static void open_all(struct fixture *f)
{
    struct kit_error err = { 0 };
    assert_int_equal(kit_db_open(&f->db, &f->ports.store, MIGRATIONS, 1, &err), KIT_OK);
    assert_int_equal(kit_db_begin(f->db, &err), KIT_OK);
    assert_int_equal(kit_losses_open(&f->losses, f->db, &err), KIT_OK);
}

static void close_all(struct fixture *f)
{
    struct kit_error err = { 0 };
    assert_int_equal(kit_db_commit(f->db, &err), KIT_OK);
    kit_losses_close(&f->losses);
    kit_db_close(f->db);
}

static int set_up(void **state)
{
    struct fixture *f = test_calloc(1, sizeof(*f));
    f->world = fake_world_new(1);
    f->ports = fake_ports(f->world, "stock", f->path);
    open_all(f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    close_all(f);
    fake_world_free(f->world);
    test_free(f);
    return 0;
}

static void note(struct fixture *f, const char *device, const int64_t counts[KIT_LOSS_COUNT])
{
    struct kit_error err = { 0 };
    const struct msg_device_up up = { .bounced = counts[KIT_LOSS_BOUNCED],
                                      .unreadable = counts[KIT_LOSS_UNREADABLE],
                                      .overflowed = counts[KIT_LOSS_OVERFLOWED] };
    assert_int_equal(kit_losses_note(&f->losses, device, &up, &err), KIT_OK);
}

static void assert_sums(const struct fixture *f, int64_t bounced, int64_t unreadable,
                        int64_t overflowed)
{
    assert_int_equal(f->losses.sums[KIT_LOSS_BOUNCED], bounced);
    assert_int_equal(f->losses.sums[KIT_LOSS_UNREADABLE], unreadable);
    assert_int_equal(f->losses.sums[KIT_LOSS_OVERFLOWED], overflowed);
}

static void test_note_sums_the_last_word_of_each_device(void **state)
{
    struct fixture *f = *state;
    assert_sums(f, 0, 0, 0);
    note(f, "scanner-1", (const int64_t[]){ 5, 1, 0 });
    note(f, "scanner-2", (const int64_t[]){ 2, 0, 7 });
    assert_sums(f, 7, 1, 7);
    note(f, "scanner-1", (const int64_t[]){ 6, 1, 0 });
    note(f, "scanner-1", (const int64_t[]){ 6, 1, 0 });
    assert_sums(f, 8, 1, 7);
    note(f, "scanner-2", (const int64_t[]){ 0, 0, 0 }); /* its flash is new */
    assert_sums(f, 6, 1, 0);
}

static void test_forget_takes_a_device_out_of_the_sums(void **state)
{
    struct fixture *f = *state;
    struct kit_error err = { 0 };
    note(f, "locker-1", (const int64_t[]){ 0, 3, 2 });
    note(f, "locker-2", (const int64_t[]){ 0, 1, 0 });
    assert_int_equal(kit_losses_forget(&f->losses, "locker-1", &err), KIT_OK);
    assert_sums(f, 0, 1, 0);
    assert_int_equal(kit_losses_forget(&f->losses, "locker-1", &err), KIT_OK); /* nor any more */
    assert_sums(f, 0, 1, 0);
}

/* An item that fails takes back what its device said, and the batch may fail as a whole. */
static void test_note_that_is_undone_is_corrected_by_the_next(void **state)
{
    struct fixture *f = *state;
    struct kit_error err = { 0 };
    note(f, "scanner-1", (const int64_t[]){ 5, 1, 3 });
    assert_int_equal(kit_db_savepoint(f->db, &err), KIT_OK);
    note(f, "scanner-1", (const int64_t[]){ 6, 2, 4 });
    note(f, "scanner-2", (const int64_t[]){ 1, 1, 1 });
    assert_sums(f, 7, 3, 5);
    assert_int_equal(kit_db_rollback_to(f->db, &err), KIT_OK);
    note(f, "scanner-1", (const int64_t[]){ 5, 1, 3 }); /* nothing new, but somebody spoke */
    assert_sums(f, 5, 1, 3);
    note(f, "scanner-2", (const int64_t[]){ 1, 0, 0 });
    assert_sums(f, 6, 1, 3);
}

static void test_open_again_knows_them(void **state)
{
    struct fixture *f = *state;
    note(f, "scanner-1", (const int64_t[]){ 5, 1, 3 });
    close_all(f);
    open_all(f);
    assert_sums(f, 5, 1, 3);
}

/* A device may claim the largest number; a thousand of them do not end the service. */
static void test_note_of_huge_numbers_does_not_fail(void **state)
{
    struct fixture *f = *state;
    static const int64_t huge[] = { INT64_C(9007199254740991), INT64_C(9007199254740991), 0 };
    char name[16];
    for (int i = 0; i < 1100; i++) {
        snprintf(name, sizeof(name), "s-%d", i);
        note(f, name, huge);
    }
    assert_sums(f, INT64_C(1100) * 1000000000000, INT64_C(1100) * 1000000000000, 0);
    note(f, "s-0", (const int64_t[]){ 1, 2, 3 }); /* and none of it sticks */
    assert_sums(f, INT64_C(1099) * 1000000000000 + 1, INT64_C(1099) * 1000000000000 + 2, 3);
}

static void test_metrics_name_each_reason(void **state)
{
    struct fixture *f = *state;
    struct kit_buf out;
    note(f, "scanner-1", (const int64_t[]){ 5, 1, 3 });
    kit_buf_init(&out, 4096);
    kit_losses_metrics(&f->losses, &out);
    static const char *const lines[] = {
        "device_reads_dropped gauge\n", "lockstock_device_reads_dropped{reason=\"bounced\"} 5\n",
        "lockstock_device_reads_dropped{reason=\"unreadable\"} 1\n",
        "lockstock_device_reads_dropped{reason=\"overflowed\"} 3\n"
    };
    for (size_t i = 0; i < KIT_COUNT(lines); i++)
        assert_non_null(strstr(out.data, lines[i]));
    kit_buf_done(&out);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_note_sums_the_last_word_of_each_device),
        TEST(test_forget_takes_a_device_out_of_the_sums),
        TEST(test_note_that_is_undone_is_corrected_by_the_next),
        TEST(test_open_again_knows_them),
        TEST(test_note_of_huge_numbers_does_not_fail),
        TEST(test_metrics_name_each_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
