/* A serial line without hardware: a pair of pseudo terminals. The program under test opens `path`
 * like any serial device; the model holds the other end. As on a real line, bytes that are sent
 * while nobody listens are gone, and so is what a listener left unread when it closed.
 * Never blocks. One thread. */
#ifndef SIM_MODELS_PTY_H
#define SIM_MODELS_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/base/error.h"
#include "models/model.h"

#define SIM_PATH_SIZE 256
#define SIM_PTY_LOOK_MS 10 /* how often we look whether somebody came, while nobody is there */

struct sim_pty {
    int fd;
    bool has_peer; /* somebody has the line open, as far as we know */
    int64_t look_at_ms;
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint64_t bytes_lost;
    char name[SIM_NAME_SIZE];
    char path[SIM_PATH_SIZE]; /* what the program under test opens, e.g. /dev/pts/5 */
    struct sim_listener listener;
};

/* Makes a line, raw, 19200 8N1; name is for events. Errors: KIT_E_UNAVAILABLE when the system gives
 * no pseudo terminal; nothing is left open then. */
int sim_pty_open(struct sim_pty *pty, const char *name, const struct sim_listener *listener,
                 struct kit_error *err) KIT_MUST_CHECK;

/* Ends the line. Fine after a failed open. */
void sim_pty_close(struct sim_pty *pty);

/* The file to poll; -1 while nobody has the line open. */
int sim_pty_poll_fd(const struct sim_pty *pty);

/* When to look next whether somebody has opened it. */
int64_t sim_pty_next_due_ms(const struct sim_pty *pty);

/* Looks, when that is due: SIM_PTY_LOOK_MS apart. */
void sim_pty_advance(struct sim_pty *pty, int64_t now_ms);

/* Bytes that were there, 0: none. Notices when the peer left. */
size_t sim_pty_read(struct sim_pty *pty, uint8_t *ret_bytes, size_t size_max, int64_t now_ms);

/* Bytes that went onto the line to somebody; the rest is lost and counted. */
size_t sim_pty_write(struct sim_pty *pty, const uint8_t *bytes, size_t size, int64_t now_ms);

#endif
