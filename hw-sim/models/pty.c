/* Pseudo terminals as serial lines. Linux tells the master's side that nobody has the other end
 * open by POLLHUP and EIO, but only after it was open once: so we open and close it ourselves
 * first. Bytes written meanwhile, and bytes that a listener left unread, would wait for the next
 * one; a UART does not keep them, so neither do we. One thread. */
#include "models/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "kit/base/text.h"

/* Opens the other end for a moment. It may fail: somebody may have taken it for themselves. */
static int open_other_end(const struct sim_pty *pty)
{
    return open(pty->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

static int make_raw(const struct sim_pty *pty)
{
    int fd = open_other_end(pty);
    if (fd < 0)
        return -1;
    struct termios settings;
    int rc = tcgetattr(fd, &settings);
    if (rc == 0) {
        cfmakeraw(&settings);
        (void)cfsetspeed(&settings, B19200);
        rc = tcsetattr(fd, TCSANOW, &settings);
    }
    (void)close(fd);
    return rc;
}

static int open_pair(struct sim_pty *pty, struct kit_error *err)
{
    pty->fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (pty->fd < 0 || grantpt(pty->fd) != 0 || unlockpt(pty->fd) != 0 ||
        ptsname_r(pty->fd, pty->path, sizeof(pty->path)) != 0 || make_raw(pty) != 0)
        return kit_error_set(err, KIT_E_UNAVAILABLE,
                             "cannot make a pseudo terminal for %s: %s; is /dev/pts mounted, and "
                             "is kernel.pty.max high enough?",
                             pty->name, strerror(errno));
    return KIT_OK;
}

int sim_pty_open(struct sim_pty *pty, const char *name, const struct sim_listener *listener,
                 struct kit_error *err)
{
    memset(pty, 0, sizeof(*pty));
    kit_text_copy(pty->name, sizeof(pty->name), name);
    if (listener != NULL)
        pty->listener = *listener;
    int rc = open_pair(pty, err);
    if (rc != KIT_OK)
        sim_pty_close(pty);
    return rc;
}

void sim_pty_close(struct sim_pty *pty)
{
    if (pty->fd >= 0)
        (void)close(pty->fd);
    pty->fd = -1;
    pty->has_peer = false;
}

static void lose_peer(struct sim_pty *pty, int64_t now_ms)
{
    int fd = open_other_end(pty);
    if (fd >= 0) {
        (void)tcflush(fd, TCIFLUSH); /* what the peer had not read */
        (void)close(fd);
    }
    pty->look_at_ms = now_ms + SIM_PTY_LOOK_MS;
    if (pty->has_peer)
        sim_tell(&pty->listener, pty->name, SIM_EVENT_PEER_LEFT, now_ms, NULL);
    pty->has_peer = false;
}

/* Is somebody there at this moment? */
static bool look_for_peer(struct sim_pty *pty, int64_t now_ms)
{
    struct pollfd poll_fd = { pty->fd, 0, 0 };
    if (pty->fd < 0 || poll(&poll_fd, 1, 0) < 0)
        return false;
    bool is_there = (poll_fd.revents & (POLLHUP | POLLERR | POLLNVAL)) == 0;
    if (is_there && !pty->has_peer)
        sim_tell(&pty->listener, pty->name, SIM_EVENT_PEER_CAME, now_ms, NULL);
    if (is_there)
        pty->has_peer = true;
    return is_there;
}

int sim_pty_poll_fd(const struct sim_pty *pty)
{
    return pty->has_peer ? pty->fd : -1;
}

int64_t sim_pty_next_due_ms(const struct sim_pty *pty)
{
    return pty->fd < 0 || pty->has_peer ? SIM_NEVER : pty->look_at_ms;
}

void sim_pty_advance(struct sim_pty *pty, int64_t now_ms)
{
    if (pty->has_peer || now_ms < pty->look_at_ms)
        return;
    pty->look_at_ms = now_ms + SIM_PTY_LOOK_MS;
    (void)look_for_peer(pty, now_ms);
}

size_t sim_pty_read(struct sim_pty *pty, uint8_t *ret_bytes, size_t size_max, int64_t now_ms)
{
    if (pty->fd < 0)
        return 0;
    ssize_t count = read(pty->fd, ret_bytes, size_max);
    if (count > 0) {
        if (!pty->has_peer) /* the peer came, wrote and perhaps left between two looks */
            (void)look_for_peer(pty, now_ms);
        pty->bytes_in += (uint64_t)count;
        return (size_t)count;
    }
    if (count == 0 || (errno != EAGAIN && errno != EINTR)) /* EIO: nobody has it open */
        lose_peer(pty, now_ms);
    return 0;
}

size_t sim_pty_write(struct sim_pty *pty, const uint8_t *bytes, size_t size, int64_t now_ms)
{
    size_t sent = 0;
    if (look_for_peer(pty, now_ms)) {
        ssize_t count = write(pty->fd, bytes, size);
        sent = count > 0 ? (size_t)count : 0; /* EAGAIN: nobody reads, the line is overrun */
    }
    pty->bytes_out += sent;
    pty->bytes_lost += size - sent;
    return sent;
}
