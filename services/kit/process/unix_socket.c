/* Sockets in the file system: see unix_socket.h. */
#include "kit/process/unix_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 32

/* An address has room for 107 bytes. A longer path is reached through its folder: that is opened,
 * and named by its descriptor. Returns that descriptor, to be closed after use; -1: there is none,
 * and errno is 0 where the path itself fits. */
static int fill_address(const char *path, struct sockaddr_un *ret)
{
    char folder[KIT_UNIX_SOCKET_PATH_SIZE];
    const char *slash = strrchr(path, '/');

    *ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
    errno = 0;
    if (strlen(path) < sizeof(ret->sun_path)) {
        memcpy(ret->sun_path, path, strlen(path));
        return -1;
    }
    if (slash == NULL || (size_t)(slash - path) >= sizeof(folder)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(folder, path, (size_t)(slash - path));
    folder[slash - path] = '\0';
    const int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    const int length = snprintf(ret->sun_path, sizeof(ret->sun_path), "/proc/self/fd/%d%s", fd,
                                slash);
    if (length > 0 && (size_t)length < sizeof(ret->sun_path))
        return fd;
    close(fd);
    errno = ENAMETOOLONG;
    return -1;
}

static int close_and_keep_errno(int fd)
{
    const int reason = errno;

    if (fd >= 0)
        close(fd);
    errno = reason;
    return -1;
}

/* chmod() before listen(): until then nobody can connect. */
static bool bind_and_listen(int fd, const char *path)
{
    struct sockaddr_un address;

    const int folder_fd = fill_address(path, &address);
    const bool is_done = errno == 0 &&
                         bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
                         chmod(path, 0600) == 0 && listen(fd, BACKLOG) == 0;
    (void)close_and_keep_errno(folder_fd);
    return is_done;
}

int kit_unix_socket_listen(const char *path, struct kit_unix_socket_file *ret_file)
{
    char aside[KIT_UNIX_SOCKET_PATH_SIZE];
    struct stat info;

    const int length = snprintf(aside, sizeof(aside), "%s.%d", path, (int)getpid());
    if (length < 0 || (size_t)length >= sizeof(aside)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    (void)unlink(aside); /* of one who had our number before us */
    if (!bind_and_listen(fd, aside) || stat(aside, &info) != 0 || rename(aside, path) != 0) {
        const int reason = errno;
        (void)unlink(aside);
        errno = reason;
        return close_and_keep_errno(fd);
    }
    *ret_file = (struct kit_unix_socket_file){ .device = info.st_dev, .inode = info.st_ino };
    return fd;
}

bool kit_unix_socket_is(const char *path, const struct kit_unix_socket_file *file)
{
    struct stat info;

    return stat(path, &info) == 0 && info.st_dev == file->device && info.st_ino == file->inode;
}

int kit_unix_socket_connect(const char *path, int flags)
{
    struct sockaddr_un address;

    const int folder_fd = fill_address(path, &address);
    if (errno != 0)
        return -1;
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    const bool is_there = fd >= 0 &&
                          connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
    (void)close_and_keep_errno(folder_fd);
    return is_there ? fd : close_and_keep_errno(fd);
}
