/* Assertions for bugs. PRE guards what a caller owes, POST what a function owes, CHECK the rest.
 * They stay on in every build: state is in the database, the supervisor restarts the process.
 * Never use them for input or for failures of the outside world. */
#ifndef KIT_BASE_CHECK_H
#define KIT_BASE_CHECK_H

__attribute__((noreturn)) void kit_check_failed(const char *kind, const char *condition,
                                                const char *file, int line);

#define KIT_ASSERT(kind, condition)                                                                \
    ((condition) ? (void)0 : kit_check_failed(kind, #condition, __FILE__, __LINE__))
#define PRE(condition) KIT_ASSERT("precondition", condition)
#define POST(condition) KIT_ASSERT("postcondition", condition)
#define CHECK(condition) KIT_ASSERT("invariant", condition)

/* For the line behind a switch that names every case. */
#define UNREACHABLE(what) kit_check_failed("unreachable", what, __FILE__, __LINE__)

#define KIT_MUST_CHECK __attribute__((warn_unused_result))
#define KIT_FORMAT(fmt, args) __attribute__((format(printf, fmt, args)))
#define KIT_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
