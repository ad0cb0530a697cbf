/* A serial line of a PC: 8N1, raw, never blocking. Real ports are set up by libserialport; a
 * pseudo-terminal, which that library refuses, is only made raw. Loop's thread. */
#ifndef FW_PORTS_LINUX_UART_H
#define FW_PORTS_LINUX_UART_H

#include "ports/linux/world.h"

#define FW_LINUX_UART_WRITE_MAX 256 /* at once; frames to boards have 5 to 9 bytes */

struct sp_port;

struct fw_linux_uart {
    char path[FW_LINUX_PATH_SIZE];
    int baud;
    struct sp_port *port; /* NULL: pseudo-terminal, or closed */
    int fd;               /* -1: closed or lost, until a reopen succeeds */
};

/**
 * fw_linux_uart_open() - Open a line for the first time.
 *
 * @path: of a TTY, at most 255 bytes; checked by the options.
 * @baud: e.g. 9600, 19200.
 *
 * Errors:  FW_E_IO: the line is not there now; the sentence says why. The struct can be used: a
 *          reopen finds the line when it is plugged in.
 */
int fw_linux_uart_open(struct fw_linux_uart *uart, const char *path, int baud,
                       char error[FW_LINUX_ERROR_SIZE]);

/**
 * fw_linux_uart_is_same() - Do these two paths lead to one line?
 *
 * Links are followed. While one of the paths is not there, the names alone are compared.
 */
bool fw_linux_uart_is_same(const char *path, const char *other);

/** fw_linux_uart_close() - Close the line; a closed one stays closed. */
void fw_linux_uart_close(struct fw_linux_uart *uart);

/**
 * fw_linux_uart_port() - The port of the line, which is borrowed for the port's life.
 *
 * From the moment when the line is lost until a reopen succeeds, its functions return FW_E_IO.
 */
struct fw_uart fw_linux_uart_port(struct fw_linux_uart *uart);

#endif
