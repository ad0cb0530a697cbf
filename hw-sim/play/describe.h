/* Steps in words, for people who watch a run and read its report. No I/O, no state; any thread. */
#ifndef SIM_PLAY_DESCRIBE_H
#define SIM_PLAY_DESCRIBE_H

#include <cjson/cJSON.h>
#include <stddef.h>

/* What a step is about: "mina scans asset LT-1". A longer text is cut. */
void sim_describe_step(const cJSON *step, char *ret_text, size_t size_bytes);

#endif
