/* Words of processes: see hear.h. */
#include "deploy/supervise/hear.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define READY "READY=1"
#define WORD_SIZE 256

void hear_open(struct hear *hear, const char *dir)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const int yes = 1;
    struct stat info;

    *hear = (struct hear){ .fd = -1 };
    if (stat(dir, &info) != 0)
        return;
    const int length = snprintf(hear->name, sizeof(hear->name), "@lockstock-supervise-%jx-%jx",
                                (uintmax_t)info.st_dev, (uintmax_t)info.st_ino);
    memcpy(address.sun_path + 1, hear->name + 1, (size_t)length - 1);
    hear->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (hear->fd >= 0 && setsockopt(hear->fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes)) == 0 &&
        bind(hear->fd, (const struct sockaddr *)&address,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)length)) == 0)
        return;
    if (hear->fd >= 0)
        close(hear->fd);
    *hear = (struct hear){ .fd = -1 };
}

pid_t hear_ready(const struct hear *hear)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(struct ucred))];
    } control;
    char word[WORD_SIZE];
    struct iovec piece = { .iov_base = word, .iov_len = sizeof(word) - 1 };
    ssize_t size;

    for (;;) {
        struct msghdr message = { .msg_iov = &piece,
                                  .msg_iovlen = 1,
                                  .msg_control = &control,
                                  .msg_controllen = sizeof(control) };
        size = hear->fd >= 0 ? recvmsg(hear->fd, &message, MSG_CMSG_CLOEXEC) : -1;
        if (size < 0)
            return 0;
        word[size] = '\0';
        const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        struct ucred speaker;
        if (header == NULL || header->cmsg_type != SCM_CREDENTIALS ||
            strncmp(word, READY, sizeof(READY) - 1) != 0)
            continue;
        memcpy(&speaker, CMSG_DATA(header), sizeof(speaker));
        return speaker.pid;
    }
}
