/* The running Lockstock that a scenario is played against, as deploy/up left it in its DATA folder:
 * ports, the observer's password, keys of devices, pid of the broker. Reads files only. */
#ifndef SIM_WORLD_SYSTEM_H
#define SIM_WORLD_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "kit/base/error.h"
#include "wire/mqtt.h"
#include "world/watcher.h"

#define SIM_DIR_SIZE 256
#define SIM_FILE_SIZE 400 /* a path in one of the folders */
#define SIM_SECRET_SIZE 65

struct sim_system {
    char data[SIM_DIR_SIZE];
    char bin[SIM_DIR_SIZE];    /* where lockstock-scanner and lockstock-locker are */
    char deploy[SIM_DIR_SIZE]; /* where add-device is; "": not found */
    int base_port;
    int mqtt_port;
    struct sim_watcher watcher;
    bool is_closed;                 /* its broker wants certificates; scenarios need an open one */
    char password[SIM_SECRET_SIZE]; /* of watcher.user; "": it is closed */
};

/**
 * sim_system_open() - Find a system, and one of its users to watch it as.
 *
 * @data: folder of deploy/up --data; NULL: .lockstock
 * @bin, @deploy: NULL: beside this program; a folder deploy/ in the working directory, beside this
 *                program, or in a folder above one of them.
 *
 * Errors: KIT_E_UNAVAILABLE with a sentence that names deploy/up.
 */
int sim_system_open(struct sim_system *system, const char *data, const char *bin,
                    const char *deploy, struct kit_error *err) KIT_MUST_CHECK;

/* Lets the next run have the user. Fine after a failed open. */
void sim_system_close(struct sim_system *system);

/* DATA/devices/<id>.key and .password: are both there? Writes the paths, SIM_FILE_SIZE each. */
bool sim_system_device_files(const struct sim_system *system, const char *id, char *ret_key,
                             char *ret_password);

/* How a device logs in; what login points to is beside it. */
struct sim_system_login {
    struct sim_mqtt_login login;
    char password[SIM_SECRET_SIZE];
    char ca[SIM_FILE_SIZE], certificate[SIM_FILE_SIZE], key[SIM_FILE_SIZE];
};

/* The same as it is at the broker: by password, or in a closed Lockstock with a certificate. False:
 * it was not added. id is borrowed as long as the result. */
bool sim_system_device_login(const struct sim_system *system, const char *id,
                             struct sim_system_login *ret_login);

/* The broker's process; 0: it does not run, or the pid file names another program. */
pid_t sim_system_broker_pid(const struct sim_system *system);

/* A number that deploy/up --set SERVICE.NAME=... gave; -1: it did not. */
int64_t sim_system_setting(const struct sim_system *system, const char *service, const char *name);

/* Looks for a file or folder, such as "hw-sim/scenarios", in the working directory, beside this
 * program, and in the folders above both. False leaves ret_path. */
bool sim_find_above(const char *wanted, char ret_path[SIM_DIR_SIZE]);

/* First line of a file without its end; false: not readable, or too long. */
bool sim_read_line(const char *path, char *ret_line, size_t size_bytes);

#endif
