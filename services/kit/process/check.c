/* Asking a running process how it is: see check.h. */
#include "kit/process/check.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PATH_SIZE 1024
#define ANSWER_WAIT_S 2
#define ANSWER_BYTES_MAX 8192
#define BODY_MARK "\r\n\r\n"

/* The port in the file that the process has written; 0: none. */
static int port_of(const char *run_dir, const char *process)
{
    char path[PATH_SIZE];
    char text[16] = "";

    const int length = snprintf(path, sizeof(path), "%s/%s.admin", run_dir, process);
    if (length < 0 || (size_t)length >= sizeof(path))
        return 0;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    const bool is_read = fgets(text, sizeof(text), file) != NULL;
    fclose(file);
    const long port = is_read ? strtol(text, NULL, 10) : 0;
    return port > 0 && port <= UINT16_MAX ? (int)port : 0;
}

/* Returns a connection that waits ANSWER_WAIT_S for everything, or -1 with errno. */
static int open_connection(int port)
{
    const struct timeval wait = { .tv_sec = ANSWER_WAIT_S };
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };

    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) == 0 &&
        connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    const int reason = errno;
    close(fd);
    errno = reason;
    return -1;
}

/* Asks, and reads to the end of the answer. False: errno says why there is none. */
static bool ask(int port, const char *path, char *ret_answer)
{
    char question[96];
    size_t size = 0;
    ssize_t got;

    const int fd = open_connection(port);
    if (fd < 0)
        return false;
    snprintf(question, sizeof(question), "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n", path);
    if (send(fd, question, strlen(question), MSG_NOSIGNAL) != (ssize_t)strlen(question)) {
        close(fd);
        return false;
    }
    while ((got = recv(fd, ret_answer + size, ANSWER_BYTES_MAX - size, 0)) > 0)
        size += (size_t)got;
    const int reason = got < 0 ? errno : ECONNRESET;
    close(fd);
    ret_answer[size] = '\0';
    errno = reason;
    return strstr(ret_answer, BODY_MARK) != NULL;
}

int kit_check(const char *what, const char *process, const char *run_dir, int port)
{
    char answer[ANSWER_BYTES_MAX + 1];
    const bool is_live = strcmp(what, "live") == 0;

    if (!is_live && strcmp(what, "ready") != 0) {
        fprintf(stderr, "%s: --check must be live or ready, not \"%.40s\"\n", process, what);
        return KIT_E_INVALID;
    }
    if (port == 0)
        port = port_of(run_dir, process);
    if (port == 0) {
        printf("%s does not run: no admin port in \"%s\"; look at --run-dir\n", process, run_dir);
        return KIT_E_UNAVAILABLE;
    }
    if (!ask(port, is_live ? "/livez" : "/readyz", answer)) {
        printf("%s does not answer at its admin port %d: %s\n", process, port, strerror(errno));
        return KIT_E_UNAVAILABLE;
    }
    const char *body = strstr(answer, BODY_MARK) + strlen(BODY_MARK);
    printf("%.*s\n", (int)strcspn(body, "\r\n"), body);
    return strncmp(answer + strcspn(answer, " "), " 200", 4) == 0 ? KIT_OK : KIT_E_UNAVAILABLE;
}
