/* See common.h. */
#include "common.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t bench_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void bench_die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

const char *bench_flag_text(int argc, char **argv, const char *name, const char *fallback)
{
    for (int i = 1; i + 1 < argc; i += 2)
        if (strcmp(argv[i], name) == 0)
            return argv[i + 1];
    return fallback;
}

int64_t bench_flag_int(int argc, char **argv, const char *name, int64_t fallback, int64_t max)
{
    const char *text = bench_flag_text(argc, argv, name, NULL);
    if (text == NULL)
        return fallback;

    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < 0 || value > max)
        bench_die("%s must be a number from 0 to %lld, not '%s'", name, (long long)max, text);
    return value;
}

void bench_samples_init(struct bench_samples *samples, size_t capacity)
{
    *samples = (struct bench_samples){ .capacity = capacity };
    samples->values_ns = malloc(capacity * sizeof(*samples->values_ns));
    if (samples->values_ns == NULL)
        bench_die("no memory for %zu samples", capacity);
}

void bench_samples_add(struct bench_samples *samples, int64_t value_ns)
{
    if (samples->count < samples->capacity)
        samples->values_ns[samples->count++] = value_ns;
    else
        samples->dropped++;
}

static int compare_ns(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

double bench_samples_percentile_ms(struct bench_samples *samples, double percent)
{
    if (samples->count == 0)
        return 0;
    qsort(samples->values_ns, samples->count, sizeof(*samples->values_ns), compare_ns);
    size_t index = (size_t)((double)(samples->count - 1) * percent / 100.0 + 0.5);
    return (double)samples->values_ns[index] / 1e6;
}

void bench_samples_done(struct bench_samples *samples)
{
    free(samples->values_ns);
    samples->values_ns = NULL;
}
