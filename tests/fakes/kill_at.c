/* To be preloaded into a device binary: kills the process inside its n-th operation on flash, n
 * being $LOCKSTOCK_KILL_AT. A write is half done then, a sync not begun. Without the variable it
 * does nothing. One thread writes flash, so the count is exact. */
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

typedef ssize_t (*pwrite_fn)(int fd, const void *bytes, size_t size, off_t offset);
typedef int (*fdatasync_fn)(int fd);

static int is_time(void)
{
    static long count;
    const char *at = getenv("LOCKSTOCK_KILL_AT");
    return at != NULL && ++count == strtol(at, NULL, 10);
}

static void *next_symbol(const char *name)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    if (symbol == NULL)
        abort();
    return symbol;
}

static ssize_t write_or_die(int fd, const void *bytes, size_t size, off_t offset)
{
    pwrite_fn next;
    void *symbol = next_symbol("pwrite");
    memcpy(&next, &symbol, sizeof(next));
    if (is_time()) {
        (void)next(fd, bytes, size / 2, offset);
        (void)kill(getpid(), SIGKILL);
    }
    return next(fd, bytes, size, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    return write_or_die(fd, bytes, size, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
{
    return write_or_die(fd, bytes, size, offset);
}

int fdatasync(int fd)
{
    fdatasync_fn next;
    void *symbol = next_symbol("fdatasync");
    memcpy(&next, &symbol, sizeof(next));
    if (is_time())
        (void)kill(getpid(), SIGKILL);
    return next(fd);
}
