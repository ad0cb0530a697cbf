/* Connects and subscribes, or ends the program. */
#include "peer.h"

#include <stdio.h>

#include "common.h"

static void on_subscribed(void *context, MQTTAsync_successData5 *response)
{
    (void)response;
    sem_post(&((struct bench_peer *)context)->ready);
}

static void on_failure(void *context, MQTTAsync_failureData5 *response)
{
    (void)context;
    bench_die("the broker refused: code %d, %s", response->code,
              response->message != NULL ? response->message : "no reason given");
}

static void on_connected(void *context, MQTTAsync_successData5 *response)
{
    struct bench_peer *peer = context;
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    options.onSuccess5 = on_subscribed;
    options.onFailure5 = on_failure;
    options.context = peer;
    (void)response;
    if (MQTTAsync_subscribe(peer->client, peer->filter, 1, &options) != MQTTASYNC_SUCCESS)
        bench_die("cannot subscribe to %s", peer->filter);
}

void bench_peer_open(struct bench_peer *peer, const struct bench_peer_setup *setup)
{
    char uri[64];
    snprintf(uri, sizeof(uri), "tcp://127.0.0.1:%d", setup->port);
    peer->filter = setup->filter;
    sem_init(&peer->ready, 0, 0);

    MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer5;
    create.maxBufferedMessages = 1000; /* counts also what waits for the socket */
    if (MQTTAsync_createWithOptions(&peer->client, uri, setup->name, MQTTCLIENT_PERSISTENCE_NONE,
                                    NULL, &create) != MQTTASYNC_SUCCESS)
        bench_die("cannot make an MQTT client");
    MQTTAsync_setCallbacks(peer->client, setup->context, NULL, setup->on_message, NULL);

    MQTTAsync_connectOptions connect = MQTTAsync_connectOptions_initializer5;
    connect.cleanstart = 1;
    connect.keepAliveInterval = 30;
    connect.maxInflight = 1000;
    connect.onSuccess5 = on_connected;
    connect.onFailure5 = on_failure;
    connect.context = peer;
    if (MQTTAsync_connect(peer->client, &connect) != MQTTASYNC_SUCCESS)
        bench_die("cannot connect to %s", uri);
    sem_wait(&peer->ready);
}
