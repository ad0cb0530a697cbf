/* A sign of life from the broker, without waiting for anything: one connection (MQTT 3.1.1) that
 * stays open, and PINGREQ on it. A new connection for each question would fill the broker's log.
 * One thread. */
#ifndef DEPLOY_SUPERVISE_PING_H
#define DEPLOY_SUPERVISE_PING_H

#include <poll.h>

#include "deploy/supervise/ask.h"

#define PING_PASSWORD_SIZE 65
#define PING_USER "supervisor" /* and client id; has no right to any topic */

enum ping_state {
    PING_CLOSED,
    PING_CONNECTING, /* until the kernel says so */
    PING_WELCOMING,  /* CONNECT is sent: for CONNACK */
    PING_OPEN,       /* nothing is asked */
    PING_ASKED,      /* for PINGRESP */
};

struct ping {
    enum ping_state state;
    int fd; /* -1 while it is closed */
    char password[PING_PASSWORD_SIZE];
    unsigned char answer[4];
    size_t answer_size;
    bool was_right; /* it has answered since ping_init() */
};

/* Begins without a connection. */
void ping_init(struct ping *ping);

/* Asks the broker at its own socket, or with NULL at the port on loopback; an unanswered question
 * before is forgotten, with its connection. password: as in DIR/secrets, "" for none; a broker that
 * does not know us says so, and that is an answer too. ASK_WRONG if it is known at once. */
enum ask_result ping_begin(struct ping *ping, const char *socket, int port, const char *password);

/* What poll() is to look for at ping->fd. */
short ping_events(const struct ping *ping);

/* poll() has seen something. ASK_PENDING also when nothing was asked: the broker has hung up. */
enum ask_result ping_on_ready(struct ping *ping);

/* Closes the connection, if there is one: nothing is asked any more. */
void ping_end(struct ping *ping);

#endif
