/* Before the supervisor begins: see begin.h. */
#include "deploy/supervise/begin.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deploy/supervise/files.h"
#include "kit/base/check.h"

#define LOCK_FD 9 /* the lock of DIR, when deploy/ starts us */

bool begin_read_ports(const char *dir, int *ret_base_port, int *ret_mqtt_port)
{
    char text[40];
    char *end;

    files_read_text(dir, "etc/ports", text, sizeof(text));
    const long base = strtol(text, &end, 10);
    const long mqtt = *end == ' ' ? strtol(end + 1, &end, 10) : 0;
    *ret_base_port = (int)base;
    *ret_mqtt_port = (int)mqtt;
    return base > 0 && base <= UINT16_MAX && mqtt > 0 && mqtt <= UINT16_MAX && *end == '\n';
}

bool begin_find_programs(const char *dir, char *ret_folder, size_t size)
{
    files_read_text(dir, "etc/bin", ret_folder, size);
    char *end = strchr(ret_folder, '\n');
    if (ret_folder[0] == '/' && end != NULL) {
        *end = '\0';
        return true;
    }
    const ssize_t length = readlink("/proc/self/exe", ret_folder, size - 1);
    if (length <= 0)
        return false;
    ret_folder[length] = '\0';
    *strrchr(ret_folder, '/') = '\0';
    return true;
}

void begin_forget_caller(void)
{
    static const char ours[] = "LOCKSTOCK_";
    size_t kept = 0;

    for (size_t i = 0; environ != NULL && environ[i] != NULL; i++) {
        if (strncmp(environ[i], ours, sizeof(ours) - 1) != 0)
            environ[kept++] = environ[i];
    }
    if (environ != NULL)
        environ[kept] = NULL;
    (void)close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
}

bool begin_hold_dir(const char *dir)
{
    struct stat inherited;
    struct stat ours;

    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &ours) != 0)
        return false;
    if (fstat(LOCK_FD, &inherited) == 0 && inherited.st_dev == ours.st_dev &&
        inherited.st_ino == ours.st_ino) {
        close(fd);
        fd = LOCK_FD;
    }
    return flock(fd, LOCK_EX | LOCK_NB) == 0;
}

int begin_open_signals(void)
{
    sigset_t heard;

    sigemptyset(&heard);
    sigaddset(&heard, SIGTERM);
    sigaddset(&heard, SIGINT);
    sigaddset(&heard, SIGHUP);
    sigaddset(&heard, SIGUSR1);
    CHECK(sigprocmask(SIG_BLOCK, &heard, NULL) == 0);
    CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    return signalfd(-1, &heard, SFD_CLOEXEC | SFD_NONBLOCK);
}
