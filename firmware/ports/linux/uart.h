/* A serial line of a PC: 8N1, raw, never blocking. Real ports are set up by libserialport; a
 * pseudo-terminal, which that library refuses, is only made raw. */
#ifndef FW_LINUX_UART_H
#define FW_LINUX_UART_H

#include "ports/linux/world.h"

#define FW_LINUX_PATH_SIZE 256
#define FW_LINUX_UART_WRITE_MAX 256 /* at once; frames to boards have 5 to 9 bytes */

struct sp_port;

struct fw_linux_uart {
    char path[FW_LINUX_PATH_SIZE];
    int baud;
    struct sp_port *port; /* NULL: pseudo-terminal, or closed */
    int fd;               /* -1: closed, or lost: only reopen helps */
};

/**
 * fw_linux_uart_open() - Open a line for the first time.
 *
 * A line that is not there is no error of the device: it is found when it is plugged in (reopen).
 *
 * @path: of a TTY, at most 255 bytes; checked by the options.
 * @baud: e.g. 9600, 19200.
 *
 * Errors:  FW_E_IO: not there now; the sentence says why. The struct can be used all the same.
 */
int fw_linux_uart_open(struct fw_linux_uart *uart, const char *path, int baud,
                       char error[FW_LINUX_ERROR_SIZE]);

/* Do these two paths lead to one line? By their names alone while one of them is not there. */
bool fw_linux_uart_is_same(const char *path, const char *other);

void fw_linux_uart_close(struct fw_linux_uart *uart);

/* read and write give FW_E_IO from the moment when the line is lost until a reopen succeeds. */
struct fw_uart fw_linux_uart_port(struct fw_linux_uart *uart);

#endif
