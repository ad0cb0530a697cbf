/* What the supervisor needs of its DIR and of its caller before it can begin. One thread. */
#ifndef DEPLOY_SUPERVISE_BEGIN_H
#define DEPLOY_SUPERVISE_BEGIN_H

#include <stdbool.h>
#include <stddef.h>

/* From DIR/etc/ports, "HTTP MQTT", as deploy/up has written it; false: there are none. */
bool begin_read_ports(const char *dir, int *ret_base_port, int *ret_mqtt_port);

/* The folder of the programs: what stands in DIR/etc/bin, else where we lie ourselves. false: it
 * cannot be told. */
bool begin_find_programs(const char *dir, char *ret_folder, size_t size);

/* A variable of the caller's shell would beat the settings of DIR/etc in every process; a
 * descriptor of his would be held open by it, the lock of DIR first of all, which is ours alone. */
void begin_forget_caller(void);

/* The lock of DIR, held as long as we live: inherited (then taking it changes nothing), or, where
 * no command of deploy/ has started us, taken now. */
bool begin_hold_dir(const char *dir);

/* Returns a descriptor from which the signals are read that stop us, and SIGUSR1; -1 and errno when
 * there is none. SIGPIPE is ignored. */
int begin_open_signals(void);

#endif
