/* A bare paho client as the raw ceilings use it: MQTT 5, connected, subscribed to one filter. */
#ifndef TESTS_BENCH_PEER_H
#define TESTS_BENCH_PEER_H

#include <MQTTAsync.h>
#include <semaphore.h>

struct bench_peer {
    MQTTAsync client;
    const char *filter;
    sem_t ready;
};

struct bench_peer_setup {
    int port;
    const char *name;   /* client id */
    const char *filter; /* QoS 1 */
    MQTTAsync_messageArrived *on_message;
    void *context; /* of on_message */
};

/* Returns when the subscription stands; ends the program when it cannot. */
void bench_peer_open(struct bench_peer *peer, const struct bench_peer_setup *setup);

#endif
