/* Listening sockets. We accept connections ourselves, so that one libmicrohttpd daemon serves all
 * ports with one limit, and stopping is closing a few descriptors. Loop thread. */
#ifndef BRIDGE_LISTEN_H
#define BRIDGE_LISTEN_H

#include <stdbool.h>

#include "kit/base/error.h"

#define BRIDGE_OWN_HOST_SIZE 64 /* an IPv6 address in brackets, and a port */

/* Opens a non-blocking listening TCP socket. address: IPv4 or IPv6 literal.
 * Errors: KIT_E_UNAVAILABLE, naming address and port and saying why. */
int bridge_listen(const char *address, int port, int *ret_fd, struct kit_error *err) KIT_MUST_CHECK;

/* Is it an address that more than this machine may reach? What is no address is not. */
bool bridge_is_for_others(const char *address);

/* Finds, among the sockets that whoever started this process has handed over (LISTEN_FDS, as
 * sd_listen_fds(3) says), the one that listens at the port. It is made non-blocking. Returns it, to
 * be closed by the caller, or -1 if there is none. */
int bridge_inherited(int port);

/* Lets the process have the wanted number of descriptors, or as many as it may have. *ret_given is
 * that number. Errors: KIT_E_LIMIT when it is below least. */
int bridge_raise_fd_limit(int least, int wanted, int *ret_given,
                          struct kit_error *err) KIT_MUST_CHECK;

/* The address at which a connected socket was reached, as a Host header has it: "127.0.0.1:8080",
 * "[::1]:8080". false: it cannot be told, and ret_host is untouched. Any thread. */
bool bridge_own_host(int fd, char ret_host[BRIDGE_OWN_HOST_SIZE]);

#endif
