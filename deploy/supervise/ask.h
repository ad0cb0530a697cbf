/* One question by HTTP, to an admin socket or a port on loopback, without waiting for anything. One
 * thread. */
#ifndef DEPLOY_SUPERVISE_ASK_H
#define DEPLOY_SUPERVISE_ASK_H

#include <stdbool.h>
#include <stddef.h>

#define ASK_HEAD_SIZE 16 /* of the answer: "HTTP/1.1 200" */

enum ask_result {
    ASK_PENDING,
    ASK_RIGHT, /* the answer begins as it should */
    ASK_WRONG, /* another answer, or none: refused, reset, ended */
};

struct ask {
    int fd;             /* -1: nothing is asked */
    const char *wanted; /* how the answer begins, after "HTTP/1.x " */
    char head[ASK_HEAD_SIZE];
    size_t head_size;
    bool is_sent;
};

/* Asks the admin socket at the path for /livez, which has to answer 200; what was asked before is
 * forgotten. ASK_WRONG if that is known at once: then nothing is asked. */
enum ask_result ask_begin(struct ask *ask, const char *path);

/* The same of a port on loopback, of which any answer in HTTP is right. */
enum ask_result ask_begin_port(struct ask *ask, int port);

/* Returns a connection to a port on loopback that may still be being made, or -1. */
int ask_connect(int port);

/* What poll() is to look for at ask->fd. */
short ask_events(const struct ask *ask);

/* poll() has seen something. With any result but ASK_PENDING the question is over. */
enum ask_result ask_on_ready(struct ask *ask);

/* Forgets what is asked, if anything is. */
void ask_end(struct ask *ask);

#endif
