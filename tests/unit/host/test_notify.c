/* What systemd is told: READY=1 once, WATCHDOG=1 in time, STOPPING=1 at the end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fakes/cmocka_all.h"
#include "kit/process/notify.h"

struct listener {
    int fd;
    char folder[32];
    char path[48];
    const char *why; /* the process is not ready; NULL: it is */
};

static const char *not_ready(void *context)
{
    const struct listener *listener = context;
    return listener->why;
}

static int set_up(void **state)
{
    static struct listener listener;
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    listener = (struct listener){ .folder = "/tmp/notify-XXXXXX", .why = "no broker" };
    assert_non_null(mkdtemp(listener.folder));
    snprintf(listener.path, sizeof(listener.path), "%s/socket", listener.folder);
    memcpy(address.sun_path, listener.path, strlen(listener.path));
    listener.fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_int_equal(bind(listener.fd, (struct sockaddr *)&address, sizeof(address)), 0);
    setenv("NOTIFY_SOCKET", listener.path, 1);
    *state = &listener;
    return 0;
}

static int tear_down(void **state)
{
    struct listener *listener = *state;
    close(listener->fd);
    unlink(listener->path);
    rmdir(listener->folder);
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    return 0;
}

/* The next word is this one; "": nothing more was said. */
static void assert_said(const struct listener *listener, const char *wanted)
{
    char text[64] = "";
    const ssize_t got = recv(listener->fd, text, sizeof(text) - 1, MSG_DONTWAIT);
    text[got > 0 ? got : 0] = '\0';
    assert_string_equal(text, wanted);
}

static struct kit_notify opened(struct listener *listener)
{
    struct kit_notify notify;
    assert_true(kit_notify_open(&notify));
    notify.not_ready = not_ready;
    notify.context = listener;
    return notify;
}

static void test_notify_ready_is_said_once_when_it_is_so(void **state)
{
    struct listener *listener = *state;
    struct kit_notify notify = opened(listener);

    assert_int_equal(kit_notify_tick(&notify, 1000), 1050);
    assert_said(listener, "");
    listener->why = NULL;
    assert_int_equal(kit_notify_tick(&notify, 1050), INT64_MAX);
    assert_said(listener, "READY=1");
    (void)kit_notify_tick(&notify, 1100);
    assert_said(listener, "");
    kit_notify_close(&notify);
    assert_said(listener, "STOPPING=1");
    assert_int_equal(kit_notify_tick(&notify, 1200), INT64_MAX);
}

static void test_notify_watchdog_is_fed_twice_as_often_as_is_wanted(void **state)
{
    struct listener *listener = *state;
    setenv("WATCHDOG_USEC", "3000000", 1);
    struct kit_notify notify = opened(listener);

    listener->why = NULL;
    assert_int_equal(kit_notify_tick(&notify, 1000), 2500);
    assert_said(listener, "READY=1");
    assert_said(listener, "WATCHDOG=1");
    (void)kit_notify_tick(&notify, 2499);
    assert_said(listener, "");
    (void)kit_notify_tick(&notify, 2500);
    assert_said(listener, "WATCHDOG=1");
    kit_notify_close(&notify);
}

/* As when a machine starts, and everybody tells systemd at once. */
static void test_notify_ready_is_said_again_when_nobody_had_room_for_it(void **state)
{
    struct listener *listener = *state;
    struct kit_notify notify = opened(listener);
    char text[64];
    int others = 0;

    while (send(notify.fd, "OTHER=1", strlen("OTHER=1"), MSG_DONTWAIT) > 0)
        others++;
    assert_true(others > 0);
    listener->why = NULL;
    assert_int_equal(kit_notify_tick(&notify, 1000), 1050);
    for (int i = 0; i < others; i++)
        assert_true(recv(listener->fd, text, sizeof(text), MSG_DONTWAIT) > 0);
    assert_int_equal(kit_notify_tick(&notify, 1050), INT64_MAX);
    assert_said(listener, "READY=1");
    assert_said(listener, "");
    kit_notify_close(&notify);
}

static void test_notify_what_is_meant_for_another_is_passed_over(void **state)
{
    struct listener *listener = *state;
    setenv("WATCHDOG_USEC", "3000000", 1);
    setenv("WATCHDOG_PID", "1", 1);
    struct kit_notify notify = opened(listener);

    assert_int_equal(notify.watchdog_ms, 0);
    assert_null(getenv("NOTIFY_SOCKET")); /* no child speaks for us */
    assert_null(getenv("WATCHDOG_USEC"));
    kit_notify_close(&notify);
    static const char *const wrong[] = { "", "/", "relative", "/tmp/nobody-listens-here" };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        setenv("NOTIFY_SOCKET", wrong[i], 1);
        assert_false(kit_notify_open(&notify));
        assert_int_equal(kit_notify_tick(&notify, 5), INT64_MAX);
        kit_notify_close(&notify);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_notify_ready_is_said_once_when_it_is_so, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_notify_ready_is_said_again_when_nobody_had_room_for_it,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_notify_watchdog_is_fed_twice_as_often_as_is_wanted,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_notify_what_is_meant_for_another_is_passed_over,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
