/* Stream sockets in the file system, also where a path is longer than an address may be. For the
 * admin listener and for those who ask it; without a library, as the supervisor uses it too. Any
 * thread. */
#ifndef KIT_PROCESS_UNIX_SOCKET_H
#define KIT_PROCESS_UNIX_SOCKET_H

#include <stdbool.h>
#include <sys/stat.h>

#define KIT_UNIX_SOCKET_PATH_SIZE 1024

/* Which file a socket got, to tell it from that of another process at the same path. */
struct kit_unix_socket_file {
    dev_t device;
    ino_t inode;
};

/* Listens at the path, for this user alone. A socket that is there already is replaced in one step:
 * who is connected to it stays, who comes now comes to us. Returns the descriptor, or -1 and errno,
 * and then *ret_file is untouched. Does not block: accept() may say EAGAIN. */
int kit_unix_socket_listen(const char *path, struct kit_unix_socket_file *ret_file);

/* Whether the socket at the path is that one. */
bool kit_unix_socket_is(const char *path, const struct kit_unix_socket_file *file);

/* Returns a connection that is made already, or -1 and errno. flags: of socket(2). */
int kit_unix_socket_connect(const char *path, int flags);

#endif
