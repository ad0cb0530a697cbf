/* What run.c is made of: for the files run*.c, and for the demo, which opens and closes a run
 * around people of its own. One thread. */
#ifndef SIM_PLAY_RUN_PARTS_H
#define SIM_PLAY_RUN_PARTS_H

#include "play/run.h"

/* ---- run_open.c ---- */

/* Finds the system, makes the report folder, connects the observer, adds and starts the devices.
 * run is zeroed but for options and scenario. On failure *ret_exit says which kind. */
int sim_run_open(struct sim_run *run, enum sim_exit *ret_exit, struct kit_error *err);

/* Ends everything that runs. Fine after a failed open. */
void sim_run_close(struct sim_run *run);

/* ---- run_devices.c ---- */

/* Are the real serial ports there that the scenario or the options name? One that is not would only
 * show as a person who waits in vain. Errors: KIT_E_UNAVAILABLE. */
int sim_run_check_ports(struct sim_run *run, struct kit_error *err) KIT_MUST_CHECK;

/* Adds devices that the system does not know, starts all, and waits until they are connected.
 * Errors: KIT_E_UNAVAILABLE, KIT_E_TIMEOUT, KIT_E_REFUSED, KIT_E_INVALID. */
int sim_run_open_devices(struct sim_run *run, struct kit_error *err) KIT_MUST_CHECK;

/* Stops all, and removes those that were added, but for --keep-names. */
void sim_run_close_devices(struct sim_run *run);

/* ---- run_require.c ---- */

/* Does the system have what the scenario requires? Errors: KIT_E_UNAVAILABLE, KIT_E_TIMEOUT,
 * KIT_E_REFUSED. */
int sim_run_check_system(struct sim_run *run, struct kit_error *err) KIT_MUST_CHECK;

/* ---- run_watch.c: callbacks that write the report ---- */

/* Hears what devices tell, and writes it into the report. */
struct sim_device_listener sim_run_device_listener(struct sim_run *run);

/* A message that the broker carries; self is the run. */
void sim_run_on_message(void *self, const struct sim_mqtt_message *message);

/* The observer has lost the broker, or is back; self is the run. */
void sim_run_on_sight(void *self, bool is_back);

/* ---- run_clean.c ---- */

/* Keeps in mind the order that a call has made, if it has made one. */
void sim_run_remember_order(struct sim_run *run, const struct sim_call *call);

/* Cancels what is still open of them, also after Ctrl-C; while the devices still run. */
void sim_run_cancel_orders(struct sim_run *run);

/* ---- progress.c: what people see while it runs ---- */

/* The step that begins, on a terminal. */
void sim_progress_begin(const struct sim_run *run, const char *text);

/* The step and how it has ended, in one line. */
void sim_progress_end(const struct sim_run *run, const char *text, int64_t took_ms, bool is_ok);

#endif
