/* A device of a scenario: the firmware as a process, the hardware around it as models on serial
 * lines, and the proxy between it and the broker. With a real `port` the person or the board is
 * real too, and only the rest is ours. One thread. */
#ifndef SIM_WORLD_DEVICE_H
#define SIM_WORLD_DEVICE_H

#include "models/board.h"
#include "models/compartment.h"
#include "models/scanner.h"
#include "scenario/scenario.h"
#include "wire/proxy.h"
#include "world/child.h"
#include "world/system.h"
#include "world/traffic.h"

#define SIM_DEVICE_BOARDS_MAX 4
#define SIM_DEVICE_COMPARTMENTS_MAX 16
#define SIM_DEVICE_ID_SIZE 48
#define SIM_PANEL_SIZE 16

struct sim_device;

/* Hears what happens at a device. Texts are borrowed for the call. */
struct sim_device_listener {
    void (*on_panel)(void *self, struct sim_device *device, const char *signal, const char *text);
    void (*on_proxy)(void *self, struct sim_device *device, enum sim_proxy_event event,
                     const struct sim_publish *publish);
    void (*on_physics)(void *self, struct sim_device *device, const struct sim_event *event);
    void (*on_start)(void *self, struct sim_device *device);
    void (*on_end)(void *self, struct sim_device *device, int status); /* firmware, by itself */
    void *self;
};

struct sim_device {
    const cJSON *spec; /* borrowed from the scenario */
    const char *name;  /* in the scenario */
    const char *port;  /* a real serial port, or NULL */
    bool is_locker;
    char id[SIM_DEVICE_ID_SIZE];    /* of the broker user: the name, and the tag of the run */
    char label[SIM_DEVICE_ID_SIZE]; /* the id in capitals, as on the labels of compartments */
    char key[SIM_FILE_SIZE];
    char password[SIM_FILE_SIZE];
    char flash[SIM_FILE_SIZE];
    char log[SIM_FILE_SIZE];
    const struct sim_system *system;
    struct sim_loop *loop;
    struct sim_device_listener listener;
    struct sim_scanner reader; /* the scan head, or the locker's keypad */
    size_t board_count;
    size_t compartment_count;
    struct sim_branch branches[SIM_DEVICE_BOARDS_MAX];
    struct sim_board boards[SIM_DEVICE_BOARDS_MAX];
    struct sim_compartment compartments[SIM_DEVICE_COMPARTMENTS_MAX];
    struct sim_proxy proxy;
    struct sim_child firmware;
    struct sim_traffic traffic;
    int64_t panel_count;  /* lines that it has shown */
    const char *shown_to; /* the actor who used it last, borrowed from the scenario; or NULL */
    bool is_added;        /* with deploy/add-device, for this run */
    bool keeps_state;     /* of earlier runs in the same folder: see sim_device_keep() */
};

/* What one device needs to know of the run. */
struct sim_device_setup {
    const cJSON *spec;
    const char *port; /* a real serial port; NULL: its lines are made */
    const char *tag;  /* put behind the name; "": nothing */
    const char *dir;  /* for flash and log */
    bool keeps_state; /* goes on where the run before, in the same folder, has stopped */
    int64_t seed;
    const struct sim_system *system;
    struct sim_loop *loop;
    struct sim_device_listener listener;
};

/* Makes lines, boards and the proxy, and names the key files; the firmware does not run yet. device
 * is zeroed. Errors: KIT_E_UNAVAILABLE, KIT_E_INVALID; then sim_device_close() frees what there is.
 */
int sim_device_open(struct sim_device *device, const struct sim_device_setup *setup,
                    struct kit_error *err) KIT_MUST_CHECK;

/* Stops the firmware, and ends lines and proxy. Fine for a device that is all zero. */
void sim_device_close(struct sim_device *device);

/* Starts the firmware on the same flash as before. Errors: KIT_E_UNAVAILABLE. */
int sim_device_start(struct sim_device *device, struct kit_error *err) KIT_MUST_CHECK;

/* Writes down what lies in the compartments of a locker that keeps its state, beside its flash: the
 * next run finds it there. Does nothing for others; a disk that is full only costs the memory. */
void sim_device_keep(const struct sim_device *device);

/* "locker" or "scanner": in topics, and in the names of programs. */
const char *sim_device_kind(const struct sim_device *device);

/* number counts from 1; NULL: there is no such compartment. */
struct sim_compartment *sim_device_compartment(struct sim_device *device, int64_t number);

/* Requests that its boards have understood. */
int64_t sim_device_request_count(const struct sim_device *device);

/* How often its lock boards went wrong, as the scenario had told them to. */
int64_t sim_device_fault_count(const struct sim_device *device);

#endif
