/* A real mosquitto for one test: on a free port of 127.0.0.1, its files in a temporary folder. It
 * dies with the test. One thread. */
#ifndef TESTS_UNIT_HOST_BROKER_H
#define TESTS_UNIT_HOST_BROKER_H

#include <sys/types.h>

struct broker {
    pid_t pid; /* 0: not running */
    int port;
    char folder[64];
};

/* extra: more lines of mosquitto.conf, e.g. "max_inflight_messages 20\n". "%s" is not expanded. */
void broker_start(struct broker *broker, const char *extra);
void broker_restart(struct broker *broker); /* same port and configuration; nothing is remembered */
void broker_signal(struct broker *broker, int number);
void broker_end(struct broker *broker, int number); /* sends the signal and waits for the end */
void broker_done(struct broker *broker);

/* Writes a file into the broker's folder before the start; path of it in ret. */
void broker_folder_new(struct broker *broker);

/* Runs mosquitto_pub (MQTT 5) with these arguments after host and port; up to a NULL. */
void broker_publish(const struct broker *broker, const char *first, ...);

#endif
