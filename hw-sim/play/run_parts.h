/* What run.c is made of, private to the files run*.c. One thread. */
#ifndef SIM_PLAY_RUN_PARTS_H
#define SIM_PLAY_RUN_PARTS_H

#include "play/run.h"

/* run_open.c: finds the system, makes the report folder, connects the observer, adds and starts the
 * devices. run is zeroed but for options and scenario. On failure *ret_exit says which kind. */
int sim_run_open(struct sim_run *run, enum sim_exit *ret_exit, struct kit_error *err);
/* Ends everything that runs. Fine after a failed open. */
void sim_run_close(struct sim_run *run);

/* run_require.c: does the system have what the scenario requires? Errors: KIT_E_UNAVAILABLE,
 * KIT_E_TIMEOUT, KIT_E_REFUSED. */
int sim_run_check_system(struct sim_run *run, struct kit_error *err) KIT_MUST_CHECK;

/* run_watch.c: callbacks that write the report. */
struct sim_device_listener sim_run_device_listener(struct sim_run *run);
void sim_run_on_message(void *self, const struct sim_mqtt_message *message);
void sim_run_on_sight(void *self, bool is_back);

/* run_clean.c: keeps in mind an order that a call has made (answer: its body as JSON, or NULL). */
void sim_run_remember_order(struct sim_run *run, const char *method, const char *path,
                            const cJSON *answer);
/* Cancels what is still open of them, also after Ctrl-C; while the devices still run. */
void sim_run_cancel_orders(struct sim_run *run);

/* progress.c: what people see while it runs; one line a step. */
void sim_progress_begin(const struct sim_run *run, const char *text);
void sim_progress_end(const struct sim_run *run, const char *text, int64_t took_ms, bool is_ok);

#endif
