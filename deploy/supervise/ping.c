/* MQTT 3.1.1, sections 3.1 (CONNECT), 3.2 (CONNACK), 3.12, 3.13: see ping.h. */
#include "deploy/supervise/ping.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kit/base/text.h"
#include "kit/process/unix_socket.h"

#define CONNECT 0x10
#define CONNACK 0x20
#define CONNACK_SIZE 4
#define PINGREQ 0xC0
#define PINGRESP 0xD0
#define PINGRESP_SIZE 2
#define WITH_USER_AND_PASSWORD 0xC2 /* and clean */
#define KEEPALIVE_S 60              /* then the broker forgets us, should we be gone */
#define PACKET_BYTES_MAX 128

void ping_init(struct ping *ping)
{
    *ping = (struct ping){ .fd = -1 };
}

void ping_end(struct ping *ping)
{
    if (ping->fd >= 0)
        close(ping->fd);
    ping->fd = -1;
    ping->state = PING_CLOSED;
}

static enum ask_result give_up(struct ping *ping)
{
    ping_end(ping);
    return ASK_WRONG;
}

static bool send_all(const struct ping *ping, const unsigned char *bytes, size_t size)
{
    return send(ping->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)size;
}

static size_t add_text(unsigned char *packet, size_t at, const char *text)
{
    const size_t length = strlen(text);

    packet[at] = 0;
    packet[at + 1] = (unsigned char)length;
    memcpy(packet + at + 2, text, length);
    return at + 2 + length;
}

static bool send_connect(const struct ping *ping)
{
    unsigned char packet[PACKET_BYTES_MAX] = {
        CONNECT, 0, 0, 4, 'M', 'Q', 'T', 'T', 4, WITH_USER_AND_PASSWORD, 0, KEEPALIVE_S,
    };
    _Static_assert(12 + 2 * (2 + sizeof(PING_USER)) + 2 + PING_PASSWORD_SIZE <= PACKET_BYTES_MAX,
                   "it fits, and its length into one byte");

    size_t size = add_text(packet, 12, PING_USER);
    size = add_text(packet, size, PING_USER);
    size = add_text(packet, size, ping->password);
    packet[1] = (unsigned char)(size - 2);
    return send_all(ping, packet, size);
}

enum ask_result ping_begin(struct ping *ping, const char *socket, int port, const char *password)
{
    static const unsigned char QUESTION[] = { PINGREQ, 0 };

    ping->answer_size = 0;
    if (ping->state == PING_OPEN) {
        ping->state = PING_ASKED;
        return send_all(ping, QUESTION, sizeof(QUESTION)) ? ASK_PENDING : give_up(ping);
    }
    ping_end(ping);
    kit_text_copy(ping->password, sizeof(ping->password), password);
    ping->fd = socket != NULL ? kit_unix_socket_connect(socket, SOCK_NONBLOCK) : ask_connect(port);
    if (ping->fd < 0)
        return ASK_WRONG;
    ping->state = PING_CONNECTING;
    return ASK_PENDING;
}

short ping_events(const struct ping *ping)
{
    return ping->state == PING_CONNECTING ? POLLOUT : POLLIN;
}

static enum ask_result on_connected(struct ping *ping)
{
    if (!send_connect(ping)) /* refused, or reset */
        return give_up(ping);
    ping->state = PING_WELCOMING;
    return ASK_PENDING;
}

/* Reads on until the answer is whole. */
static enum ask_result read_answer(struct ping *ping, unsigned char wanted, size_t size)
{
    const ssize_t got = recv(ping->fd, ping->answer + ping->answer_size, size - ping->answer_size,
                             MSG_DONTWAIT);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return ASK_PENDING;
    if (got <= 0)
        return give_up(ping);
    ping->answer_size += (size_t)got;
    if (ping->answer[0] != wanted)
        return give_up(ping);
    if (ping->answer_size < size)
        return ASK_PENDING;
    ping->was_right = true;
    return ASK_RIGHT;
}

enum ask_result ping_on_ready(struct ping *ping)
{
    enum ask_result result = ASK_WRONG;

    switch (ping->state) {
    case PING_CLOSED:
        return ASK_PENDING;
    case PING_CONNECTING:
        return on_connected(ping);
    case PING_WELCOMING:
        result = read_answer(ping, CONNACK, CONNACK_SIZE);
        if (result == ASK_RIGHT && ping->answer[3] != 0) {
            ping_end(ping); /* we are not known here; but it lives */
            return result;
        }
        break;
    case PING_OPEN:
        ping_end(ping);
        return ASK_PENDING;
    case PING_ASKED:
        result = read_answer(ping, PINGRESP, PINGRESP_SIZE);
        break;
    }
    if (result == ASK_RIGHT)
        ping->state = PING_OPEN;
    return result;
}
