/* Asking a running process how it is: see check.h. */
#include "kit/process/check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "kit/process/unix_socket.h"

#define ANSWER_WAIT_S 2
#define ANSWER_BYTES_MAX 8192
#define BODY_MARK "\r\n\r\n"

/* Returns a connection that waits ANSWER_WAIT_S for everything, or -1 with errno. */
static int open_connection(const char *path)
{
    const struct timeval wait = { .tv_sec = ANSWER_WAIT_S };

    const int fd = kit_unix_socket_connect(path, 0);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) == 0)
        return fd;
    const int reason = errno;
    close(fd);
    errno = reason;
    return -1;
}

/* Asks, and reads to the end of the answer. False: errno says why there is none. */
static bool ask(const char *socket_path, const char *path, char *ret_answer)
{
    char question[96];
    size_t size = 0;
    ssize_t got;

    const int fd = open_connection(socket_path);
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

int kit_check(const char *what, const char *process, const char *run_dir)
{
    char answer[ANSWER_BYTES_MAX + 1];
    char path[KIT_UNIX_SOCKET_PATH_SIZE];
    const bool is_live = strcmp(what, "live") == 0;

    if (!is_live && strcmp(what, "ready") != 0) {
        fprintf(stderr, "%s: --check must be live or ready, not \"%.40s\"\n", process, what);
        return KIT_E_INVALID;
    }
    const int length = snprintf(path, sizeof(path), "%s/%s.sock", run_dir, process);
    if (length < 0 || (size_t)length >= sizeof(path) || access(path, F_OK) != 0) {
        printf("%s does not run: no socket of it in \"%s\"; look at --run-dir\n", process, run_dir);
        return KIT_E_UNAVAILABLE;
    }
    if (!ask(path, is_live ? "/livez" : "/readyz", answer)) {
        printf("%s does not answer at its socket %s: %s\n", process, path, strerror(errno));
        return KIT_E_UNAVAILABLE;
    }
    const char *body = strstr(answer, BODY_MARK) + strlen(BODY_MARK);
    printf("%.*s\n", (int)strcspn(body, "\r\n"), body);
    return strncmp(answer + strcspn(answer, " "), " 200", 4) == 0 ? KIT_OK : KIT_E_UNAVAILABLE;
}
