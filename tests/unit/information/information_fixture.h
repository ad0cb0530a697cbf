/* Information alone, on simulated ports. Include "fakes/cmocka_all.h" first. */
#ifndef TESTS_UNIT_INFORMATION_INFORMATION_FIXTURE_H
#define TESTS_UNIT_INFORMATION_INFORMATION_FIXTURE_H

#include "fakes/fakes.h"
#include "information/service.h"

struct fixture {
    struct fake_world *world;
    struct fake_service fake;
};

static int set_up(void **state)
{
    struct fixture *f = test_calloc(1, sizeof(*f));
    f->world = fake_world_new(7);
    f->fake = fake_service_open(f->world, &information_service, NULL, 0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    fake_service_close(&f->fake);
    fake_world_free(f->world);
    test_free(f);
    return 0;
}

#endif
