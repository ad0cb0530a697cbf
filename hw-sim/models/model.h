/* What every model is to the loop that drives it: perhaps a file to poll, perhaps something due
 * later. Models hold physics and wire protocols, never a thread, a clock or a wait of their own:
 * `now` is a parameter, in monotonic milliseconds from any start, and never goes back. Pure but for
 * the listener.
 * One thread. A model never includes firmware: else both could share one mistake. */
#ifndef SIM_MODELS_MODEL_H
#define SIM_MODELS_MODEL_H

#include <stdint.h>

#define SIM_NEVER INT64_MAX     /* no deadline */
#define SIM_NAME_SIZE 64        /* a model's name in reports; with NUL */
#define SIM_EVENT_TEXT_SIZE 400 /* detail of an event; with NUL */

/* A loop asks poll_fd and next_due_ms again before each poll: both change. */
struct sim_model {
    int (*poll_fd)(void *self);                      /* to poll for POLLIN; -1: none now */
    void (*on_readable)(void *self, int64_t now_ms); /* reads all there is; also on POLLHUP */
    int64_t (*next_due_ms)(void *self);              /* SIM_NEVER: nothing is due */
    void (*advance)(void *self, int64_t now_ms);     /* does all that is due by now */
    void *self;
};

/* kind, name in reports */
#define SIM_EVENT_MAP(X)                                                                           \
    X(SIM_EVENT_PEER_CAME, "peer-came")           /* somebody opened the line */                   \
    X(SIM_EVENT_PEER_LEFT, "peer-left")           /* nobody has the line open any more */          \
    X(SIM_EVENT_LINE_SENT, "line-sent")           /* detail: the bytes, escaped */                 \
    X(SIM_EVENT_LINE_LOST, "line-lost")           /* sent while nobody listened, or overrun */     \
    X(SIM_EVENT_COIL_ON, "coil-on")               /* the board pulses the lock */                  \
    X(SIM_EVENT_COIL_OFF, "coil-off")             /* the pulse is over */                          \
    X(SIM_EVENT_LATCH_RELEASED, "latch-released") /* the bolt is back */                           \
    X(SIM_EVENT_LATCH_STUCK, "latch-stuck")       /* pulsed, but the bolt did not move */          \
    X(SIM_EVENT_LATCH_CAUGHT, "latch-caught")     /* the bolt holds the door */                    \
    X(SIM_EVENT_DOOR_AJAR, "door-ajar")                                                            \
    X(SIM_EVENT_DOOR_OPEN, "door-open")                                                            \
    X(SIM_EVENT_DOOR_SHUT, "door-shut")                                                            \
    X(SIM_EVENT_DOOR_FORCED, "door-forced") /* by a crowbar */                                     \
    X(SIM_EVENT_OBJECT_PUT, "object-put")   /* detail: which */                                    \
    X(SIM_EVENT_OBJECT_TAKEN, "object-taken")                                                      \
    X(SIM_EVENT_POLL, "poll")       /* a board was asked for its status: many of these */          \
    X(SIM_EVENT_REQUEST, "request") /* a board was asked for anything else; detail: hex */         \
    X(SIM_EVENT_REPLY, "reply")     /* its answer to that; detail: hex, and when */                \
    X(SIM_EVENT_FAULT, "fault")     /* an injected fault worked; detail: which */

enum sim_event_kind {
#define SIM_EVENT_ENUM(kind, name) kind,
    SIM_EVENT_MAP(SIM_EVENT_ENUM)
#undef SIM_EVENT_ENUM
};

/* Borrowed for the call. */
struct sim_event {
    int64_t at_ms;
    enum sim_event_kind kind;
    const char *model;  /* name of the scanner, board, branch or compartment */
    const char *detail; /* "" if the kind says it all; printable ASCII */
};

/* Hears what happens in the physical world and on the wires; fn NULL: nobody listens. It may not
 * call back into the model that speaks. */
struct sim_listener {
    void (*fn)(void *self, const struct sim_event *event);
    void *self;
};

/* As reports call it: "door-open". */
const char *sim_event_kind_name(enum sim_event_kind kind);

/* Tells the listener, if there is one. detail may be NULL. */
void sim_tell(const struct sim_listener *listener, const char *model, enum sim_event_kind kind,
              int64_t at_ms, const char *detail);

/* Bytes as "02 00 30", cut at the end of the buffer; returns ret_text. */
const char *sim_hex(const uint8_t *bytes, uint32_t size, char ret_text[SIM_EVENT_TEXT_SIZE]);

/* Bytes as text with \r, \n, \\ and \xHH for what is not printable ASCII; returns ret_text. */
const char *sim_printable(const uint8_t *bytes, uint32_t size, char ret_text[SIM_EVENT_TEXT_SIZE]);

/* The nearer of two deadlines. */
int64_t sim_earlier(int64_t a_ms, int64_t b_ms);

#endif
