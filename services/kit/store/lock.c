/* One process per database, by flock() on a file beside it. The descriptor is kept until the
 * process ends on purpose: the kernel then frees the lock, however the process ended. */
#include "kit/store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define LOCK_TEXT_SIZE 24 /* a process id and a newline */

/* The holder wrote its id for people; the lock itself is the kernel's. */
static int say_taken(int fd, const char *path, struct kit_error *err)
{
    char holder[LOCK_TEXT_SIZE] = "";
    ssize_t got = pread(fd, holder, sizeof(holder) - 1, 0);
    holder[got > 0 ? got : 0] = '\0';
    holder[strcspn(holder, "\n")] = '\0';
    return kit_error_typed(err, KIT_E_CONFLICT, "already-running",
                           "another copy (process %s) uses this database and holds %s: stop it "
                           "first, or use another --db",
                           holder[0] ? holder : "unknown", path);
}

int kit_lock_take(const char *path, struct kit_error *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0)
        return kit_error_set(err, KIT_E_IO,
                             "cannot open the lock file %s: %s; check that the "
                             "folder exists and can be written",
                             path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int rc = errno == EWOULDBLOCK
                     ? say_taken(fd, path, err)
                     : kit_error_set(err, KIT_E_IO, "cannot lock %s: %s", path, strerror(errno));
        close(fd);
        return rc;
    }

    char text[LOCK_TEXT_SIZE];
    int size = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)size, 0) != size) {
        int rc = kit_error_set(err, KIT_E_IO, "cannot write the lock file %s: %s", path,
                               strerror(errno));
        close(fd);
        return rc;
    }
    return KIT_OK;
}
