/* Serial lines of a PC (ports/linux/uart.h). After the opening, real ports and pseudo-terminals
 * take the same path: read and write on the descriptor. */
#include "ports/linux/uart.h"

#include <errno.h>
#include <fcntl.h>
#include <libserialport.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define PTY_FOLDER "/dev/pts/"

/* ---- opening ---- */

static int open_pty(struct fw_linux_uart *uart, const char *path, const char **ret_why)
{
    struct termios raw;
    int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || tcgetattr(fd, &raw) != 0) {
        *ret_why = strerror(errno);
        if (fd >= 0)
            close(fd);
        return FW_E_IO;
    }
    cfmakeraw(&raw);
    if (tcsetattr(fd, TCSANOW, &raw) != 0) {
        *ret_why = strerror(errno);
        close(fd);
        return FW_E_IO;
    }
    uart->fd = fd;
    return FW_OK;
}

static bool set_up(struct sp_port *port, int baud, int *ret_fd)
{
    return sp_set_baudrate(port, baud) == SP_OK && sp_set_bits(port, 8) == SP_OK &&
           sp_set_parity(port, SP_PARITY_NONE) == SP_OK && sp_set_stopbits(port, 1) == SP_OK &&
           sp_set_flowcontrol(port, SP_FLOWCONTROL_NONE) == SP_OK &&
           sp_get_port_handle(port, ret_fd) == SP_OK;
}

static int open_real(struct fw_linux_uart *uart, const char *path, const char **ret_why)
{
    struct sp_port *port = NULL;
    if (sp_get_port_by_name(path, &port) != SP_OK) {
        *ret_why = "no such serial port";
        return FW_E_IO;
    }
    int fd = -1;
    if (sp_open(port, SP_MODE_READ_WRITE) != SP_OK) {
        *ret_why = strerror(errno);
        sp_free_port(port);
        return FW_E_IO;
    }
    if (!set_up(port, uart->baud, &fd)) {
        *ret_why = "it refuses its settings";
        sp_close(port);
        sp_free_port(port);
        return FW_E_IO;
    }
    uart->port = port;
    uart->fd = fd;
    return FW_OK;
}

/* Follows a symbolic link first, such as /dev/serial/by-id/... or one of the simulator. */
static int open_line(struct fw_linux_uart *uart, const char **ret_why)
{
    char *path = realpath(uart->path, NULL);
    if (path == NULL) {
        *ret_why = strerror(errno);
        return FW_E_IO;
    }
    bool is_pty = strncmp(path, PTY_FOLDER, strlen(PTY_FOLDER)) == 0;
    int rc = is_pty ? open_pty(uart, path, ret_why) : open_real(uart, path, ret_why);
    free(path);
    return rc;
}

bool fw_linux_uart_is_same(const char *path, const char *other)
{
    char *real = realpath(path, NULL);
    char *other_real = realpath(other, NULL);
    bool is_same = strcmp(path, other) == 0 ||
                   (real != NULL && other_real != NULL && strcmp(real, other_real) == 0);
    free(real);
    free(other_real);
    return is_same;
}

int fw_linux_uart_open(struct fw_linux_uart *uart, const char *path, int baud,
                       char error[FW_LINUX_ERROR_SIZE])
{
    const char *why = "";
    *uart = (struct fw_linux_uart){ .baud = baud, .fd = -1 };
    fw_linux_copy_text(uart->path, sizeof(uart->path), path);
    int rc = open_line(uart, &why);
    if (rc != FW_OK)
        snprintf(error, FW_LINUX_ERROR_SIZE, "the serial line %s cannot be opened: %s", path, why);
    return rc;
}

void fw_linux_uart_close(struct fw_linux_uart *uart)
{
    if (uart->port != NULL) {
        sp_close(uart->port);
        sp_free_port(uart->port);
    } else if (uart->fd >= 0) {
        close(uart->fd);
    }
    uart->port = NULL;
    uart->fd = -1;
}

/* ---- the port ---- */

static int lose(struct fw_linux_uart *uart)
{
    fw_linux_uart_close(uart);
    return FW_E_IO;
}

static int read_bytes(void *self, void *ret_bytes, size_t size_max)
{
    struct fw_linux_uart *uart = self;
    if (uart->fd < 0)
        return FW_E_IO;
    ssize_t size = read(uart->fd, ret_bytes, size_max);
    if (size > 0)
        return (int)size;
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    /* libserialport sets VMIN 0: read() gives 0 for "none now" and for "gone". Ask the TTY. */
    int waiting = 0;
    if (size == 0 && uart->port != NULL && ioctl(uart->fd, FIONREAD, &waiting) == 0)
        return 0;
    return lose(uart);
}

static int write_bytes(void *self, const void *bytes, size_t size)
{
    struct fw_linux_uart *uart = self;
    if (uart->fd < 0 || size > FW_LINUX_UART_WRITE_MAX)
        return FW_E_IO;
    ssize_t put = write(uart->fd, bytes, size);
    if (put == (ssize_t)size)
        return FW_OK;
    /* The other end does not read, or only a part fits: the descriptor stays open, the caller
     * decides. A branch flushes what was written, and opens the line again before its next request.
     */
    if (put >= 0 || errno == EAGAIN || errno == EINTR)
        return FW_E_IO;
    return lose(uart);
}

/* On a pseudo-terminal the written bytes have left already, and cannot be taken back. */
static int flush(void *self)
{
    struct fw_linux_uart *uart = self;
    if (uart->fd < 0)
        return FW_E_IO;
    return tcflush(uart->fd, TCIOFLUSH) == 0 ? FW_OK : lose(uart);
}

static int reopen(void *self)
{
    struct fw_linux_uart *uart = self;
    const char *why = "";
    fw_linux_uart_close(uart);
    return open_line(uart, &why);
}

struct fw_uart fw_linux_uart_port(struct fw_linux_uart *uart)
{
    return (struct fw_uart){
        .read = read_bytes, .write = write_bytes, .flush = flush, .reopen = reopen, .self = uart
    };
}
