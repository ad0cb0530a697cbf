/* The folder of a system: what deploy/up wrote, and what is missing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fakes/cmocka_all.h"
#include "world/system.h"

static char data[] = "/tmp/lockstock-system-XXXXXX";

static const struct {
    const char *name;
    const char *text; /* NULL: a folder */
} files[] = {
    { "etc", NULL },
    { "run", NULL },
    { "secrets", NULL },
    { "deploy", NULL },
    { "build", NULL },
    { "build/deploy", NULL }, /* of the build, and not the one that is looked for */
    { "etc/ports", "8080 11883\n" },
    { "secrets/operator-3", "secret\n" },
    { "deploy/add-device", "#!/bin/sh\n" },
    { "devices", NULL },
    { "devices/s-1.key", "key\n" },
    { "devices/s-1.password", "word\n" },
    { "devices/s-2.tls.crt", "certificate\n" },
    { "devices/s-2.tls.key", "key\n" },
    { "etc/lockstock.ini",
      "[lockstock-rental]\nhold-ms = 5\n\n[lockstock-delivery]\ndb = /x\nhold-ms = 6000\n"
      "hold-ms-not = 7\n[lockstock-stock]\nhold-ms = 8\n" },
};

static const char *path_of(const char *name)
{
    static char path[96];
    (void)snprintf(path, sizeof(path), "%s/%s", data, name);
    return path;
}

static int set_up(void **state)
{
    (void)state;
    if (mkdtemp(data) == NULL)
        return -1;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (files[i].text == NULL) {
            if (mkdir(path_of(files[i].name), 0700) != 0)
                return -1;
            continue;
        }
        FILE *file = fopen(path_of(files[i].name), "w");
        if (file == NULL || fputs(files[i].text, file) < 0 || fclose(file) != 0)
            return -1;
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(path_of("run/simulator-operator-3.lock"));
    for (size_t i = sizeof(files) / sizeof(files[0]); i > 0; i--) {
        if (remove(path_of(files[i - 1].name)) != 0)
            return -1;
    }
    return rmdir(data);
}

static void test_open_reads_ports_and_the_password_of_its_user(void **state)
{
    (void)state;
    struct sim_system system;
    struct kit_error err = { 0 };
    assert_int_equal(sim_system_open(&system, data, "/b", "/d", &err), KIT_OK);
    assert_int_equal(system.base_port, 8080);
    assert_int_equal(system.mqtt_port, 11883);
    assert_string_equal(system.watcher.user, "operator-3");
    assert_string_equal(system.password, "secret");
    assert_string_equal(system.bin, "/b");
    assert_string_equal(system.deploy, "/d");
    sim_system_close(&system);
}

static void test_open_without_a_password_names_deploy_up(void **state)
{
    (void)state;
    struct sim_system system;
    struct kit_error err = { 0 };
    char aside[96];
    (void)snprintf(aside, sizeof(aside), "%s/aside", data);
    assert_int_equal(rename(path_of("secrets/operator-3"), aside), 0);
    assert_int_equal(sim_system_open(&system, data, NULL, NULL, &err), KIT_E_UNAVAILABLE);
    assert_non_null(strstr(err.text, "deploy/up --data DIR"));
    sim_system_close(&system);
    assert_int_equal(rename(aside, path_of("secrets/operator-3")), 0);
}

static void test_device_login_is_by_password_and_when_closed_with_a_certificate(void **state)
{
    (void)state;
    struct sim_system system;
    struct sim_system_login device;
    struct kit_error err = { 0 };
    assert_int_equal(sim_system_open(&system, data, NULL, NULL, &err), KIT_OK);
    assert_true(sim_system_device_login(&system, "s-1", &device));
    assert_string_equal(device.login.password, "word");
    assert_null(device.login.ca);
    assert_false(sim_system_device_login(&system, "s-2", &device));
    sim_system_close(&system);

    FILE *file = fopen(path_of("etc/mode"), "w");
    assert_non_null(file);
    assert_true(fputs("closed\n", file) >= 0 && fclose(file) == 0);
    assert_int_equal(sim_system_open(&system, data, NULL, NULL, &err), KIT_OK);
    assert_int_equal(unlink(path_of("etc/mode")), 0);
    assert_true(sim_system_device_login(&system, "s-2", &device));
    assert_null(device.login.password);
    assert_string_equal(device.login.certificate, path_of("devices/s-2.tls.crt"));
    assert_string_equal(device.login.key, path_of("devices/s-2.tls.key"));
    assert_string_equal(device.login.ca, path_of("ca/ca.crt"));
    assert_false(sim_system_device_login(&system, "s-1", &device));
    sim_system_close(&system);
}

static void test_setting_is_found_in_its_section_only(void **state)
{
    (void)state;
    struct sim_system system;
    struct kit_error err = { 0 };
    assert_int_equal(sim_system_open(&system, data, NULL, NULL, &err), KIT_OK);
    assert_int_equal(sim_system_setting(&system, "delivery", "hold-ms"), 6000);
    assert_int_equal(sim_system_setting(&system, "delivery", "hold"), -1);
    assert_int_equal(sim_system_setting(&system, "product", "hold-ms"), -1);
    sim_system_close(&system);
}

static void test_deploy_is_where_add_device_is(void **state)
{
    (void)state;
    struct sim_system system;
    struct kit_error err = { 0 };
    char before[SIM_DIR_SIZE];
    assert_non_null(getcwd(before, sizeof(before)));
    assert_int_equal(chmod(path_of("deploy/add-device"), 0700), 0);
    assert_int_equal(chdir(path_of("build")), 0);
    assert_int_equal(sim_system_open(&system, data, NULL, NULL, &err), KIT_OK);
    assert_string_equal(system.deploy, path_of("deploy"));
    sim_system_close(&system);
    assert_int_equal(chdir(before), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_reads_ports_and_the_password_of_its_user),
        cmocka_unit_test(test_open_without_a_password_names_deploy_up),
        cmocka_unit_test(test_device_login_is_by_password_and_when_closed_with_a_certificate),
        cmocka_unit_test(test_setting_is_found_in_its_section_only),
        cmocka_unit_test(test_deploy_is_where_add_device_is),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
