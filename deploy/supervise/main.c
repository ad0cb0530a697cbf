/* lockstock-supervise: keeps one Lockstock running. Starts the broker and, when it listens,
 * everything else at once; starts again what ends, and kills what hangs; on SIGTERM stops all in
 * order. It takes over what lives already, so that its own death costs nothing. It blocks until a
 * process ends, answers, or a time has come. One thread. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "deploy/supervise/begin.h"
#include "deploy/supervise/child.h"
#include "deploy/supervise/files.h"
#include "deploy/supervise/hear.h"
#include "deploy/supervise/restart.h"
#include "deploy/supervise/watch.h"
#include "kit/process/notify.h"

#define LOOK_EVERY_MS 10000  /* at the sizes of logs, and for pid files that were removed */
#define BROKER_WAIT_MS 10000 /* at most, before the others start without it */
#define BROKER_LOOK_MS SOCKETS_LOOK_MS
#define DIR_BYTES_MAX 400 /* of FILES_PATH_SIZE; deploy/up allows less */
#define HOW_SIZE 64
#define RESTART_FILE "restart" /* run/NAME.restart: somebody asks for it */
#define RESTART_FAILED_FILE "restart-failed"
#define LEAVING_FILE "leaving" /* run/lockstock-bridge.leaving: the pid of the old one */
#define BEHIND 10              /* nice */

#define SELF "supervise"
#define USAGE                                                                                      \
    "usage: lockstock-supervise DIR\n"                                                             \
    "Keeps the Lockstock of DIR running, which deploy/up has made: its processes are started,\n"   \
    "killed when they hang, and started again when they end. SIGTERM stops them in order.\n"       \
    "For each file run/NAME.restart that it finds at SIGUSR1 it restarts that process, one\n"      \
    "after the other; the file goes when the new one is ready.\n"                                  \
    "deploy/up starts it; when it has died, deploy/status and deploy/add-device do, too.\n"

static const struct child_program PROGRAMS[] = {
    { "mosquitto", HALT_BROKER, 0, NULL },
    { "lockstock-product", HALT_SERVICES, BEHIND, NULL },
    { "lockstock-rental", HALT_SERVICES, 0, NULL },
    { "lockstock-delivery", HALT_SERVICES, BEHIND, NULL },
    { "lockstock-stock", HALT_SERVICES, BEHIND, NULL },
    { "lockstock-information", HALT_SERVICES, BEHIND, NULL },
    { "lockstock-account", HALT_SERVICES, 0, "etc/account.ini" },
    { "lockstock-bridge", HALT_BRIDGE, 0, NULL },
    { "demo", HALT_DEMO, 0, NULL }, /* not ours to start; it stops before all others */
};
#define BROKER 0
#define BRIDGE (KIT_COUNT(PROGRAMS) - 2)
#define DEMO (KIT_COUNT(PROGRAMS) - 1)
#define WATCH_COUNT (BRIDGE + 2) /* each process, and the bridge twice */

struct supervisor {
    const char *dir;
    int base_port; /* of the bridge */
    int mqtt_port;
    struct child children[KIT_COUNT(PROGRAMS)];
    struct watch watches[WATCH_COUNT];
    struct sockets sockets; /* of the bridge */
    struct hear hear;
    struct restart restart;
    struct child leaving; /* a bridge beside which a new one was started */
    struct kit_notify notify;
    int signal_fd;
    bool is_asked; /* there may be files run/NAME.restart */
    int64_t look_due_mono_ms;
    int64_t broker_until_mono_ms; /* the others wait for the broker until then; 0: they do not */
    bool is_halting;
    struct halt halt;
};

static int64_t now_mono_ms(void)
{
    struct timespec now;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t earlier(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

/* ---- start and end of one ---- */

/* It has ended, or could not be started: says how, and when it is started again. */
static void plan_start(struct supervisor *self, struct child *child, enum life_end end,
                       const char *how)
{
    const char *name = child->program->name;
    const int64_t now = now_mono_ms();
    const int64_t lived_ms = now - child->life.started_mono_ms;
    const int64_t delay_ms = life_on_end(&child->life, end, now);

    child->due_mono_ms = now + delay_ms;
    files_write_number(self->dir, name, "deaths", child->life.crash_count);
    if (delay_ms == 0)
        files_report(self->dir, "%s %s after %" PRId64 " s; starting it again", name, how,
                     lived_ms / 1000);
    else
        files_report(self->dir,
                     "%s %s after %" PRId64 " s; starting it again in %" PRId64 ".%03d s; "
                     "its log is %s/log/%s.log",
                     name, how, lived_ms / 1000, delay_ms / 1000, (int)(delay_ms % 1000), self->dir,
                     name);
}

static void begin_watch(struct supervisor *self, const struct child *child)
{
    for (size_t i = 0; i < WATCH_COUNT; i++) {
        if (self->watches[i].child == child)
            watch_begin(&self->watches[i], now_mono_ms());
    }
}

/* Anew at each start: an upgrade lays the programs elsewhere. */
static void find_program(const struct supervisor *self, struct child *child)
{
    char folder[CHILD_PATH_SIZE - 32];
    const bool is_ours = child != &self->children[BROKER] &&
                         begin_find_programs(self->dir, folder, sizeof(folder));

    snprintf(child->path, sizeof(child->path), "%s%s%s", is_ours ? folder : "", is_ours ? "/" : "",
             child->program->name);
}

static void start(struct supervisor *self, struct child *child)
{
    const char *name = child->program->name;
    int log_fd = files_open_log(self->dir, name);
    char how[HOW_SIZE];

    if (log_fd < 0)
        log_fd = open("/dev/null", O_WRONLY | O_CLOEXEC); /* to run is worth more than its log */
    const int no_log = log_fd < 0 ? errno : 0;

    files_remove(self->dir, name, "sock");
    life_on_start(&child->life, now_mono_ms());
    find_program(self, child);
    const bool is_bridge = child == &self->children[BRIDGE];
    if (is_bridge)
        sockets_open(&self->sockets, self->base_port);
    const struct child_gifts gifts = { .log_fd = log_fd,
                                       .sockets = is_bridge ? &self->sockets : NULL,
                                       .notify = self->hear.name };
    const int reason = no_log != 0 ? no_log : child_start(child, &gifts);
    if (log_fd >= 0)
        close(log_fd);
    if (reason != 0) {
        snprintf(how, sizeof(how), "could not be started (%s)", strerror(reason));
        plan_start(self, child, LIFE_END_CRASH, how);
        return;
    }
    files_write_number(self->dir, name, "pid", child->pid);
    begin_watch(self, child);
}

static void end_restart(struct supervisor *self, size_t which)
{
    files_remove(self->dir, PROGRAMS[which].name, RESTART_FILE);
    files_report(self->dir, "%s was restarted", PROGRAMS[which].name);
}

/* The new bridge is none: the old one goes on. */
static void take_back(struct supervisor *self)
{
    struct child *child = &self->children[BRIDGE];
    const char *name = child->program->name;
    const struct child none = *child;

    *child = self->leaving;
    self->leaving = none; /* if it lives, it is being killed */
    child_signal(&self->leaving, SIGKILL);
    child->due_mono_ms = child->pid != 0 ? CHILD_NEVER : now_mono_ms();
    files_write_number(self->dir, name, "pid", child->pid);
    files_remove(self->dir, name, LEAVING_FILE);
    files_rename(self->dir, name, RESTART_FILE, RESTART_FAILED_FILE);
    files_report(self->dir,
                 "the new %s was not ready, and the old one goes on; why stands in %s/log/%s.log",
                 name, self->dir, name);
}

static void on_left(struct supervisor *self)
{
    char how[HOW_SIZE];

    (void)child_take_end(&self->leaving, how, sizeof(how));
    files_remove(self->dir, PROGRAMS[BRIDGE].name, LEAVING_FILE);
    if (restart_on_left(&self->restart))
        end_restart(self, BRIDGE);
}

static void on_end(struct supervisor *self, struct child *child)
{
    char how[HOW_SIZE];

    enum life_end end = child_take_end(child, how, sizeof(how));
    if (restart_on_miss(&self->restart, (size_t)(child - self->children))) {
        take_back(self);
        return;
    }
    if (restart_on_end(&self->restart, (size_t)(child - self->children), now_mono_ms())) {
        end = LIFE_END_CLEAN;
        child->life.brief_count = 0; /* it was brief since somebody asked */
    }
    if (!self->is_halting)
        plan_start(self, child, end, how);
}

static void kill_what_hangs(struct supervisor *self)
{
    for (size_t i = 0; i < WATCH_COUNT; i++) {
        if (!watch_tick(&self->watches[i], self->dir, now_mono_ms()))
            continue;
        files_report(self->dir, "%s has not answered %d times in a row: killed",
                     self->watches[i].child->program->name, PROBE_MISSES_MAX);
        child_signal(self->watches[i].child, SIGKILL);
    }
}

/* ---- the broker comes first ---- */

/* The services could start without it and connect later, but that costs a pause each. */
static void start_behind_broker(struct supervisor *self)
{
    if (self->broker_until_mono_ms == 0 ||
        (self->children[BROKER].pid != 0 && !sockets_is_heard(self->mqtt_port) &&
         now_mono_ms() < self->broker_until_mono_ms))
        return;
    self->broker_until_mono_ms = 0;
    for (size_t i = 0; i < DEMO; i++) {
        if (child_is_new(&self->children[i]) && files_is_wanted(self->dir, PROGRAMS[i].needs))
            start(self, &self->children[i]);
    }
}

/* ---- restart, when somebody asks for it ---- */

static void on_ready(struct supervisor *self, size_t which)
{
    if (restart_on_ready(&self->restart, which, now_mono_ms()))
        end_restart(self, which);
}

/* A bridge that keeps its sockets is there twice for a moment, and nobody waits. */
static void start_beside(struct supervisor *self, struct child *child)
{
    self->leaving = *child;
    files_write_number(self->dir, child->program->name, LEAVING_FILE, child->pid);
    child->pid = 0;
    child->pidfd = -1;
    start(self, child);
    if (child->pid == 0 && restart_on_miss(&self->restart, BRIDGE))
        take_back(self);
}

/* The broker says nothing to us. */
static bool is_broker_awaited(const struct supervisor *self)
{
    return self->restart.stage == RESTART_BEGUN && self->restart.which == BROKER;
}

static void hear_all(struct supervisor *self)
{
    pid_t pid;

    while ((pid = hear_ready(&self->hear)) != 0) {
        for (size_t i = BROKER + 1; i < DEMO; i++) {
            if (self->children[i].pid == pid)
                on_ready(self, i);
        }
    }
    if (is_broker_awaited(self) && self->children[BROKER].pid != 0 &&
        sockets_is_heard(self->mqtt_port))
        on_ready(self, BROKER);
}

/* The broker comes last, as all others have to connect anew then. */
static void begin_restart(struct supervisor *self, int64_t now)
{
    for (size_t i = 1; i <= DEMO && self->restart.stage == RESTART_NONE; i++) {
        const size_t which = i % DEMO;
        struct child *child = &self->children[which];
        if (!files_exists(self->dir, PROGRAMS[which].name, RESTART_FILE))
            continue;
        if (which == BRIDGE && child->pid != 0 && self->sockets.are_open) {
            restart_begin_beside(&self->restart, which, now);
            start_beside(self, child);
            continue;
        }
        restart_begin(&self->restart, which, child->pid != 0, now);
        if (child->pid == 0)
            start(self, child);
    }
}

static void restart_on(struct supervisor *self, int64_t now)
{
    hear_all(self);
    const struct child *child = self->restart.is_beside ? &self->leaving
                                                        : &self->children[self->restart.which];
    const char *name = PROGRAMS[self->restart.which].name;

    switch (restart_next(&self->restart, now)) {
    case RESTART_ASK:
        child_signal(child, SIGTERM);
        if (self->leaving.pid == 0 &&
            restart_on_left(&self->restart)) /* it has crashed meanwhile */
            end_restart(self, BRIDGE);
        break;
    case RESTART_KILL:
        files_report(self->dir, "%s did not stop in %d s: killed", name, RESTART_ASK_MS / 1000);
        child_signal(child, SIGKILL);
        break;
    case RESTART_GIVEUP:
        if (self->restart.is_beside) {
            take_back(self);
            break;
        }
        files_rename(self->dir, name, RESTART_FILE, RESTART_FAILED_FILE);
        files_report(self->dir,
                     "%s was restarted, but was not ready after %d s; its log is %s/log/"
                     "%s.log",
                     name, RESTART_READY_MS / 1000, self->dir, name);
        break;
    case RESTART_WAIT:
        break;
    }
    if (self->is_asked) {
        begin_restart(self, now);
        self->is_asked = self->restart.stage != RESTART_NONE;
    }
}

/* ---- stop ---- */

static void signal_group(struct supervisor *self, int number)
{
    if (self->halt.group == HALT_BRIDGE)
        child_signal(&self->leaving, number);
    for (size_t i = 0; i < KIT_COUNT(PROGRAMS); i++) {
        struct child *child = &self->children[i];
        if (child->pid == 0 || (int)child->program->group != self->halt.group)
            continue;
        child_signal(child, number);
        if (number == SIGKILL)
            files_report(self->dir, "%s did not stop in %d s: killed", child->program->name,
                         HALT_ASK_MS / 1000);
    }
}

static size_t alive_count(const struct supervisor *self)
{
    size_t count = self->halt.group == HALT_BRIDGE && self->leaving.pid != 0;
    for (size_t i = 0; i < KIT_COUNT(PROGRAMS); i++)
        count += self->children[i].pid != 0 &&
                 (int)self->children[i].program->group == self->halt.group;
    return count;
}

/* Returns whether all is stopped. */
static bool halt_on(struct supervisor *self)
{
    for (;;) {
        switch (halt_next(&self->halt, alive_count(self), now_mono_ms())) {
        case HALT_ASK:
            signal_group(self, SIGTERM);
            break;
        case HALT_KILL:
            signal_group(self, SIGKILL);
            break;
        case HALT_NEXT:
            break;
        case HALT_WAIT:
            return false;
        case HALT_DONE:
            return true;
        }
    }
}

static void begin_halt(struct supervisor *self)
{
    struct child *demo = &self->children[DEMO];

    self->is_halting = true;
    kit_notify_close(&self->notify);
    sockets_close(&self->sockets); /* nobody is to wait for a bridge that does not come */
    if (demo->pid == 0)
        (void)child_adopt(demo, (pid_t)files_read_number(self->dir, demo->program->name, "pid"));
}

static void leave(struct supervisor *self)
{
    static const char *const SUFFIXES[] = { "pid", "sock", "deaths", RESTART_FILE, LEAVING_FILE };

    for (size_t i = 0; i < KIT_COUNT(PROGRAMS); i++) {
        for (size_t j = 0; j < KIT_COUNT(SUFFIXES); j++)
            files_remove(self->dir, PROGRAMS[i].name, SUFFIXES[j]);
    }
    files_report(self->dir, "stopped");
    files_remove(self->dir, SELF, "pid");
}

/* ---- the loop ---- */

/* The pid files may have been removed, or the disk was full when we wrote. */
static void look(struct supervisor *self, int64_t now)
{
    if (now < self->look_due_mono_ms)
        return;
    self->look_due_mono_ms = now + LOOK_EVERY_MS;
    files_look_at_logs(self->dir);
    files_write_number(self->dir, SELF, "pid", getpid());
    for (size_t i = 0; i < DEMO; i++) {
        if (self->children[i].pid != 0)
            files_write_number(self->dir, PROGRAMS[i].name, "pid", self->children[i].pid);
    }
}

static int64_t next_due(struct supervisor *self, int64_t now)
{
    if (self->is_halting)
        return self->halt.until_mono_ms;
    int64_t due = self->look_due_mono_ms;
    if (self->broker_until_mono_ms != 0 || is_broker_awaited(self))
        due = earlier(due, now + BROKER_LOOK_MS);
    if (self->restart.stage != RESTART_NONE)
        due = earlier(due, self->restart.until_mono_ms);
    else if (self->is_asked)
        due = now;
    for (size_t i = 0; i < DEMO; i++)
        due = earlier(due, self->children[i].due_mono_ms);
    for (size_t i = 0; i < WATCH_COUNT; i++)
        due = earlier(due, watch_due(&self->watches[i]));
    return earlier(due, kit_notify_tick(&self->notify, now));
}

static void on_signal(struct supervisor *self)
{
    struct signalfd_siginfo info;

    if (read(self->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info) || self->is_halting)
        return;
    if (info.ssi_signo == SIGUSR1)
        self->is_asked = true;
    else
        begin_halt(self);
}

/* Blocks until a process has ended or answered, a signal came, or the next time is due. */
static void wait_for_something(struct supervisor *self)
{
    struct pollfd polled[KIT_COUNT(PROGRAMS) + 3 + WATCH_COUNT];
    struct pollfd *of_watches = polled + KIT_COUNT(PROGRAMS) + 3;
    const int64_t now = now_mono_ms();
    const int64_t left_ms = next_due(self, now) - now;

    for (size_t i = 0; i < KIT_COUNT(PROGRAMS); i++) /* poll() passes over a descriptor of -1 */
        polled[i] = (struct pollfd){ .fd = self->children[i].pidfd, .events = POLLIN };
    polled[KIT_COUNT(PROGRAMS)] = (struct pollfd){ .fd = self->signal_fd, .events = POLLIN };
    polled[KIT_COUNT(PROGRAMS) + 1] = (struct pollfd){ .fd = self->hear.fd, .events = POLLIN };
    polled[KIT_COUNT(PROGRAMS) + 2] = (struct pollfd){ .fd = self->leaving.pidfd,
                                                       .events = POLLIN };
    for (size_t i = 0; i < WATCH_COUNT; i++)
        of_watches[i] = watch_pollfd(&self->watches[i]);
    if (poll(polled, KIT_COUNT(polled), left_ms > 0 ? (int)left_ms : 0) <= 0)
        return;
    if (polled[KIT_COUNT(PROGRAMS)].revents != 0)
        on_signal(self);
    if (polled[KIT_COUNT(PROGRAMS) + 2].revents != 0)
        on_left(self);
    for (size_t i = 0; i < KIT_COUNT(PROGRAMS); i++) {
        if (self->children[i].pidfd >= 0 && polled[i].revents != 0)
            on_end(self, &self->children[i]);
    }
    for (size_t i = 0; i < WATCH_COUNT; i++) {
        if (of_watches[i].revents != 0)
            watch_on_ready(&self->watches[i], now_mono_ms());
    }
}

static void run(struct supervisor *self)
{
    for (;;) {
        wait_for_something(self);
        const int64_t now = now_mono_ms();
        if (self->is_halting) {
            if (halt_on(self))
                return;
            continue;
        }
        kill_what_hangs(self);
        start_behind_broker(self);
        restart_on(self, now);
        for (size_t i = 0; i < DEMO; i++) {
            if (self->children[i].due_mono_ms <= now)
                start(self, &self->children[i]);
        }
        look(self, now);
    }
}

/* ---- begin ---- */

static void name_children(struct supervisor *self)
{
    for (size_t i = 0; i < KIT_COUNT(PROGRAMS); i++) {
        struct child *child = &self->children[i];
        *child = (struct child){ .program = &PROGRAMS[i], .pidfd = -1, .due_mono_ms = CHILD_NEVER };
        snprintf(child->option, sizeof(child->option), "%s", i == BROKER ? "-c" : "--config");
        snprintf(child->config, sizeof(child->config), "%s%s", self->dir,
                 i == BROKER ? "/mosquitto/mosquitto.conf"
                 : i == DEMO ? ""
                             : "/etc/lockstock.ini");
    }
    self->leaving = self->children[BRIDGE];
    for (size_t i = 0; i < BRIDGE; i++)
        watch_init(&self->watches[i], &self->children[i + 1], 0);
    watch_init(&self->watches[BRIDGE], &self->children[BRIDGE], self->base_port);
    watch_init_broker(&self->watches[BRIDGE + 1], &self->children[BROKER], self->mqtt_port);
}

static void adopt(struct supervisor *self)
{
    int count = 0;

    for (size_t i = 0; i < DEMO; i++) {
        struct child *child = &self->children[i];
        files_remove(self->dir, PROGRAMS[i].name, "deaths");
        if (!child_adopt(child, (pid_t)files_read_number(self->dir, PROGRAMS[i].name, "pid")))
            continue;
        life_on_start(&child->life, now_mono_ms());
        begin_watch(self, child);
        count++;
    }
    sockets_take(&self->sockets, self->children[BRIDGE].pidfd, self->base_port);
    if (child_adopt(&self->leaving,
                    (pid_t)files_read_number(self->dir, PROGRAMS[BRIDGE].name, LEAVING_FILE)))
        child_signal(&self->leaving, SIGTERM); /* the one before us died meanwhile */
    if (count > 0)
        files_report(self->dir, "took over %d processes that lived already", count);
}

/* For systemd: why not all is started; NULL when it is. */
static const char *not_started(void *context)
{
    const struct supervisor *self = context;
    return self->broker_until_mono_ms != 0 ? "the broker is being started" : NULL;
}

static int fail(const char *text, const char *detail)
{
    dprintf(STDERR_FILENO, "lockstock-supervise: %s%s\n", text, detail);
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    static struct supervisor self;

    if (argc != 2 || strcmp(argv[1], "--help") == 0) {
        dprintf(argc == 2 ? STDOUT_FILENO : STDERR_FILENO, USAGE);
        return argc == 2 ? EXIT_SUCCESS : 64;
    }
    self.dir = argv[1];
    if (strlen(self.dir) > DIR_BYTES_MAX)
        return fail("the name of the folder is too long: choose a shorter one", "");
    if (!begin_read_ports(self.dir, &self.base_port, &self.mqtt_port))
        return fail("there is no file etc/ports, or no port in it: run deploy/up --data ",
                    self.dir);
    if (!begin_hold_dir(self.dir))
        return fail("another supervisor runs, or the folder is not there: ", self.dir);
    begin_forget_caller();
    (void)kit_notify_open(&self.notify);
    self.notify.not_ready = not_started;
    self.notify.context = &self;
    hear_open(&self.hear, self.dir);
    self.is_asked = true; /* of the one before us, perhaps */
    self.signal_fd = begin_open_signals();
    if (self.signal_fd < 0)
        return fail("cannot wait for signals: ", strerror(errno));
    name_children(&self);
    files_write_number(self.dir, SELF, "pid", getpid());
    adopt(&self);
    self.look_due_mono_ms = now_mono_ms() + LOOK_EVERY_MS;
    self.broker_until_mono_ms = now_mono_ms() + BROKER_WAIT_MS;
    if (self.children[BROKER].pid == 0)
        start(&self, &self.children[BROKER]);
    run(&self);
    leave(&self);
    return EXIT_SUCCESS;
}
