/* Hears from the processes that they are ready, in systemd's way: sd_notify(3). The kernel tells
 * who speaks, so nobody speaks for another. One thread. */
#ifndef DEPLOY_SUPERVISE_HEAR_H
#define DEPLOY_SUPERVISE_HEAR_H

#include <sys/types.h>

#define HEAR_NAME_SIZE 64

struct hear {
    int fd;                    /* -1: nobody is heard */
    char name[HEAR_NAME_SIZE]; /* for NOTIFY_SOCKET; "" when nobody is heard */
};

/* Listens under a name that the next supervisor of DIR has too, so that it hears those it takes
 * over. Where that cannot be, nobody is heard. */
void hear_open(struct hear *hear, const char *dir);

/* The next process that has said READY=1; 0: no more. What else is said is passed over. */
pid_t hear_ready(const struct hear *hear);

#endif
