/* Raw ceiling: messages a second from one bare paho client through the broker to another, in two
 * processes, MQTT 5, QoS 1. Flags: --port N --outstanding N --bytes N --seconds N. Prints
 * {"messages_per_s","p50_ms","p99_ms"}, of what arrived.
 *
 * Each PUBACK starts the next publish, so never more than --outstanding are in flight. */
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common.h"
#include "peer.h"

#define OUTSTANDING_MAX 200
#define PAYLOAD_MAX 4096
#define SAMPLES_MAX 4000000
#define TOPIC "bench/flow"

/* Shared by both processes. */
struct board {
    atomic_bool running;
    atomic_bool is_ready;
    atomic_bool is_told;
    uint64_t received;
    double p50_ms, p99_ms;
};

struct sink {
    struct bench_peer link;
    struct board *board;
    struct bench_samples samples;
};

struct source {
    struct bench_peer link;
    struct board *board;
    int payload_size;
    char payload[PAYLOAD_MAX];
};

static int on_message(void *context, char *topic, int topic_size, MQTTAsync_message *message)
{
    struct sink *sink = context;
    int64_t sent_at_ns;

    (void)topic_size;
    memcpy(&sent_at_ns, message->payload, sizeof(sent_at_ns));
    if (atomic_load(&sink->board->running))
        bench_samples_add(&sink->samples, bench_now_ns() - sent_at_ns);
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

static void wait_for(atomic_bool *flag, bool value)
{
    const struct timespec rest = { .tv_nsec = 1000000 };
    while (atomic_load(flag) != value)
        nanosleep(&rest, NULL);
}

static void receive(int port, struct board *board)
{
    static struct sink sink;
    const struct bench_peer_setup setup = { port, "bench-sink", TOPIC, on_message, &sink };

    sink.board = board;
    bench_samples_init(&sink.samples, SAMPLES_MAX);
    bench_peer_open(&sink.link, &setup);
    atomic_store(&board->is_ready, true);
    wait_for(&board->running, true);
    wait_for(&board->running, false);
    MQTTAsync_destroy(&sink.link.client); /* nobody else touches the samples now */
    board->received = sink.samples.count + sink.samples.dropped;
    board->p50_ms = bench_samples_percentile_ms(&sink.samples, 50);
    board->p99_ms = bench_samples_percentile_ms(&sink.samples, 99);
    atomic_store(&board->is_told, true);
}

static void publish(struct source *source);

static void on_puback(void *context, MQTTAsync_successData5 *response)
{
    struct source *source = context;
    (void)response;
    if (atomic_load(&source->board->running))
        publish(source);
}

static void publish(struct source *source)
{
    MQTTAsync_message message = MQTTAsync_message_initializer;
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    const int64_t now_ns = bench_now_ns();

    memcpy(source->payload, &now_ns, sizeof(now_ns));
    message.payload = source->payload;
    message.payloadlen = source->payload_size;
    message.qos = 1;
    options.onSuccess5 = on_puback;
    options.context = source;
    if (MQTTAsync_sendMessage(source->link.client, TOPIC, &message, &options) != MQTTASYNC_SUCCESS)
        bench_die("cannot publish");
}

static int ignore(void *context, char *topic, int topic_size, MQTTAsync_message *message)
{
    (void)context;
    (void)topic_size;
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

int main(int argc, char **argv)
{
    static struct source source;
    const int port = (int)bench_flag_int(argc, argv, "--port", 1883, 65535);
    const int outstanding = (int)bench_flag_int(argc, argv, "--outstanding", 150, OUTSTANDING_MAX);
    const int64_t seconds = bench_flag_int(argc, argv, "--seconds", 2, 3600);
    struct board *board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    source.payload_size = (int)bench_flag_int(argc, argv, "--bytes", 200, PAYLOAD_MAX);
    if (board == MAP_FAILED || source.payload_size < (int)sizeof(int64_t))
        bench_die("no shared memory, or --bytes below 8");
    memset(board, 0, sizeof(*board));
    const pid_t sink = fork(); /* before paho starts its threads */
    if (sink < 0)
        bench_die("cannot fork");
    if (sink == 0) {
        receive(port, board);
        _exit(0);
    }
    const struct bench_peer_setup setup = { port, "bench-source", "bench/none", ignore, &source };
    source.board = board;
    bench_peer_open(&source.link, &setup);
    wait_for(&board->is_ready, true);
    atomic_store(&board->running, true);
    const int64_t start_ns = bench_now_ns();
    for (int i = 0; i < outstanding; i++)
        publish(&source);
    const struct timespec rest = { .tv_sec = (time_t)seconds };
    nanosleep(&rest, NULL); /* the measured time itself; callbacks do the work */
    atomic_store(&board->running, false);
    const double took_s = (double)(bench_now_ns() - start_ns) / 1e9;
    wait_for(&board->is_told, true);
    printf("{\"messages_per_s\":%.0f,\"p50_ms\":%.4f,\"p99_ms\":%.4f}\n",
           (double)board->received / took_s, board->p50_ms, board->p99_ms);
    MQTTAsync_destroy(&source.link.client);
    waitpid(sink, NULL, 0);
    return 0;
}
