/* To be preloaded into a program: its wall clock is $TEST_CLOCK_SHIFT_MS ahead, so that goods,
 * codes and stored answers of an old database are as old as on the day when it was kept. Only the
 * program's own calls are shifted: a library may compute from the clock until when it waits. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>

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

static void shift(struct timespec *now)
{
    const char *text = getenv("TEST_CLOCK_SHIFT_MS");
    long long ms = text != NULL ? strtoll(text, NULL, 10) : 0;
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
