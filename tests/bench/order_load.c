/* Orders over HTTP, watched to their end on the streams: when did each step become visible?
 *
 *   POST sent -> 201 answered -> DeliveryRequested -> StockReserved -> DeliveryUpdated ->
 * RentalUpdated
 *
 * Either at a steady rate (--rate N: open loop) or as fast as the system delivers (--backlog N: at
 * most N orders unanswered or undelivered). Prints one JSON object. One thread, no library but
 * cJSON. Flags: --http-port --mqtt-port --user --password --product --seconds --connections --rate
 * | --backlog. */
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "common.h"
#include "wire.h"

#define CONNECTIONS_MAX 256
#define ORDERS_MAX (4 << 20) /* highest rental id that is followed */
#define DRAIN_S 15           /* how long the last orders may take */
#define SAMPLES_MAX (1 << 20)
#define EVENTS_MAX 64

enum stage {
    STAGE_ANSWERED,
    STAGE_REQUESTED,
    STAGE_RESERVED,
    STAGE_DELIVERED,
    STAGE_DONE,
    STAGE_COUNT
};
static const char *const stage_names[STAGE_COUNT] = { "answered", "requested", "reserved",
                                                      "delivered", "done" };

struct order {
    int64_t sent_ns; /* 0: not ours, or its answer is not here yet */
    int64_t at_ns[STAGE_COUNT];
};

struct load {
    struct bench_http connections[CONNECTIONS_MAX];
    int connection_count;
    struct bench_mqtt mqtt;
    int epoll_fd;
    char body[100];
    struct order *orders;
    int64_t sent, accepted, refused, finished, rejected, finished_in_time;
    int64_t end_ns;
    struct bench_samples samples[STAGE_COUNT];
};

/* ---- what the streams say ---- */

static void finish(struct load *load, const struct order *order)
{
    load->finished++;
    if (bench_now_ns() < load->end_ns)
        load->finished_in_time++;
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        if (order->at_ns[stage] != 0)
            bench_samples_add(&load->samples[stage], order->at_ns[stage] - order->sent_ns);
}

static void note(struct load *load, int64_t id, enum stage stage, int64_t now_ns)
{
    if (id <= 0 || id >= ORDERS_MAX)
        bench_die("rental id %lld is more than this program can follow", (long long)id);
    struct order *order = &load->orders[id];
    if (order->at_ns[stage] != 0)
        return;
    order->at_ns[stage] = now_ns;
    /* The event may overtake the 201: whichever comes second finishes the order. */
    if (order->sent_ns != 0 && order->at_ns[STAGE_DONE] != 0 &&
        (stage == STAGE_DONE || stage == STAGE_ANSWERED))
        finish(load, order);
}

static const char *member_text(const cJSON *node, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(node, name));
    return text != NULL ? text : "";
}

static void on_event(struct load *load, const cJSON *event, int64_t now_ns)
{
    const char *type = member_text(event, "type");
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(event, "data");
    bool of_stock = strcmp(type, "StockReserved") == 0;
    const cJSON *id_node = cJSON_GetObjectItemCaseSensitive(data, of_stock ? "deliveryId" : "id");
    int64_t id = cJSON_IsNumber(id_node) ? (int64_t)id_node->valuedouble : 0;
    bool delivered = strcmp(member_text(data, "status"), "DELIVERED") == 0;

    if (of_stock) {
        note(load, id, STAGE_RESERVED, now_ns);
    } else if (strcmp(type, "DeliveryRequested") == 0) {
        note(load, id, STAGE_REQUESTED, now_ns);
    } else if (strcmp(type, "DeliveryUpdated") == 0 && delivered) {
        note(load, id, STAGE_DELIVERED, now_ns);
    } else if (strcmp(type, "RentalUpdated") == 0) {
        if (!delivered)
            load->rejected++;
        note(load, id, STAGE_DONE, now_ns);
    }
}

static void on_message(void *context, const char *payload, size_t size_bytes)
{
    struct load *load = context;
    int64_t now_ns = bench_now_ns();
    cJSON *events = cJSON_ParseWithLength(payload, size_bytes);
    if (!cJSON_IsArray(events))
        bench_die("a stream message is not an array: %.*s",
                  (int)(size_bytes < 80 ? size_bytes : 80), payload);
    for (const cJSON *event = events->child; event != NULL; event = event->next)
        on_event(load, event, now_ns);
    cJSON_Delete(events);
}

/* ---- what the answers say ---- */

static void on_answer(struct load *load, const struct bench_http *http,
                      const struct bench_answer *answer)
{
    const char *id_text = strstr(answer->body, "\"id\":");
    if (answer->status != 201 || id_text == NULL) {
        if (load->refused++ == 0)
            fprintf(stderr, "first refusal: status %d %.200s\n", answer->status, answer->body);
        return;
    }
    int64_t id = strtoll(id_text + 5, NULL, 10);
    load->accepted++;
    if (id <= 0 || id >= ORDERS_MAX)
        bench_die("rental id %lld is more than this program can follow", (long long)id);
    load->orders[id].sent_ns = http->sent_at_ns;
    note(load, id, STAGE_ANSWERED, bench_now_ns());
}

/* ---- the loop ---- */

static void watch(int epoll_fd, int fd, void *tag)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = tag };
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
        bench_die("epoll_ctl failed");
}

static bool send_one(struct load *load)
{
    for (int i = 0; i < load->connection_count; i++) {
        if (load->connections[i].is_busy)
            continue;
        bench_http_post(&load->connections[i], "/rentals", load->body);
        load->sent++;
        return true;
    }
    return false;
}

static void read_connection(struct load *load, struct bench_http *http)
{
    struct bench_answer answer = { .status = -1 };
    int fd_before = http->fd;
    bool is_answered = bench_http_read(http, &answer);
    if (http->fd != fd_before || answer.status == 0) {
        epoll_ctl(load->epoll_fd, EPOLL_CTL_DEL, http->fd, NULL);
        watch(load->epoll_fd, http->fd, http);
    }
    if (is_answered)
        on_answer(load, http, &answer);
}

static void wait_and_read(struct load *load, int timeout_ms)
{
    struct epoll_event ready[EVENTS_MAX];
    int count = epoll_wait(load->epoll_fd, ready, EVENTS_MAX, timeout_ms);
    for (int i = 0; i < count; i++) {
        if (ready[i].data.ptr == &load->mqtt)
            bench_mqtt_read(&load->mqtt, on_message, load);
        else
            read_connection(load, ready[i].data.ptr);
    }
}

static void run(struct load *load, int64_t rate, int64_t backlog)
{
    int64_t start_ns = bench_now_ns();
    while (bench_now_ns() < load->end_ns) {
        int64_t due = rate > 0 ? (bench_now_ns() - start_ns) * rate / 1000000000 + 1
                               : load->finished + load->refused + backlog;
        while (load->sent < due && send_one(load))
            ;
        wait_and_read(load, 1);
    }
    int64_t drain_end_ns = bench_now_ns() + DRAIN_S * INT64_C(1000000000);
    while (load->finished + load->refused < load->sent && bench_now_ns() < drain_end_ns)
        wait_and_read(load, 100);
}

static void print_result(struct load *load, int64_t seconds)
{
    printf("{\"sent\":%lld,\"accepted\":%lld,\"refused\":%lld,\"finished\":%lld,\"rejected\":%lld,"
           "\"finished_per_s\":%.1f,\"stages\":{",
           (long long)load->sent, (long long)load->accepted, (long long)load->refused,
           (long long)load->finished, (long long)load->rejected,
           (double)load->finished_in_time / (double)seconds);
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        printf("%s\"%s\":{\"p50_ms\":%.3f,\"p99_ms\":%.3f}", stage == 0 ? "" : ",",
               stage_names[stage], bench_samples_percentile_ms(&load->samples[stage], 50),
               bench_samples_percentile_ms(&load->samples[stage], 99));
    printf("}}\n");
}

int main(int argc, char **argv)
{
    static struct load load;
    int64_t rate = bench_flag_int(argc, argv, "--rate", 0, 100000);
    int64_t backlog = bench_flag_int(argc, argv, "--backlog", 0, 100000);
    int64_t seconds = bench_flag_int(argc, argv, "--seconds", 5, 3600);
    int http_port = (int)bench_flag_int(argc, argv, "--http-port", 8080, 65535);
    if ((rate > 0) == (backlog > 0))
        bench_die("needs either --rate or --backlog");

    /* The closed loop needs only the end of each order: less work for the broker and for us. */
    const char *filters[] = { "lockstock/v1/stream/rental", "lockstock/v1/stream/delivery",
                              "lockstock/v1/stream/stock" };
    const struct bench_login login = {
        .port = (int)bench_flag_int(argc, argv, "--mqtt-port", 1883, 65535),
        .user = bench_flag_text(argc, argv, "--user", "operator"),
        .password = bench_flag_text(argc, argv, "--password", ""),
    };
    bench_mqtt_open(&load.mqtt, &login, filters, rate > 0 ? 3 : 1);
    snprintf(load.body, sizeof(load.body), "{\"productId\":%lld,\"qty\":1}",
             (long long)bench_flag_int(argc, argv, "--product", 1, 1 << 30));
    load.orders = calloc(ORDERS_MAX, sizeof(*load.orders)); /* untouched pages cost nothing */
    load.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (load.orders == NULL || load.epoll_fd < 0)
        bench_die("no memory");
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        bench_samples_init(&load.samples[stage], SAMPLES_MAX);

    watch(load.epoll_fd, load.mqtt.fd, &load.mqtt);
    load.connection_count = (int)bench_flag_int(argc, argv, "--connections", 16, CONNECTIONS_MAX);
    for (int i = 0; i < load.connection_count; i++) {
        bench_http_open(&load.connections[i], http_port);
        watch(load.epoll_fd, load.connections[i].fd, &load.connections[i]);
    }
    load.end_ns = bench_now_ns() + seconds * 1000000000;
    run(&load, rate, backlog);
    print_result(&load, seconds);

    bench_mqtt_close(&load.mqtt);
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        bench_samples_done(&load.samples[stage]);
    free(load.orders);
    return load.finished == load.accepted ? 0 : 1;
}
