/* What the supervisor writes under DIR: pid files, logs. A full disk keeps no process from running:
 * what could not be written is written again at the next look. One thread. */
#ifndef DEPLOY_SUPERVISE_FILES_H
#define DEPLOY_SUPERVISE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/base/check.h"

#define FILES_PATH_SIZE 512
#define FILES_LOG_BYTES_MAX (16 << 20) /* then it becomes .1 */

/* Holds a number: DIR/run/NAME.SUFFIX. Written aside and renamed; not at all if it says so already.
 * Makes DIR/run if somebody has removed it. */
void files_write_number(const char *dir, const char *name, const char *suffix, int64_t number);

/* The number in it; -1: no such file, or no number. */
int64_t files_read_number(const char *dir, const char *name, const char *suffix);

/* Writes where DIR/run/NAME.SUFFIX is. */
void files_path(const char *dir, const char *name, const char *suffix,
                char ret_path[FILES_PATH_SIZE]);

/* DIR/run/NAME.SUFFIX goes; nothing happens when there is none. */
void files_remove(const char *dir, const char *name, const char *suffix);

/* Whether there is a file DIR/run/NAME.SUFFIX. */
bool files_exists(const char *dir, const char *name, const char *suffix);

/* Whether DIR has the small file of that name, with something in it; also where the name is NULL.
 */
bool files_is_wanted(const char *dir, const char *name);

/* DIR/run/NAME.SUFFIX gets another suffix; nothing happens when there is none. */
void files_rename(const char *dir, const char *name, const char *suffix, const char *other);

/* The text of the small file DIR/NAME, "" where there is none; what is longer is cut. */
void files_read_text(const char *dir, const char *name, char *ret, size_t size);

/* Opens DIR/log/NAME.log for appending; one that is too large becomes .1 before. Returns -1 and
 * errno when it cannot be. */
int files_open_log(const char *dir, const char *name) KIT_MUST_CHECK;

/* Logs of processes that live, those of the demo and its devices too: what is in one that is too
 * large goes to .1 and it begins anew. Who writes it has it open for appending and goes on at the
 * new end; what comes between the two steps is lost. */
void files_look_at_logs(const char *dir);

/* A line with the time into DIR/log/supervise.log, and without it to standard error. */
void files_report(const char *dir, const char *format, ...) KIT_FORMAT(2, 3);

#endif
