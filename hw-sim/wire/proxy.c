/* The sockets of the man in the middle; what passes is in proxy_pass.c. */
#include "wire/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire/proxy_pass.h"

#define READ_SIZE 16384

static struct sockaddr_in make_address(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static int listen_on_loopback(int *ret_port)
{
    struct sockaddr_in address = make_address(0);
    socklen_t size = sizeof(address);

    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 4) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        (void)close(fd);
        return -1;
    }
    *ret_port = ntohs(address.sin_port);
    return fd;
}

int sim_proxy_open(struct sim_proxy *proxy, int broker_port, sim_proxy_fn on_event, void *owner,
                   struct kit_error *err)
{
    *proxy = (struct sim_proxy){ .broker_port = broker_port,
                                 .device_fd = -1,
                                 .broker_fd = -1,
                                 .on_event = on_event,
                                 .owner = owner };
    proxy->listen_fd = listen_on_loopback(&proxy->port);
    if (proxy->listen_fd < 0)
        return kit_error_set(err, KIT_E_UNAVAILABLE, "no port on loopback for a device: %s",
                             strerror(errno));
    kit_buf_init(&proxy->from_device, SIM_PACKET_BYTES_MAX + READ_SIZE);
    kit_buf_init(&proxy->from_broker, SIM_PACKET_BYTES_MAX + READ_SIZE);
    kit_buf_init(&proxy->to_device, SIM_PROXY_WAITING_MAX);
    kit_buf_init(&proxy->to_broker, SIM_PROXY_WAITING_MAX);
    return KIT_OK;
}

static void drop_link(struct sim_proxy *proxy)
{
    if (proxy->device_fd < 0)
        return;
    (void)close(proxy->device_fd);
    (void)close(proxy->broker_fd);
    proxy->device_fd = proxy->broker_fd = -1;
    kit_buf_reset(&proxy->from_device);
    kit_buf_reset(&proxy->from_broker);
    kit_buf_reset(&proxy->to_device);
    kit_buf_reset(&proxy->to_broker);
    proxy->on_event(proxy->owner, SIM_PROXY_DOWN, NULL);
}

void sim_proxy_close(struct sim_proxy *proxy)
{
    proxy->is_cut = true;
    drop_link(proxy);
    sim_proxy_forget(proxy);
    if (proxy->listen_fd >= 0)
        (void)close(proxy->listen_fd);
    kit_buf_done(&proxy->from_device);
    kit_buf_done(&proxy->from_broker);
    kit_buf_done(&proxy->to_device);
    kit_buf_done(&proxy->to_broker);
    *proxy = (struct sim_proxy){ .listen_fd = -1, .device_fd = -1, .broker_fd = -1 };
}

bool sim_proxy_is_up(const struct sim_proxy *proxy)
{
    return proxy->device_fd >= 0 && !proxy->is_connecting && proxy->level != 0;
}

void sim_proxy_cut(struct sim_proxy *proxy)
{
    proxy->is_cut = true;
    drop_link(proxy);
}

void sim_proxy_restore(struct sim_proxy *proxy)
{
    proxy->is_cut = false;
}

static void set_nodelay(int fd)
{
    int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* While the link is cut, a new connection is closed at once, as an unplugged switch would do. */
static void accept_one(struct sim_proxy *proxy)
{
    struct sockaddr_in address = make_address(proxy->broker_port);

    int fd = accept4(proxy->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    if (proxy->is_cut) {
        (void)close(fd);
        return;
    }
    drop_link(proxy);
    int onward = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (onward < 0 || (connect(onward, (struct sockaddr *)&address, sizeof(address)) != 0 &&
                       errno != EINPROGRESS)) {
        (void)close(fd);
        if (onward >= 0)
            (void)close(onward);
        return;
    }
    set_nodelay(fd);
    set_nodelay(onward);
    proxy->device_fd = fd;
    proxy->broker_fd = onward;
    proxy->is_connecting = true;
    proxy->level = 0;
    proxy->connection++;
}

/* False: the connection ended, or more waits than there is room for. */
static bool read_some(int fd, struct kit_buf *into)
{
    uint8_t bytes[READ_SIZE];

    ssize_t size = read(fd, bytes, sizeof(bytes));
    if (size <= 0)
        return size < 0 && (errno == EAGAIN || errno == EINTR);
    kit_buf_add(into, bytes, (size_t)size);
    return !into->overflow;
}

static bool write_some(int fd, struct kit_buf *from)
{
    if (from->overflow)
        return false;
    if (from->size_bytes == 0)
        return true;
    ssize_t size = send(fd, from->data, from->size_bytes, MSG_NOSIGNAL);
    if (size < 0)
        return errno == EAGAIN || errno == EINTR;
    sim_buf_drop(from, (size_t)size);
    return true;
}

static size_t add_fds(void *self, struct pollfd *fds, size_t max)
{
    struct sim_proxy *proxy = self;

    PRE(max >= 3);
    fds[0] = (struct pollfd){ .fd = proxy->listen_fd, .events = POLLIN };
    if (proxy->device_fd < 0)
        return 1;
    bool to_device = proxy->to_device.size_bytes > 0;
    bool to_broker = proxy->is_connecting || proxy->to_broker.size_bytes > 0;
    fds[1] = (struct pollfd){ .fd = proxy->device_fd,
                              .events = (short)(POLLIN | (to_device ? POLLOUT : 0)) };
    fds[2] = (struct pollfd){ .fd = proxy->broker_fd,
                              .events = (short)(POLLIN | (to_broker ? POLLOUT : 0)) };
    return 3;
}

static bool is_connected(struct sim_proxy *proxy, short revents)
{
    int error = 0;
    socklen_t size = sizeof(error);

    if (!proxy->is_connecting || (revents & (POLLOUT | POLLERR | POLLHUP)) == 0)
        return true;
    proxy->is_connecting = false;
    return getsockopt(proxy->broker_fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

static bool read_ends(struct sim_proxy *proxy, short device_events, short broker_events)
{
    const short some = POLLIN | POLLHUP | POLLERR;

    if (!is_connected(proxy, broker_events))
        return false;
    if ((device_events & some) != 0 && !read_some(proxy->device_fd, &proxy->from_device))
        return false;
    return proxy->is_connecting || (broker_events & some) == 0 ||
           read_some(proxy->broker_fd, &proxy->from_broker);
}

static bool write_ends(struct sim_proxy *proxy)
{
    return (proxy->is_connecting || write_some(proxy->broker_fd, &proxy->to_broker)) &&
           write_some(proxy->device_fd, &proxy->to_device);
}

static void on_turn(void *self, const struct pollfd *fds, size_t count, int64_t now_ms)
{
    struct sim_proxy *proxy = self;

    (void)now_ms;
    if (count == 3 && proxy->device_fd == fds[1].fd) {
        bool ok = read_ends(proxy, fds[1].revents, fds[2].revents);
        ok = sim_proxy_pass(proxy) && ok; /* also what was read before an end */
        if (!ok || !write_ends(proxy))
            drop_link(proxy);
    }
    if ((fds[0].revents & POLLIN) != 0)
        accept_one(proxy);
}

static int64_t next_due_ms(void *self)
{
    (void)self;
    return SIM_NEVER;
}

struct sim_part sim_proxy_part(struct sim_proxy *proxy)
{
    return (struct sim_part){
        .add_fds = add_fds, .on_turn = on_turn, .next_due_ms = next_due_ms, .self = proxy
    };
}
