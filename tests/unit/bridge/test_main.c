/* The bridge as a process: what it refuses to start with, and how it ends. It has no broker unless
 * a test gives it one. */
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fakes/cmocka_all.h"
#include "kit/base/check.h"
#include "unit/host/broker.h"
#include "unit/host/http_get.h"

#define ARGUMENTS_MAX 16
#define TRIES_MAX 4000
#define TRY_PAUSE_MS 5
#define POST_RENTAL                                                                                \
    "POST /rentals HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"              \
    "Content-Length: 23\r\n\r\n{\"productId\":1,\"qty\":2}"

static char folder[64], base_port[16], log_text[16384], response[HTTP_RESPONSE_SIZE];
static size_t response_size;
static int port_of_bridge;

static int setup(void **state)
{
    (void)state;
    static int number;
    snprintf(folder, sizeof(folder), "/tmp/lockstock-bridge-XXXXXX");
    port_of_bridge = 10000 + (getpid() * 7 + ++number * 97) % 20000;
    snprintf(base_port, sizeof(base_port), "%d", port_of_bridge);
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static int teardown(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* With options up to a NULL; files: how many may be open at most, 0: as here. */
static pid_t start(rlim_t files, const char *const *options)
{
    char log[128];
    const char *arguments[ARGUMENTS_MAX] = { BRIDGE_PROGRAM, "--base-port", base_port };
    for (int i = 3; *options != NULL; options++)
        arguments[i++] = *options;
    snprintf(log, sizeof(log), "%s/log", folder);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setenv("LOCKSTOCK_RUN_DIR", folder, 1); /* options beat these */
    setenv("LOCKSTOCK_MQTT_PORT", "1", 1);
    /* Appending, as another one may write there, too: an offset of its own would leave a hole. */
    dup2(open(log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600), STDERR_FILENO);
    if (files != 0)
        setrlimit(RLIMIT_NOFILE, &(struct rlimit){ files, files });
    execv(arguments[0], (char *const *)(uintptr_t)arguments);
    _exit(127);
}

static void read_log(void)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/log", folder);
    FILE *file = fopen(path, "r");
    log_text[0] = '\0';
    if (file == NULL)
        return;
    log_text[fread(log_text, 1, sizeof(log_text) - 1, file)] = '\0';
    fclose(file);
}

static int wait_exit(pid_t pid)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    read_log();
    return WEXITSTATUS(status);
}

static void until_logged(const char *text)
{
    for (int i = 0; i < TRIES_MAX; i++) {
        read_log();
        if (strstr(log_text, text) != NULL)
            return;
        poll(NULL, 0, TRY_PAUSE_MS);
    }
    fail_msg("waited in vain for %s in:\n%s", text, log_text);
}

/* true: it was answered so; false: the connection ended, or nothing came in so many tries. */
static bool is_answered(int fd, const char *text, int tries)
{
    for (int i = 0; i < tries; i++) {
        const bool is_closed = http_read(fd, response, &response_size);
        response[response_size] = '\0';
        if (strstr(response, text) != NULL)
            return true;
        if (is_closed)
            return false;
        poll(NULL, 0, TRY_PAUSE_MS);
    }
    return false;
}

static int ask(const char *request)
{
    const int fd = http_open(port_of_bridge);
    response_size = 0;
    http_send(fd, request, strlen(request));
    return fd;
}

static void test_main_without_a_broker_says_so_to_clients_and_ends_in_order(void **state)
{
    (void)state;
    const pid_t pid = start(0, (const char *[]){ NULL });
    until_logged("\"started\"");
    int fd = ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_true(is_answered(fd, "HTTP/1.1 200 ", TRIES_MAX));
    close(fd);
    fd = ask(POST_RENTAL);
    assert_true(is_answered(fd, "HTTP/1.1 503 ", TRIES_MAX));
    assert_non_null(strstr(response, "Retry-After: "));
    close(fd);
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(wait_exit(pid), 0);
    assert_non_null(strstr(log_text, "\"stopping\""));
}

static void test_main_with_what_cannot_work_refuses_with_a_sentence(void **state)
{
    (void)state;
    static const struct {
        rlim_t files;
        const char *option, *value, *said;
        int status;
    } rows[] = {
        { 0, "--listen", "shop", "is not an address to listen on", 69 },
        { 0, "--pages", "/nowhere", "--pages /nowhere", 69 },
        { 0, "--streams-max", "0", "streams-max", 64 },
        { 0, "--request-timeout-ms", "9", "request-timeout-ms", 64 },
        { 2128, "--streams-max", "4", "ulimit -Hn", 69 },
    };
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        const char *const options[] = { rows[i].option, rows[i].value, NULL };
        assert_int_equal(wait_exit(start(rows[i].files, options)), rows[i].status);
        if (strstr(log_text, rows[i].said) == NULL)
            fail_msg("%s is not said in: %s", rows[i].said, log_text);
    }
}

static void test_main_second_one_on_the_same_ports_is_refused(void **state)
{
    (void)state;
    const pid_t pid = start(0, (const char *[]){ NULL });
    until_logged("\"started\"");
    char other[80];
    snprintf(other, sizeof(other), "%s/other", folder);
    assert_int_equal(wait_exit(start(0, (const char *[]){ "--run-dir", other, NULL })), 69);
    assert_non_null(strstr(log_text, "is in use; stop what uses it"));
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(wait_exit(pid), 0);
}

static void test_main_with_few_files_has_fewer_readers_and_says_so(void **state)
{
    (void)state;
    const pid_t pid = start(2200, (const char *[]){ NULL });
    until_logged("\"started\"");
    assert_non_null(strstr(log_text, "few_descriptors"));
    assert_non_null(strstr(log_text, "so there may be 72 readers")); /* 2200 - 2000 - 128 */
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(wait_exit(pid), 0);
}

/* What waits when the process is told to end is answered, not cut off. */
static void test_main_that_ends_answers_what_waits(void **state)
{
    (void)state;
    struct broker broker = { 0 };
    char port[16];
    broker_start(&broker, "allow_anonymous true\n");
    broker_publish(&broker, "-t", "lockstock/v1/service/rental/state", "-r", "-q", "1", "-m",
                   "{\"status\":\"online\",\"epoch\":1}", NULL);
    snprintf(port, sizeof(port), "%d", broker.port);
    const pid_t pid = start(
        0, (const char *[]){ "--mqtt-port", port, "--request-timeout-ms", "60000", NULL });
    until_logged("\"started\"");
    int fd = -1;
    bool is_waiting = false;
    for (int i = 0; !is_waiting && i < TRIES_MAX;
         i++) { /* until it has heard that rental is there */
        if (fd >= 0)
            close(fd);
        fd = ask(POST_RENTAL);
        is_waiting = !is_answered(fd, "HTTP/1.1 503 ", 40);
    }
    assert_int_equal(response_size, 0);
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_true(is_answered(fd, "HTTP/1.1 503 ", TRIES_MAX));
    assert_non_null(strstr(response, "Connection: close"));
    close(fd);
    assert_int_equal(wait_exit(pid), 0);
    broker_done(&broker);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_main_without_a_broker_says_so_to_clients_and_ends_in_order),
        TEST(test_main_with_what_cannot_work_refuses_with_a_sentence),
        TEST(test_main_second_one_on_the_same_ports_is_refused),
        TEST(test_main_with_few_files_has_fewer_readers_and_says_so),
        TEST(test_main_that_ends_answers_what_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
