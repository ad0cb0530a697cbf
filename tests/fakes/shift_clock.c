/* To be preloaded into a program: its wall clock is $TEST_CLOCK_SHIFT_MS ahead, so that goods,
 * codes and stored answers of an old database are as old as on the day when it was kept. With
 * $TEST_CLOCK_SHIFT_DIR that number is read from a file there, named as the program, each time, so
 * that the clock of one program can step while it runs; no file: 0. Only the program's own calls
 * are shifted: a library may compute from the clock until when it waits. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>
#include <unistd.h>

#define MS_PER_S 1000
#define NS_PER_MS 1000000
#define NS_PER_S 1000000000L

typedef int (*clock_gettime_fn)(clockid_t id, struct timespec *now);

/* Is this code of the executable itself? */
static int is_of_program(const void *code)
{
    static const void *base;
    Dl_info info;
    if (base == NULL && dladdr((const void *)getauxval(AT_ENTRY), &info) != 0)
        base = info.dli_fbase;
    return dladdr(code, &info) != 0 && info.dli_fbase == base;
}

static long long read_file(const char *folder)
{
    char path[512], text[32] = "";
    const int error = errno;
    if (snprintf(path, sizeof(path), "%s/%s", folder, program_invocation_short_name) >=
        (int)sizeof(path))
        abort();
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0 && read(file, text, sizeof(text) - 1) < 0)
        abort();
    if (file >= 0)
        close(file);
    errno = error;
    return strtoll(text, NULL, 10);
}

static long long shift_ms(void)
{
    const char *text = getenv("TEST_CLOCK_SHIFT_MS"), *folder = getenv("TEST_CLOCK_SHIFT_DIR");
    if (folder != NULL)
        return read_file(folder);
    return text != NULL ? strtoll(text, NULL, 10) : 0;
}

static void shift(struct timespec *now)
{
    const long long ms = shift_ms();
    now->tv_sec += (time_t)(ms / MS_PER_S);
    now->tv_nsec += (long)(ms % MS_PER_S) * NS_PER_MS;
    if (now->tv_nsec < 0) {
        now->tv_nsec += NS_PER_S;
        now->tv_sec--;
    } else if (now->tv_nsec >= NS_PER_S) {
        now->tv_nsec -= NS_PER_S;
        now->tv_sec++;
    }
}

int clock_gettime(clockid_t id, struct timespec *now)
{
    static clock_gettime_fn next;
    if (next == NULL) {
        void *symbol = dlsym(RTLD_NEXT, "clock_gettime");
        if (symbol == NULL)
            abort();
        memcpy(&next, &symbol, sizeof(next));
    }
    int rc = next(id, now);
    if (rc == 0 && id == CLOCK_REALTIME && is_of_program(__builtin_return_address(0)))
        shift(now);
    return rc;
}
