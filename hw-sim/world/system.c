/* Files under DATA; see system.h. */
#include "world/system.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/base/text.h"

#define FOLDERS_UP_MAX 8
#define SETTING_LINE_SIZE 512

bool sim_read_line(const char *path, char *ret_line, size_t size_bytes)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    bool ok = fgets(ret_line, (int)size_bytes, file) != NULL;
    (void)fclose(file);
    if (!ok)
        return false;
    size_t size = strcspn(ret_line, "\r\n");
    if (ret_line[size] == '\0' && size + 1 == size_bytes)
        return false;
    ret_line[size] = '\0';
    return true;
}

static bool read_ports(struct sim_system *system)
{
    char path[SIM_FILE_SIZE], line[64];
    char *end = NULL;

    (void)snprintf(path, sizeof(path), "%s/etc/ports", system->data);
    if (!sim_read_line(path, line, sizeof(line)))
        return false;
    long base = strtol(line, &end, 10);
    long mqtt = strtol(end, &end, 10);
    if (*end != '\0' || base < 1 || base > 65535 || mqtt < 1 || mqtt > 65535)
        return false;
    system->base_port = (int)base;
    system->mqtt_port = (int)mqtt;
    return true;
}

/* Looks for a path, such as "deploy/add-device", in this folder and those above it. */
static bool find_above(const char *from, const char *wanted, char ret_path[SIM_DIR_SIZE])
{
    char folder[SIM_DIR_SIZE], path[SIM_FILE_SIZE];

    kit_text_copy(folder, sizeof(folder), from);
    for (int i = 0; i < FOLDERS_UP_MAX; i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, wanted);
        if (strlen(path) < SIM_DIR_SIZE && access(path, X_OK) == 0) {
            kit_text_copy(ret_path, SIM_DIR_SIZE, path);
            return true;
        }
        char *slash = strrchr(folder, '/');
        if (slash == NULL || folder[0] == '\0')
            return false;
        *slash = '\0';
    }
    return false;
}

static void find_program_folder(char ret_folder[SIM_DIR_SIZE])
{
    ssize_t size = readlink("/proc/self/exe", ret_folder, SIM_DIR_SIZE - 1);
    ret_folder[size > 0 ? size : 0] = '\0';
    char *slash = strrchr(ret_folder, '/');
    if (slash != NULL)
        *slash = '\0';
}

bool sim_find_above(const char *wanted, char ret_path[SIM_DIR_SIZE])
{
    char here[SIM_DIR_SIZE], program[SIM_DIR_SIZE];

    find_program_folder(program);
    return (getcwd(here, sizeof(here)) != NULL && find_above(here, wanted, ret_path)) ||
           find_above(program, wanted, ret_path);
}

/* The folder with add-device in it: a build has a folder "deploy" too. */
static void find_deploy(char ret_path[SIM_DIR_SIZE])
{
    if (sim_find_above("deploy/add-device", ret_path))
        *strrchr(ret_path, '/') = '\0';
}

static void find_programs(struct sim_system *system, const char *bin, const char *deploy)
{
    if (bin != NULL)
        kit_text_copy(system->bin, sizeof(system->bin), bin);
    else
        find_program_folder(system->bin);
    if (deploy != NULL)
        kit_text_copy(system->deploy, sizeof(system->deploy), deploy);
    else
        find_deploy(system->deploy); /* it may not be needed */
}

int64_t sim_system_setting(const struct sim_system *system, const char *service, const char *name)
{
    char path[SIM_FILE_SIZE], line[SETTING_LINE_SIZE], wanted[64], section[64] = "";
    int64_t value = -1;

    (void)snprintf(path, sizeof(path), "%s/etc/lockstock.ini", system->data);
    (void)snprintf(wanted, sizeof(wanted), "[lockstock-%s]", service);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return -1;
    while (fgets(line, sizeof(line), file) != NULL) { /* deploy/up writes one setting a line */
        size_t size = strcspn(line, " =\n");
        if (line[0] == '[')
            (void)snprintf(section, sizeof(section), "%.*s", (int)size, line);
        else if (strcmp(section, wanted) == 0 && size == strlen(name) &&
                 strncmp(line, name, size) == 0)
            value = strtoll(line + size + strspn(line + size, " ="), NULL, 10);
    }
    (void)fclose(file);
    return value;
}

/* Whether it is closed. */
static bool read_mode(const struct sim_system *system)
{
    char path[SIM_FILE_SIZE], mode[16];

    (void)snprintf(path, sizeof(path), "%s/etc/mode", system->data);
    return sim_read_line(path, mode, sizeof(mode)) && strcmp(mode, "closed") == 0;
}

static bool read_password(struct sim_system *system)
{
    char path[SIM_FILE_SIZE];

    (void)snprintf(path, sizeof(path), "%s/secrets/%s", system->data, system->watcher.user);
    return sim_read_line(path, system->password, sizeof(system->password));
}

static int refuse_folder(const struct sim_system *system, struct kit_error *err)
{
    return kit_error_set(err, KIT_E_UNAVAILABLE,
                         "'%.150s' is not the folder of a Lockstock, or not yours to read: "
                         "deploy/up --data DIR makes one",
                         system->data);
}

int sim_system_open(struct sim_system *system, const char *data, const char *bin,
                    const char *deploy, struct kit_error *err)
{
    *system = (struct sim_system){ 0 };
    char *absolute = realpath(data != NULL ? data : ".lockstock", NULL);
    if (absolute == NULL || strlen(absolute) >= sizeof(system->data)) {
        free(absolute);
        return kit_error_set(
            err, KIT_E_UNAVAILABLE,
            "there is no Lockstock in '%s': start one with deploy/up --data %s, or "
            "name its folder with --data DIR",
            data != NULL ? data : ".lockstock", data != NULL ? data : ".lockstock");
    }
    kit_text_copy(system->data, sizeof(system->data), absolute);
    free(absolute);
    if (!read_ports(system))
        return refuse_folder(system, err);
    find_programs(system, bin, deploy);
    int rc = sim_watcher_take(&system->watcher, system->data, err);
    if (rc != KIT_OK)
        return rc;
    system->is_closed = read_mode(system);
    return system->is_closed || read_password(system) ? KIT_OK : refuse_folder(system, err);
}

void sim_system_close(struct sim_system *system)
{
    sim_watcher_leave(&system->watcher);
}

bool sim_system_device_files(const struct sim_system *system, const char *id, char *ret_key,
                             char *ret_password)
{
    (void)snprintf(ret_key, SIM_FILE_SIZE, "%s/devices/%s.key", system->data, id);
    (void)snprintf(ret_password, SIM_FILE_SIZE, "%s/devices/%s.password", system->data, id);
    return access(ret_key, R_OK) == 0 && access(ret_password, R_OK) == 0;
}

bool sim_system_device_login(const struct sim_system *system, const char *id,
                             struct sim_system_login *ret)
{
    char key[SIM_FILE_SIZE], password[SIM_FILE_SIZE];

    *ret = (struct sim_system_login){ .login.user = id };
    if (!system->is_closed) {
        ret->login.password = ret->password;
        return sim_system_device_files(system, id, key, password) &&
               sim_read_line(password, ret->password, sizeof(ret->password));
    }
    (void)snprintf(ret->ca, sizeof(ret->ca), "%s/ca/ca.crt", system->data);
    (void)snprintf(ret->certificate, sizeof(ret->certificate), "%s/devices/%s.tls.crt",
                   system->data, id);
    (void)snprintf(ret->key, sizeof(ret->key), "%s/devices/%s.tls.key", system->data, id);
    ret->login.ca = ret->ca;
    ret->login.certificate = ret->certificate;
    ret->login.key = ret->key;
    return access(ret->certificate, R_OK) == 0 && access(ret->key, R_OK) == 0;
}

pid_t sim_system_broker_pid(const struct sim_system *system)
{
    char path[SIM_FILE_SIZE], line[64], program[128];
    char *end = NULL;

    (void)snprintf(path, sizeof(path), "%s/run/mosquitto.pid", system->data);
    if (!sim_read_line(path, line, sizeof(line)))
        return 0;
    long pid = strtol(line, &end, 10);
    (void)snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
    if (end == line || pid <= 1 || !sim_read_line(path, program, sizeof(program)) ||
        strcmp(program, "mosquitto") != 0)
        return 0;
    return (pid_t)pid;
}
