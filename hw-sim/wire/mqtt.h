/* An MQTT client (libmosquitto, MQTT 5, to a broker on loopback) without a thread: its owner polls
 * the connection's file and calls sim_mqtt_serve(). It takes one file descriptor, and none while it
 * is not connected, so that thousands fit into a process. It never reconnects by itself. One
 * thread. */
#ifndef SIM_WIRE_MQTT_H
#define SIM_WIRE_MQTT_H

#include <mosquitto.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

struct sim_mqtt_message {
    const char *topic;
    const void *payload; /* of any bytes; "" when size is 0 */
    size_t size;
    bool is_retained;
    const mosquitto_property *properties; /* of MQTT 5; NULL: none */
};

/* What the broker says. Called from sim_mqtt_serve() alone; texts are borrowed for the call. */
struct sim_mqtt_handler {
    void (*on_connack)(void *owner, int reason); /* 0: connected, and the time to subscribe */
    void (*on_suback)(void *owner);
    void (*on_message)(void *owner, const struct sim_mqtt_message *message);
};

/* Who logs in, and how: by password, or with a certificate where the broker wants one. */
struct sim_mqtt_login {
    const char *user;     /* and client id */
    const char *password; /* NULL: none */
    const char *ca;       /* file; NULL: no TLS, and not the next two */
    const char *certificate, *key;
};

struct sim_mqtt {
    struct mosquitto *client; /* NULL: not open */
    const struct sim_mqtt_handler *handler;
    void *owner;
};

/* Makes the client and does not connect; what login has is copied.
 * handler and mqtt stay where they are until sim_mqtt_close(). False: libmosquitto cannot start,
 * and there is nothing to close. */
bool sim_mqtt_open(struct sim_mqtt *mqtt, const struct sim_mqtt_login *login,
                   const struct sim_mqtt_handler *handler, void *owner);

/* Disconnects, so that the broker publishes the will, and frees. Fine when it is not open. */
void sim_mqtt_close(struct sim_mqtt *mqtt);

/* Sets the retained message that the broker publishes at the end of the next connection. */
bool sim_mqtt_set_will(struct sim_mqtt *mqtt, const char *topic, const void *payload, int size);

/* Connects to the port on loopback; on_connack tells what the broker thinks of it. False: nobody
 * listens there. */
bool sim_mqtt_connect(struct sim_mqtt *mqtt, int port, int keepalive_s);

/* Ends the connection in good order. */
void sim_mqtt_disconnect(struct sim_mqtt *mqtt);

/* Asks for count filters at once; on_suback tells when the broker has them. */
bool sim_mqtt_subscribe(struct sim_mqtt *mqtt, char *const *filters, int count, int qos);

/* Queues a message of QoS 1; payload is copied. False: it is not connected. */
bool sim_mqtt_publish(struct sim_mqtt *mqtt, const char *topic, const void *payload, int size,
                      bool is_retained);

/* Answers a request, at QoS 0; properties are borrowed for the call. False: it is not connected. */
bool sim_mqtt_reply(struct sim_mqtt *mqtt, const char *topic, const void *payload, int size,
                    const mosquitto_property *properties);

/* The file to poll; -1 when it is not connected. */
int sim_mqtt_fd(const struct sim_mqtt *mqtt);

/* Whether to poll the file for writing too. */
bool sim_mqtt_wants_write(const struct sim_mqtt *mqtt);

/* Reads and writes at most packets_max packets each way. False: the connection has ended. */
bool sim_mqtt_serve(struct sim_mqtt *mqtt, bool is_readable, bool is_writable, int packets_max);

/* Sends a ping when it is time: to be called every few seconds. False: the connection has ended. */
bool sim_mqtt_keep_alive(struct sim_mqtt *mqtt);

/* For parts of the loop, what add_fds has to do. */
size_t sim_mqtt_add_fds(const struct sim_mqtt *mqtt, struct pollfd *fds, size_t max);

/* The same after poll(): serves the connection, and keeps it alive. False: it has ended. */
bool sim_mqtt_on_poll(struct sim_mqtt *mqtt, const struct pollfd *fd, int packets_max);

#endif
