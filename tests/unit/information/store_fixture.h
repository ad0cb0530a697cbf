/* The tables of information in a SQLite file. Include "fakes/cmocka_all.h" first. */
#ifndef TESTS_UNIT_INFORMATION_STORE_FIXTURE_H
#define TESTS_UNIT_INFORMATION_STORE_FIXTURE_H

#include "fakes/fakes.h"
#include "information/store.h"

struct fixture {
    struct fake_world *world;
    char path[FAKE_PATH_SIZE];
    struct kit_service_ports ports;
    struct kit_db *db;
    struct information_store store;
};

static int set_up_world(void **state)
{
    static struct fixture fixture;

    fixture.world = fake_world_new(1);
    fixture.ports = fake_ports(fixture.world, "information", fixture.path);
    *state = &fixture;
    return 0;
}

/* Brings the file up to so many migrations. */
static void open_database(struct fixture *fixture, size_t migration_count)
{
    struct kit_error err = { 0 };
    assert_int_equal(kit_db_open(&fixture->db, &fixture->ports.store, information_migrations,
                                 migration_count, &err),
                     KIT_OK);
}

/* As a start of today does, with a transaction. */
static void open_store(struct fixture *fixture)
{
    struct kit_error err = { 0 };
    open_database(fixture, INFORMATION_MIGRATION_COUNT);
    assert_int_equal(information_store_open(&fixture->store, fixture->db, &err), KIT_OK);
    assert_int_equal(kit_db_begin(fixture->db, &err), KIT_OK);
}

static int set_up(void **state)
{
    (void)set_up_world(state);
    open_store(*state);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    information_store_close(&fixture->store);
    kit_db_rollback(fixture->db);
    kit_db_close(fixture->db);
    fake_world_free(fixture->world);
    return 0;
}

#endif
