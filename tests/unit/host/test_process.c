/* A whole process around a small service: how it starts, what it refuses, how it ends. The test
 * runs itself again as that process. */
#include "broker.h"
#include "fakes/cmocka_all.h"
#include "http_get.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/process/main.h"
#include "kit/process/process.h"

#define ARGUMENTS_MAX 24
#define TRIES_MAX 4000
#define TRY_PAUSE_MS 5

static char folder[64];
static char response[HTTP_RESPONSE_SIZE];
static char log_text[16384];
static char admin_path[160];

/* ---- the service ---- */

static int64_t seen_limit;

static int probe_open(void *app, struct kit_service *service, struct kit_error *err)
{
    (void)app;
    (void)err;
    seen_limit = kit_service_setting(service, "limit");
    return KIT_OK;
}

static void probe_close(void *app)
{
    (void)app;
}

static void probe_metrics(void *app, struct kit_buf *out)
{
    (void)app;
    kit_metric_int(out, "probe_limit", "", seen_limit);
}

static const struct kit_option probe_settings[] = {
    { .name = "limit", .kind = KIT_OPTION_INT, .fallback = "7", .min = 1, .max = 9, .help = "any" },
};

static int run_probe(int argc, char **argv)
{
    static const struct kit_service_desc desc = { .name = "probe",
                                                  .app_size_bytes = 8,
                                                  .open = probe_open,
                                                  .close = probe_close,
                                                  .metrics = probe_metrics };
    static const struct kit_process process = { .purpose = "a service for tests",
                                                .examples = "",
                                                .settings = probe_settings,
                                                .setting_count = 1 };
    return kit_service_main(argc, argv, &desc, &process);
}

/* ---- running it ---- */

static void path_of(const char *name, char ret[128])
{
    snprintf(ret, 128, "%s/%s", folder, name);
}

/* Arguments up to a NULL. The process's stderr goes to <folder>/log. */
static pid_t start(const char *first, ...)
{
    char log[128];
    const char *arguments[ARGUMENTS_MAX] = { "probe" };
    int count = 1;
    va_list rest;
    va_start(rest, first);
    for (const char *next = first; next != NULL; next = va_arg(rest, const char *)) {
        assert_true(count < ARGUMENTS_MAX - 1);
        arguments[count++] = next;
    }
    va_end(rest);
    path_of("log", log);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(fd, STDERR_FILENO);
    execv("/proc/self/exe", (char *const *)(uintptr_t)arguments);
    _exit(127);
}

static int wait_exit(pid_t pid)
{
    char log[128];
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    path_of("log", log);
    FILE *file = fopen(log, "r");
    assert_non_null(file);
    size_t got = fread(log_text, 1, sizeof(log_text) - 1, file);
    log_text[got] = '\0';
    fclose(file);
    return WEXITSTATUS(status);
}

/* Waits for the admin socket, which is listened at when it appears. */
static void wait_admin(const char *run_dir)
{
    snprintf(admin_path, sizeof(admin_path), "%s/lockstock-probe.sock", run_dir);
    for (int i = 0; access(admin_path, F_OK) != 0; i++) {
        assert_true(i < TRIES_MAX);
        poll(NULL, 0, TRY_PAUSE_MS); /* waits for another process */
    }
}

static void pause_turn(void *context)
{
    (void)context;
    poll(NULL, 0, TRY_PAUSE_MS);
}

static int ask(const char *method, const char *path)
{
    char request[256];
    snprintf(request, sizeof(request), "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
             method, path);
    return http_request(http_open_at(admin_path), request, pause_turn, NULL, response);
}

static void remove_tree(const char *path)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    char below[512];
    if (dir == NULL) {
        unlink(path);
        return;
    }
    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(below, sizeof(below), "%.200s/%.250s", path, entry->d_name);
        remove_tree(below);
    }
    closedir(dir);
    rmdir(path);
}

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/lockstock-process-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    remove_tree(folder);
    return 0;
}

/* ---- tests ---- */

static void test_main_runs_until_sigterm_and_cleans_up(void **state)
{
    (void)state;
    struct broker broker = { 0 };
    char port[16];
    char db[128];
    char run_dir[128];
    broker_start(&broker, "allow_anonymous true\n");
    snprintf(port, sizeof(port), "%d", broker.port);
    path_of("new/folder/probe.db", db); /* its folders are made */
    path_of("run", run_dir);
    pid_t pid = start("--db", db, "--mqtt-port", port, "--run-dir", run_dir, "--limit", "8", NULL);
    wait_admin(run_dir);
    assert_int_equal(ask("GET", "/livez"), 200);
    for (int i = 0; ask("GET", "/readyz") != 200; i++)
        assert_true(i < TRIES_MAX);

    assert_int_equal(ask("GET", "/metrics"), 200);
    assert_non_null(strstr(response, "\nlockstock_bus_up 1\n"));
    assert_non_null(strstr(response, "\nlockstock_probe_limit 8\n"));
    assert_non_null(strstr(response, "lockstock_build_info{process=\"lockstock-probe\",version="));
    assert_non_null(strstr(response, "\nlockstock_process_resident_bytes "));

    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(wait_exit(pid), 0);
    assert_non_null(strstr(log_text, "\"stopped\""));
    assert_int_equal(access(admin_path, F_OK), -1);
    assert_int_equal(access(db, F_OK), 0);
    broker_done(&broker);
}

static void test_main_without_a_broker_is_alive_but_not_ready(void **state)
{
    (void)state;
    char db[128];
    path_of("probe.db", db);
    pid_t pid = start("--db", db, "--mqtt-port", "1", "--run-dir", folder, NULL);
    wait_admin(folder);
    assert_int_equal(ask("GET", "/livez"), 200);
    assert_int_equal(ask("GET", "/readyz"), 503);
    assert_non_null(strstr(response, "no connection to the broker"));
    assert_int_equal(ask("GET", "/metrics"), 200);
    assert_non_null(strstr(response, "\nlockstock_bus_up 0\n"));
    assert_int_equal(kill(pid, SIGINT), 0);
    assert_int_equal(wait_exit(pid), 0);
}

static void test_main_dead_letters_routes(void **state)
{
    (void)state;
    char db[128];
    path_of("probe.db", db);
    pid_t pid = start("--db", db, "--mqtt-port", "1", "--run-dir", folder, NULL);
    wait_admin(folder);
    assert_int_equal(ask("GET", "/dead-letters"), 200);
    assert_non_null(strstr(response, "\r\n\r\n[]"));
    assert_int_equal(ask("POST", "/dead-letters/17/retry"), 404);
    assert_non_null(strstr(response, "{\"status\":\"not_found\",\"text\":\""));
    assert_int_equal(ask("POST", "/dead-letters/17/skip"), 404);
    assert_int_equal(ask("POST", "/dead-letters/17/burn"), 404);
    assert_non_null(strstr(response, "<id>/retry"));
    assert_int_equal(ask("POST", "/dead-letters/x/retry"), 404);
    assert_int_equal(ask("POST", "/dead-letters/99999999999999999999/retry"), 404);
    assert_int_equal(ask("POST", "/dead-letters"), 404);
    assert_int_equal(ask("GET", "/dead-letters/17"), 404);
    assert_int_equal(ask("DELETE", "/dead-letters"), 405);
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(wait_exit(pid), 0);
}

static void test_main_second_copy_exits_75(void **state)
{
    (void)state;
    char db[128];
    path_of("probe.db", db);
    pid_t first = start("--db", db, "--mqtt-port", "1", "--run-dir", folder, NULL);
    wait_admin(folder);
    assert_int_equal(wait_exit(start("--db", db, "--mqtt-port", "1", NULL)), 75);
    assert_non_null(strstr(log_text, "another copy"));
    assert_int_equal(kill(first, SIGTERM), 0);
    assert_int_equal(wait_exit(first), 0);
}

static void test_main_wrong_settings_exit_64(void **state)
{
    (void)state;
    assert_int_equal(wait_exit(start(NULL)), 64);
    assert_non_null(strstr(log_text, "lockstock-probe: --db is needed"));
    assert_int_equal(wait_exit(start("--db", "x", "--limit", "10", NULL)), 64);
    assert_non_null(strstr(log_text, "from 1 to 9"));
    assert_int_equal(wait_exit(start("--db", "x", "--instance", "a/b", NULL)), 64);
    assert_non_null(strstr(log_text, "--instance must be"));
    assert_int_equal(wait_exit(start("--db", "x", "--instance", "", NULL)), 64);
    assert_int_equal(wait_exit(start("--db", "x", "--log-level", "loud", NULL)), 64);
    assert_non_null(strstr(log_text, "debug, info, warn or error"));
    assert_int_equal(wait_exit(start("--db", "x", "--log-format", "xml", NULL)), 64);
}

static void test_main_unusable_addresses_exit_69(void **state)
{
    (void)state;
    char db[128];
    char place[32];
    struct broker broker = { 0 }; /* holds a port */
    broker_start(&broker, "allow_anonymous true\n");
    path_of("probe.db", db);
    snprintf(place, sizeof(place), "127.0.0.1:%d", broker.port);
    assert_int_equal(wait_exit(start("--db", db, "--admin-listen", place, NULL)), 69);
    assert_non_null(strstr(log_text, "choose another --admin-listen"));
    assert_int_equal(wait_exit(start("--db", db, "--mqtt-host", "no host", NULL)), 69);
    assert_non_null(strstr(log_text, "is not an address of a broker"));
    broker_done(&broker);
}

static void test_main_unusable_store_exits_70(void **state)
{
    (void)state;
    char path[128];
    path_of("file", path);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "this is not a database, but long enough to be taken for one", 59),
                     59);
    close(fd);
    assert_int_equal(wait_exit(start("--db", path, NULL)), 70);
    assert_non_null(strstr(log_text, "store_failed"));
    path_of("file/below.db", path);
    assert_int_equal(wait_exit(start("--db", path, NULL)), 70);
    assert_non_null(strstr(log_text, "Not a directory"));
}

/* Starts a process on a database, takes away what the ending names, and waits for its end. */
static void lose(const char *ending)
{
    char db[128], path[140];
    path_of("probe.db", db);
    const pid_t pid = start("--db", db, "--mqtt-port", "1", "--run-dir", folder, NULL);
    wait_admin(folder);
    snprintf(path, sizeof(path), "%s%s", db, ending);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(wait_exit(pid), 70);
    assert_non_null(strstr(log_text, "store_failed"));
    assert_non_null(strstr(log_text, "was removed while this process had it open"));
}

static void test_main_ends_when_its_database_is_removed(void **state)
{
    (void)state;
    lose("");
    lose("-wal");
}

static void test_make_parent_makes_all_folders_once(void **state)
{
    (void)state;
    char path[128];
    struct kit_error err;
    struct stat info;
    path_of("a/b/c.db", path);
    assert_int_equal(kit_host_make_parent(path, &err), KIT_OK);
    assert_int_equal(kit_host_make_parent(path, &err), KIT_OK);
    assert_int_equal(access(path, F_OK), -1);
    path_of("a/b", path);
    assert_int_equal(stat(path, &info), 0);
    assert_true(S_ISDIR(info.st_mode));
    assert_int_equal(kit_host_make_parent("plain.db", &err), KIT_OK);

    char long_path[KIT_HOST_PATH_SIZE + 8];
    memset(long_path, 'p', sizeof(long_path) - 1);
    long_path[sizeof(long_path) - 1] = '\0';
    assert_int_equal(kit_host_make_parent(long_path, &err), KIT_E_INVALID);
}

int main(int argc, char **argv)
{
    if (strcmp(argv[0], "probe") == 0)
        return run_probe(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_main_runs_until_sigterm_and_cleans_up, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_main_without_a_broker_is_alive_but_not_ready, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_main_dead_letters_routes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_main_second_copy_exits_75, setup, teardown),
        cmocka_unit_test_setup_teardown(test_main_wrong_settings_exit_64, setup, teardown),
        cmocka_unit_test_setup_teardown(test_main_unusable_addresses_exit_69, setup, teardown),
        cmocka_unit_test_setup_teardown(test_main_unusable_store_exits_70, setup, teardown),
        cmocka_unit_test_setup_teardown(test_main_ends_when_its_database_is_removed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_make_parent_makes_all_folders_once, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
