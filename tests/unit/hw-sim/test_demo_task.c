/* Tasks of the demo: stories that give way to each other on one thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "demo/task.h"

#define LOG_SIZE 64

static char log_text[LOG_SIZE];

struct teller {
    struct sim_task task;
    char name;
    int lines;
};

static void say(char name, int line)
{
    size_t used = strlen(log_text);
    (void)snprintf(log_text + used, sizeof(log_text) - used, "%c%d ", name, line);
}

/* Gives way after each line, from within a function of its own. */
static void tell_line(struct teller *self, int line)
{
    say(self->name, line);
    sim_task_give_way(&self->task);
}

static void tell(void *arg)
{
    struct teller *self = arg;
    for (int line = 1; line <= self->lines; line++)
        tell_line(self, line);
}

static int set_up(void **state)
{
    (void)state;
    log_text[0] = '\0';
    return 0;
}

static void test_two_stories_take_turns_and_each_ends(void **state)
{
    struct teller a = { .name = 'a', .lines = 2 }, b = { .name = 'b', .lines = 1 };

    (void)state;
    sim_task_start(&a.task, tell, &a);
    sim_task_start(&b.task, tell, &b);
    assert_string_equal(log_text, ""); /* nothing begins before it is resumed */
    assert_true(sim_task_resume(&a.task));
    assert_true(sim_task_resume(&b.task));
    assert_true(sim_task_resume(&a.task));
    assert_false(sim_task_resume(&b.task));
    assert_false(sim_task_resume(&a.task));
    assert_string_equal(log_text, "a1 b1 a2 ");
}

static void test_one_that_is_over_stays_over(void **state)
{
    struct teller a = { .name = 'a', .lines = 0 };

    (void)state;
    sim_task_start(&a.task, tell, &a);
    assert_false(sim_task_resume(&a.task));
    assert_null(a.task.stack);
    assert_false(sim_task_resume(&a.task));
    assert_string_equal(log_text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_two_stories_take_turns_and_each_ends, set_up),
        cmocka_unit_test_setup(test_one_that_is_over_stays_over, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
