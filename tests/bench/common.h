/* What the bench programs share: a clock, samples with percentiles, leaving with a reason, and
 * reading flags. Bench only: nothing here is linked into the product. */
#ifndef TESTS_BENCH_COMMON_H
#define TESTS_BENCH_COMMON_H

#include <stddef.h>
#include <stdint.h>

int64_t bench_now_ns(void); /* monotonic */

/* Prints "<program>: <sentence>" and exits 1. */
__attribute__((noreturn, format(printf, 1, 2))) void bench_die(const char *format, ...);

/* The number after "--name" in argv, or fallback; out of min..max ends the program. */
int64_t bench_flag_int(int argc, char **argv, const char *name, int64_t fallback, int64_t max);
/* The text after "--name" in argv, or fallback. */
const char *bench_flag_text(int argc, char **argv, const char *name, const char *fallback);

/* Samples in ns; beyond `capacity` they are counted and no longer kept. */
struct bench_samples {
    int64_t *values_ns;
    size_t count, capacity, dropped;
};
void bench_samples_init(struct bench_samples *samples, size_t capacity);
void bench_samples_add(struct bench_samples *samples, int64_t value_ns);
/* Milliseconds below which `percent` of the samples lie; 0 without samples. Sorts. */
double bench_samples_percentile_ms(struct bench_samples *samples, double percent);
void bench_samples_done(struct bench_samples *samples);

#endif
