/* A load run: connect all, choose the product, scan for the given time, wait for every verdict, put
 * away, and compare stock's count with ours. One thread, one epoll. */
#include "load/load.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "load/plan.h"
#include "load/setup.h"
#include "scenario/label.h"

#define SCANNER_PREFIX "load-scanner"
#define LOCKER_PREFIX "load-locker"
#define EVENTS_MAX 512
#define TURN_UNITS_MAX 2048            /* of those that are due, before sockets get their turn */
#define TURN_MS_MAX 10                 /* and for no longer than this */
#define CONNECT_SPREAD_MS_PER_1000 250 /* the first connects are spread over this time */
#define CONNECT_WAIT_MS 60000
#define ANSWER_WAIT_MS 120000
#define DOOR_PERIOD_MS 5000
#define IDLE_WAIT_MS 100
#define LOOK_AGAIN_MS 50
#define RANDOM_SEED 1
#define FILES_BESIDE 64 /* of the process itself; each device is one more */

enum stage {
    STAGE_CONNECT = 0, /* until all are up and have said hello */
    STAGE_RECEIVE = 1, /* the command label */
    STAGE_PRODUCT = 2,
    STAGE_SCAN = 3,  /* for the given time */
    STAGE_DRAIN = 4, /* until nothing waits for a verdict */
    STAGE_BIN = 5,
};

struct run {
    struct load_plan plan;
    struct sim_system system;
    struct sim_http http;
    struct load_fleet fleet;
    struct load_unit *units;
    size_t count;
    enum stage stage;
    int64_t product;
    char label[SIM_LABEL_SIZE]; /* what is scanned in this stage */
    int64_t stage_began_ms;
    int64_t killed_at_ms; /* 0: not yet */
    uint64_t taken_at_up; /* scans that were taken when all were back */
    uint64_t connects_at_kill;
    bool has_fallen;            /* a device has lost its connection since the kill */
    struct load_meter verdicts; /* of the measured part */
    struct load_result result;
};

static volatile sig_atomic_t was_interrupted;

static void on_signal(int number)
{
    (void)number;
    was_interrupted = 1;
}

static int64_t read_mono(void *self)
{
    (void)self;
    return load_now_ms();
}

static int64_t read_wall(void *self)
{
    (void)self;
    return sim_wall_ms();
}

static void draw_random(void *self, void *ret_bytes, size_t size)
{
    (void)self;
    randombytes_buf(ret_bytes, size);
}

static void make_mac(void *self, const void *bytes, size_t size, uint8_t ret_mac[FW_MAC_BYTES])
{
    static const uint8_t KEY[FW_KEY_BYTES];
    (void)self;
    (void)crypto_auth_hmacsha256(ret_mac, bytes, size, KEY);
}

/* ---- hands ---- */

static void use_door(struct load_unit *unit, int64_t now_ms)
{
    struct sim_compartment *door = &unit->compartments[0];
    if (sim_compartment_is_hooked(door))
        (void)sim_compartment_force(door, now_ms);
    else
        (void)sim_compartment_push(door, now_ms);
    unit->act_at_ms = now_ms + DOOR_PERIOD_MS / 2 + load_random(unit->fleet, DOOR_PERIOD_MS);
}

static bool scan_piece(struct run *run, struct load_unit *unit)
{
    if (!load_unit_scan(unit, run->label))
        return false;
    unit->holds_goods = true;
    load_unit_step(unit);
    return true;
}

static void scan_at_rate(struct run *run, struct load_unit *unit, int64_t now_ms)
{
    const int64_t period_ms = run->plan.scanner_count * 1000 / run->plan.rate;
    if (now_ms < unit->act_at_ms)
        return;
    (void)scan_piece(run, unit); /* when it cannot take it, the piece waits for its next turn */
    unit->act_at_ms += period_ms > 0 ? period_ms : 1;
    load_unit_step(unit);
}

/* What the person at this device does now. */
static void act(struct run *run, struct load_unit *unit)
{
    if (run->stage != STAGE_SCAN)
        return;
    const int64_t now_ms = load_now_ms();
    if (unit->is_locker) {
        if (now_ms >= unit->act_at_ms) {
            use_door(unit, now_ms);
            load_unit_step(unit);
        }
        return;
    }
    if (run->fleet.taken >= LOAD_PIECES_MAX)
        return;
    if (run->plan.rate > 0) {
        scan_at_rate(run, unit, now_ms);
        return;
    }
    unit->act_at_ms = INT64_MAX; /* from now on when a verdict comes */
    while (load_unit_held(unit) < run->plan.window && scan_piece(run, unit))
        continue; /* at most `window` rounds: each makes a record, or says it cannot */
}

/* ---- the loop ---- */

static void turn(struct run *run)
{
    struct epoll_event events[EVENTS_MAX];
    struct load_heap *heap = &run->fleet.heap;
    int64_t wait_ms = heap->due_ms[load_heap_first(heap)] - load_now_ms();

    wait_ms = wait_ms < 0 ? 0 : wait_ms > IDLE_WAIT_MS ? IDLE_WAIT_MS : wait_ms;
    const int count = epoll_wait(run->fleet.epoll_fd, events, EVENTS_MAX, (int)wait_ms);
    for (int i = 0; i < count; i++) {
        struct load_unit *unit = events[i].data.ptr;
        load_unit_on_events(unit, events[i].events);
        act(run, unit);
    }
    const int64_t end_ms = load_now_ms() + TURN_MS_MAX;
    for (int i = 0; i < TURN_UNITS_MAX; i++) {
        const uint32_t slot = load_heap_first(heap);
        const int64_t now_ms = load_now_ms();
        if (heap->due_ms[slot] > now_ms || now_ms > end_ms)
            return;
        load_unit_step(&run->units[slot]);
        act(run, &run->units[slot]);
    }
}

static int64_t count_held(const struct run *run)
{
    int64_t held = 0;
    for (size_t i = 0; i < run->count; i++)
        held += load_unit_held(&run->units[i]);
    return held;
}

static int give_up(struct run *run, const char *what)
{
    if (was_interrupted)
        (void)fprintf(stderr, "lockstock-sim: interrupted\n");
    else
        (void)fprintf(stderr,
                      "lockstock-sim: %s: %zu of %zu devices are connected, %" PRId64
                      " records wait for their acknowledgement\n",
                      what, run->fleet.up_count, run->count, count_held(run));
    return LOAD_FAILED;
}

static bool is_settled(const struct run *run)
{
    return run->fleet.up_count == run->count && count_held(run) == 0;
}

static void watch_storm(struct run *run)
{
    struct load_result *result = &run->result;

    if (run->killed_at_ms == 0 || result->storm_caught_up_ms >= 0)
        return;
    run->has_fallen |= run->fleet.up_count < run->count;
    if (result->storm_up_ms < 0 && run->has_fallen && run->fleet.up_count == run->count) {
        result->storm_up_ms = load_now_ms() - run->killed_at_ms;
        result->storm_connects = run->fleet.connects - run->connects_at_kill;
        run->taken_at_up = run->fleet.taken;
    }
    if (result->storm_up_ms >= 0 && run->fleet.acked >= run->taken_at_up)
        result->storm_caught_up_ms = load_now_ms() - run->killed_at_ms;
}

/* Turns until all are connected and nothing waits for its acknowledgement. */
static int settle(struct run *run, int64_t limit_ms, const char *what)
{
    const int64_t end_ms = load_now_ms() + limit_ms;
    int64_t look_at_ms = 0;

    for (;;) { /* bounded by end_ms */
        turn(run);
        watch_storm(run);
        const int64_t now_ms = load_now_ms();
        if (was_interrupted || now_ms >= end_ms)
            return give_up(run, what);
        if (now_ms < look_at_ms)
            continue;
        look_at_ms = now_ms + LOOK_AGAIN_MS;
        if (is_settled(run))
            return LOAD_PASSED;
    }
}

static void note(const struct run *run, const char *text)
{
    if (!run->plan.is_json)
        (void)fprintf(stderr, "  %s\n", text);
}

/* ---- stages ---- */

static int connect_all(struct run *run)
{
    const int64_t now_ms = load_now_ms();
    const uint32_t spread_ms = (uint32_t)(run->count * CONNECT_SPREAD_MS_PER_1000 / 1000);

    note(run, "connecting");
    for (size_t i = 0; i < run->count; i++) {
        run->units[i].reconnect_at_ms = now_ms + load_random(&run->fleet, spread_ms);
        load_unit_step(&run->units[i]);
    }
    const int status = settle(run, CONNECT_WAIT_MS, "not all devices connected in time");
    run->result.connect_ms = load_now_ms() - now_ms;
    return status;
}

/* Every scanner scans one label, and hears its verdict; a bin only where there are goods for it. */
static int scan_once(struct run *run, enum stage stage, const char *kind, const char *value)
{
    if (run->plan.scanner_count == 0)
        return LOAD_PASSED;
    run->stage = stage;
    CHECK(sim_label_print(kind, value, run->label));
    for (size_t i = 0; i < run->count; i++) {
        if (run->units[i].is_locker || (stage == STAGE_BIN && !run->units[i].holds_goods))
            continue;
        CHECK(load_unit_scan(&run->units[i], run->label));
        load_unit_step(&run->units[i]);
    }
    const int status = settle(run, ANSWER_WAIT_MS, "not all scans were answered in time");
    if (status != LOAD_PASSED || run->fleet.refused == 0)
        return status;
    (void)fprintf(stderr, "lockstock-sim: a scan of %s was refused; the reason stands above\n",
                  run->label);
    return LOAD_FAILED;
}

static int kill_broker(struct run *run)
{
    const pid_t pid = sim_system_broker_pid(&run->system);
    if (pid <= 0 || kill(pid, SIGKILL) != 0) {
        (void)fprintf(stderr, "lockstock-sim: the broker's process cannot be killed: %s\n",
                      pid <= 0 ? "no pid file" : strerror(errno));
        return LOAD_FAILED;
    }
    note(run, "broker killed");
    run->killed_at_ms = load_now_ms();
    run->connects_at_kill = run->fleet.connects;
    return LOAD_PASSED;
}

/* Gives every hand something to do from now on, spread over its period. */
static void start_hands(struct run *run, int64_t now_ms)
{
    const int64_t period_ms = run->plan.rate > 0 ? run->plan.scanner_count * 1000 / run->plan.rate
                                                 : 0;

    for (size_t i = 0; i < run->count; i++) {
        struct load_unit *unit = &run->units[i];
        const int64_t first_ms = unit->is_locker ? DOOR_PERIOD_MS : period_ms;
        unit->act_at_ms = now_ms + load_random(&run->fleet, (uint32_t)first_ms + 1);
        load_unit_step(unit);
        act(run, unit);
    }
}

static int scan_for_long(struct run *run)
{
    const int64_t began_ms = load_now_ms();
    const int64_t end_ms = began_ms + run->plan.time_s * 1000;
    const int64_t kill_at_ms = run->plan.with_restart ? began_ms + run->plan.time_s * 500
                                                      : INT64_MAX;
    const uint64_t acked = run->fleet.acked, ups = run->fleet.ups, acks = run->fleet.acks;

    note(run, "scanning");
    run->stage = STAGE_SCAN;
    start_hands(run, began_ms);
    while (load_now_ms() < end_ms && !was_interrupted) {
        turn(run);
        watch_storm(run);
        if (run->killed_at_ms == 0 && load_now_ms() >= kill_at_ms &&
            kill_broker(run) != LOAD_PASSED)
            return LOAD_FAILED;
    }
    run->result.run_ms = load_now_ms() - began_ms;
    run->result.acked_in_run = run->fleet.acked - acked;
    run->result.ups_in_run = run->fleet.ups - ups;
    run->result.acks_in_run = run->fleet.acks - acks;
    return LOAD_PASSED;
}

/* Until every scan has its verdict. */
static int drain(struct run *run)
{
    note(run, "waiting for the last verdicts");
    run->stage = STAGE_DRAIN;
    for (size_t i = 0; i < run->count; i++)
        run->units[i].act_at_ms = INT64_MAX;
    return settle(run, ANSWER_WAIT_MS, "not all scans were answered in time");
}

/* The measured part. */
static int measure(struct run *run)
{
    const uint64_t taken = run->fleet.taken, acked = run->fleet.acked;

    memset(&run->fleet.verdicts, 0, sizeof(run->fleet.verdicts));
    int status = scan_for_long(run);
    if (status != LOAD_PASSED)
        return status;
    status = drain(run);
    if (status != LOAD_PASSED)
        return status;
    run->verdicts = run->fleet.verdicts;
    run->result.verdicts = &run->verdicts;
    run->result.scans = run->fleet.taken - taken;
    run->result.scans_acked = run->fleet.acked - acked;
    run->result.locker_records = run->fleet.records;
    run->result.locker_records_acked = run->fleet.records_acked;
    return LOAD_PASSED;
}

/* Waits for product, which takes over what stock has counted within moments. */
static int compare(struct run *run)
{
    const int64_t end_ms = load_now_ms() + ANSWER_WAIT_MS;
    struct kit_error err = { 0 };
    int64_t look_at_ms = 0, qty = 0;

    while (load_now_ms() < end_ms && !was_interrupted) {
        turn(run);
        if (load_now_ms() < look_at_ms)
            continue;
        look_at_ms = load_now_ms() + LOOK_AGAIN_MS;
        if (load_count_registered(&run->http, run->product, &qty, &err) != KIT_OK) {
            (void)fprintf(stderr, "lockstock-sim: %s\n", err.text);
            return LOAD_FAILED;
        }
        run->result.pieces_counted = qty - 1; /* it was made with one */
        if (run->result.pieces_counted >= (int64_t)run->result.scans)
            break;
    }
    return LOAD_PASSED;
}

static int receive(struct run *run)
{
    return scan_once(run, STAGE_RECEIVE, "command", "RECEIVE");
}

static int scan_product(struct run *run)
{
    char number[24];
    (void)snprintf(number, sizeof(number), "%" PRId64, run->product);
    return scan_once(run, STAGE_PRODUCT, "product", number);
}

static int put_away(struct run *run)
{
    return scan_once(run, STAGE_BIN, "bin", "LOAD");
}

static int play(struct run *run)
{
    static int (*const stages[])(struct run *) = { connect_all, receive,  scan_product,
                                                   measure,     put_away, compare };

    for (size_t i = 0; i < KIT_COUNT(stages); i++) {
        int status = stages[i](run);
        if (status != LOAD_PASSED)
            return status;
    }
    run->result.refused = run->fleet.refused;
    return LOAD_PASSED;
}

/* ---- opening ---- */

static int open_unit(struct run *run, size_t index, struct kit_error *err)
{
    struct load_unit *unit = &run->units[index];
    const bool is_locker = index >= (size_t)run->plan.scanner_count;
    const size_t number = is_locker ? index - (size_t)run->plan.scanner_count + 1 : index + 1;
    struct sim_system_login files;

    unit->slot = (uint32_t)index;
    unit->is_locker = is_locker;
    (void)snprintf(unit->id, sizeof(unit->id), "%s-%zu", is_locker ? LOCKER_PREFIX : SCANNER_PREFIX,
                   number);
    if (!sim_system_device_login(&run->system, unit->id, &files))
        return kit_error_set(err, KIT_E_UNAVAILABLE, "%s has no password or certificate in %s",
                             unit->id, run->system.data);
    return load_unit_open(unit, &run->fleet, &files.login, err);
}

static int open_system(struct run *run, struct kit_error *err)
{
    int rc = sim_system_open(&run->system, run->plan.data, NULL, run->plan.deploy, err);
    if (rc != KIT_OK)
        return rc;
    rc = sim_http_init(&run->http, run->system.base_port, err);
    if (rc != KIT_OK)
        return rc;
    return load_add_product(&run->http, &run->product, err);
}

static int add_devices(struct run *run, struct kit_error *err)
{
    int rc = load_add_devices(&run->system, "scanner", SCANNER_PREFIX, run->plan.scanner_count,
                              err);
    if (rc != KIT_OK)
        return rc;
    return load_add_devices(&run->system, "locker", LOCKER_PREFIX, run->plan.locker_count, err);
}

/* Raises the limit of open files as far as the shell allows. */
static int raise_limit(struct run *run, struct kit_error *err)
{
    struct rlimit files = { 0 };
    const size_t count = (size_t)(run->plan.scanner_count + run->plan.locker_count);
    const rlim_t wanted = (rlim_t)count + FILES_BESIDE;

    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    if (files.rlim_cur < wanted)
        return kit_error_set(err, KIT_E_IO,
                             "%zu devices need %" PRIu64
                             " open files, and this shell allows %" PRIu64
                             ": raise the hard limit (ulimit -Hn), or take fewer devices",
                             count, (uint64_t)wanted, (uint64_t)files.rlim_cur);
    return KIT_OK;
}

static int open_fleet(struct run *run, struct kit_error *err)
{
    const size_t count = (size_t)(run->plan.scanner_count + run->plan.locker_count);
    struct load_fleet *fleet = &run->fleet;

    run->units = calloc(count, sizeof(*run->units));
    CHECK(run->units != NULL);
    run->count = count;
    load_heap_init(&fleet->heap, count);
    fleet->mqtt_port = run->system.mqtt_port;
    fleet->site = LOAD_SITE;
    fleet->clock = (struct fw_clock){ read_mono, read_wall, NULL };
    fleet->rng = (struct fw_rng){ draw_random, NULL };
    fleet->mac = (struct fw_mac){ make_mac, NULL, FW_KEY_NO_FIRST };
    sim_rng_init(&fleet->random, RANDOM_SEED, "fleet");
    fleet->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (fleet->epoll_fd < 0)
        return kit_error_set(err, KIT_E_IO, "epoll: %s", strerror(errno));
    for (size_t i = 0; i < run->count; i++) {
        int rc = open_unit(run, i, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

static int open_run(struct run *run, struct kit_error *err)
{
    static int (*const stages[])(struct run *, struct kit_error *) = { open_system, add_devices,
                                                                       raise_limit, open_fleet };

    for (size_t i = 0; i < KIT_COUNT(stages); i++) {
        int rc = stages[i](run, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

static void close_run(struct run *run)
{
    for (size_t i = 0; i < run->count; i++)
        load_unit_close(&run->units[i]);
    free(run->units);
    sim_http_done(&run->http);
    sim_system_close(&run->system);
    load_heap_done(&run->fleet.heap);
    if (run->fleet.epoll_fd >= 0)
        close(run->fleet.epoll_fd);
}

static int run_plan(struct run *run)
{
    struct kit_error err = { 0 };

    if (open_run(run, &err) != KIT_OK) {
        (void)fprintf(stderr, "lockstock-sim: %s\n", err.text);
        return LOAD_UNREACHABLE;
    }
    int status = play(run);
    if (status != LOAD_PASSED)
        return status;
    load_result_print(&run->plan, &run->result, stdout);
    return load_result_has_loss(&run->result) ? LOAD_FAILED : LOAD_PASSED;
}

int sim_load_main(int argc, char **argv)
{
    struct run run = { .fleet = { .epoll_fd = -1 },
                       .result = { .storm_up_ms = -1, .storm_caught_up_ms = -1 } };
    bool is_over;

    int status = load_plan_read(&run.plan, argc, argv, &is_over);
    if (is_over)
        return status;
    if (sodium_init() < 0)
        return LOAD_FAILED;
    (void)signal(SIGINT, on_signal);
    (void)signal(SIGTERM, on_signal);
    (void)signal(SIGPIPE, SIG_IGN);
    status = run_plan(&run);
    close_run(&run);
    return status;
}
