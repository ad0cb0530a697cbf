/* Disks that lose, lie and rot: what the simulated one does (fakes/sim_disk.h), and what a service
 * does with a database in which a bit has changed by itself, as far as SQLite notices. */
#include "fakes/sim_disk.h"
#include "thing_fixture.h"

#define PATH "thing/thing.db"
#define FILE_NAME "thing.db"
#define PAGE_BYTES 4096
#define HEADER_BYTES 100 /* of the whole database, at the begin of its first page */

struct rig {
    struct fake_world *world;
    struct sim_disk *disk;
    struct fake_service thing; /* its service is NULL while it does not run */
};

static int start(struct rig *rig, struct kit_error *err)
{
    struct kit_service_ports ports = fake_ports(rig->world, "thing", rig->thing.path);
    ports.store = (struct kit_store_port){ .path = PATH, .vfs = SIM_DISK_VFS };
    const struct kit_service_setup setup = { .instance = "thing", .ports = &ports };
    const int rc = kit_service_new(&rig->thing.service, &thing_service, &setup, err);
    if (rc == KIT_OK)
        kit_service_on_link(rig->thing.service, true);
    return rc;
}

static void stop(struct rig *rig)
{
    kit_service_free(rig->thing.service);
    rig->thing.service = NULL;
}

/* The power goes: what was committed is there, if the disk has done what it said. */
static void lose_power(struct rig *rig)
{
    struct kit_error err;
    sim_disk_die(rig->disk, SIM_DISK_POWER_ALL);
    stop(rig);
    sim_disk_restart(rig->disk);
    assert_int_equal(start(rig, &err), KIT_OK);
}

static int set_up_rig(void **state)
{
    static bool is_registered;
    struct kit_error err;
    struct rig *rig = test_calloc(1, sizeof(*rig));
    if (!is_registered)
        sim_disk_register();
    is_registered = true;
    rig->world = fake_world_new(7);
    rig->disk = sim_disk_new("thing", 1);
    rig->thing = (struct fake_service){ .world = rig->world, .desc = &thing_service };
    assert_int_equal(start(rig, &err), KIT_OK);
    *state = rig;
    return 0;
}

static int tear_down_rig(void **state)
{
    struct rig *rig = *state;
    stop(rig);
    sim_disk_free(rig->disk);
    fake_world_free(rig->world);
    test_free(rig);
    return 0;
}

static void add(struct rig *rig, const char *key)
{
    const struct fake_message *reply = fake_request(&rig->thing, "bridge", "add", key,
                                                    "{\"id\":5}");
    assert_non_null(reply);
    assert_string_equal(reply->status, "ok");
}

static int64_t count(struct rig *rig)
{
    return fake_sql_int(&rig->thing, "SELECT count(*) FROM thing");
}

/* ---- the disk ---- */

static void test_power_cut_keeps_what_was_synced(void **state)
{
    struct rig *rig = *state;
    add(rig, "k1");
    lose_power(rig);
    assert_int_equal(count(rig), 1);
}

static void test_power_cut_of_a_lying_disk_loses_what_was_answered(void **state)
{
    struct rig *rig = *state;
    sim_disk_lie(rig->disk, true);
    add(rig, "k1");
    lose_power(rig);
    assert_int_equal(count(rig), 0);
}

static void test_cut_makes_a_copy_and_leaves_the_disk_alone(void **state)
{
    struct rig *rig = *state;
    struct kit_error err;
    struct kit_db *db = NULL;
    const struct kit_store_port port = { .path = "copy/" FILE_NAME, .vfs = SIM_DISK_VFS };
    struct sim_disk *copy = sim_disk_new("copy", 1);
    add(rig, "k1");
    sim_disk_lie(rig->disk, true);
    add(rig, "k2");
    for (int death = SIM_DISK_KILL; death <= SIM_DISK_POWER_ALL; death++) {
        sim_disk_cut(copy, rig->disk, (enum sim_disk_death)death);
        assert_int_equal(
            kit_db_open(&db, &port, thing_service.migrations, thing_service.migration_count, &err),
            KIT_OK);
        kit_db_close(db);
    }
    sim_disk_free(copy);
    assert_int_equal(count(rig), 2);
    lose_power(rig);
    assert_int_equal(count(rig), 1);
}

static int told[SIM_DISK_DELETE + 1];
static int64_t changes_before;

static void note(void *self, const struct sim_disk *disk, enum sim_disk_change change)
{
    assert_ptr_equal(self, told);
    assert_int_equal(sim_disk_changes(disk), changes_before++);
    assert_string_equal(sim_disk_name(disk), "thing");
    told[change]++;
}

static void test_watch_is_told_of_each_change_before_it(void **state)
{
    struct rig *rig = *state;
    changes_before = sim_disk_changes(rig->disk);
    sim_disk_watch(note, told);
    add(rig, "k1");
    sim_disk_watch(NULL, NULL);
    assert_true(told[SIM_DISK_WRITE] > 1);
    assert_int_equal(told[SIM_DISK_SYNC], 1); /* one commit */
    assert_int_equal(changes_before, sim_disk_changes(rig->disk));
}

static void test_flip_changes_one_bit_for_good(void **state)
{
    struct rig *rig = *state;
    size_t size = 0;
    stop(rig);
    const unsigned char was = ((const unsigned char *)sim_disk_get(rig->disk, FILE_NAME, &size))[9];
    sim_disk_flip(rig->disk, FILE_NAME, 9, 3);
    sim_disk_die(rig->disk, SIM_DISK_POWER_ALL);
    sim_disk_restart(rig->disk);
    const unsigned char *is = sim_disk_get(rig->disk, FILE_NAME, &size);
    assert_int_equal(is[9], was ^ 8);
    sim_disk_flip(rig->disk, FILE_NAME, 9, 3);
}

/* ---- what a service does ---- */

static void expect_sentence(const struct kit_error *err)
{
    assert_int_equal(kit_code_action(err->code), KIT_ACTION_STOP);
    assert_non_null(strstr(err->text, "from a backup"));
}

static void test_flip_in_the_magic_number_ends_the_start_with_advice(void **state)
{
    struct rig *rig = *state;
    struct kit_error err = { 0 };
    stop(rig);
    sim_disk_flip(rig->disk, FILE_NAME, 0, 0);
    assert_int_equal(start(rig, &err), KIT_E_CORRUPT);
    expect_sentence(&err);
}

static void flip_root_page(struct rig *rig, const char *table)
{
    char sql[100];
    struct kit_error err;
    snprintf(sql, sizeof(sql), "SELECT rootpage FROM sqlite_schema WHERE name = '%s'", table);
    const int64_t page = fake_sql_int(&rig->thing, sql);
    stop(rig);
    sim_disk_flip(rig->disk, FILE_NAME, (size_t)(page - 1) * PAGE_BYTES, 1);
    assert_int_equal(start(rig, &err), KIT_OK);
}

static void test_flip_in_a_page_in_use_ends_the_service_and_answers_nobody(void **state)
{
    struct rig *rig = *state;
    struct kit_error err = { 0 };
    add(rig, "k1");
    flip_root_page(rig, "thing");
    fake_world_forget(rig->world);
    const struct fake_message *reply = fake_request(&rig->thing, "bridge", "add", "k2",
                                                    "{\"id\":5}");
    assert_true(reply == NULL || strcmp(reply->status, "ok") != 0);
    assert_int_equal(kit_service_failure(rig->thing.service, &err), KIT_E_CORRUPT);
    expect_sentence(&err);
    assert_int_equal(fake_count(rig->world, "lockstock/v1/stream/thing"), 0);
}

static void test_read_that_fails_ends_the_service_and_answers_nobody(void **state)
{
    struct rig *rig = *state;
    struct kit_error err = { 0 };
    add(rig, "k1");
    stop(rig);
    assert_int_equal(start(rig, &err), KIT_OK);
    fake_world_forget(rig->world);
    sim_disk_fail_in(rig->disk, 1, 1000, SIM_DISK_READ);
    const struct fake_message *reply = fake_request(&rig->thing, "bridge", "add", "k2",
                                                    "{\"id\":5}");
    assert_true(reply == NULL || strcmp(reply->status, "ok") != 0);
    assert_int_equal(kit_service_failure(rig->thing.service, &err), KIT_E_IO);
    stop(rig);
    sim_disk_fail_in(rig->disk, 0, 0, SIM_DISK_READ);
    assert_int_equal(start(rig, &err), KIT_OK);
    assert_int_equal(count(rig), 1);
}

/* Anywhere: the start fails or the service ends, with a sentence, or SQLite does not see it. */
static void test_flip_anywhere_is_told_with_a_sentence_or_not_seen(void **state)
{
    struct rig *rig = *state;
    size_t size = 0, seen = 0;
    add(rig, "k1");
    stop(rig);
    (void)sim_disk_get(rig->disk, FILE_NAME, &size);
    struct sim_disk *sound = sim_disk_new("sound", 1);
    sim_disk_cut(sound, rig->disk, SIM_DISK_KILL);
    for (size_t at = 0; at < size; at += at < HEADER_BYTES ? 1 : 41) {
        struct kit_error err = { 0 };
        fake_world_forget(rig->world);
        sim_disk_cut(rig->disk, sound, SIM_DISK_KILL);
        sim_disk_flip(rig->disk, FILE_NAME, at, (unsigned)at % 8);
        if (start(rig, &err) == KIT_OK) {
            (void)fake_request(&rig->thing, "bridge", "add", "k2", "{\"id\":5}");
            (void)kit_service_failure(rig->thing.service, &err);
        }
        stop(rig);
        seen += err.code != KIT_OK;
        if (err.code != KIT_OK)
            expect_sentence(&err);
    }
    sim_disk_free(sound);
    assert_true(seen > 20);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up_rig, tear_down_rig)
    const struct CMUnitTest tests[] = {
        TEST(test_power_cut_keeps_what_was_synced),
        TEST(test_power_cut_of_a_lying_disk_loses_what_was_answered),
        TEST(test_cut_makes_a_copy_and_leaves_the_disk_alone),
        TEST(test_watch_is_told_of_each_change_before_it),
        TEST(test_flip_changes_one_bit_for_good),
        TEST(test_flip_in_the_magic_number_ends_the_start_with_advice),
        TEST(test_flip_in_a_page_in_use_ends_the_service_and_answers_nobody),
        TEST(test_read_that_fails_ends_the_service_and_answers_nobody),
        TEST(test_flip_anywhere_is_told_with_a_sentence_or_not_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
