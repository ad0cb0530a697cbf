/* What a board must give to the firmware: this header is the porting list. firmware/core and
 * firmware/drivers reach the world through these structs alone; ports/template explains every
 * function once more with an empty body, ports/linux is the one that runs on a PC.
 *
 * One thread: the firmware calls the port from its step function, and the port calls the firmware
 * from the same loop. No call blocks longer than its comment says. Times are milliseconds. */
#ifndef FW_PORT_PORT_H
#define FW_PORT_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FW_DEVICE_SIZE 48   /* a device's id, also its broker user and client id; with NUL */
#define FW_SITE_SIZE 48     /* the place it stands in; with NUL */
#define FW_KEY_BYTES 32     /* a device's own key */
#define FW_MAC_BYTES 32     /* HMAC-SHA-256 */
#define FW_PAYLOAD_MAX 4096 /* largest MQTT payload either way */

enum fw_status {
    FW_OK = 0,
    FW_E_FULL = -1,      /* no room: nothing was written */
    FW_E_IO = -2,        /* the part does not answer, or says no */
    FW_E_CORRUPT = -3,   /* what was read is not what was written */
    FW_E_TOO_LARGE = -4, /* does not fit the buffer or the message */
    FW_E_INVALID = -5,   /* against the schema or the protocol */
    FW_E_AWAY = -6,      /* no link now: try again after it came back */
};

struct fw_clock {
    int64_t (*mono_ms)(void *self); /* from any start, never back, 64 bits: it does not wrap */
    int64_t (*wall_ms)(void *self); /* ms since 1970 UTC by a battery clock; 0: there is none */
    void *self;
};

/* NOR-like flash: erased bytes are 0xFF, programming clears bits and never sets one. A cut of power
 * may leave a word half programmed, or a block half erased; nothing else changes. */
struct fw_flash {
    uint32_t block_size_bytes; /* what one erase clears */
    uint32_t block_count;
    uint32_t word_size_bytes; /* smallest program; a power of two, at most 16 */
    int (*read)(void *self, uint32_t offset, void *ret_bytes, uint32_t size_bytes);
    /* offset and size are whole words. FW_OK: it stays through a cut of power (fsync on a PC). */
    int (*program)(void *self, uint32_t offset, const void *bytes, uint32_t size_bytes);
    int (*erase)(void *self, uint32_t block);
    void *self;
};

/* A serial line, raw bytes, never blocking. */
struct fw_uart {
    int (*read)(void *self, void *ret_bytes, size_t size_max); /* count, 0: none now, FW_E_IO */
    int (*write)(void *self, const void *bytes, size_t size);  /* FW_OK: all taken; FW_E_IO */
    /* Drops what was received, and takes back what was written and has not left yet: an unlock must
     * not leave when its caller has been told that nothing opened. FW_E_IO. */
    int (*flush)(void *self);
    int (*reopen)(void *self); /* closes and opens; FW_E_IO: not there (yet) */
    void *self;
};

/* The leaf of lockstock/v1/device/<site>/<kind>/<device>/<leaf> (schemas/topics.md). */
enum fw_leaf {
    FW_LEAF_UP = 0,    /* we publish, QoS 1 */
    FW_LEAF_STATE = 1, /* we publish, QoS 1, retained */
    FW_LEAF_ACK = 2,   /* to us: what the service has stored, and its verdicts */
    FW_LEAF_CMD = 3,   /* to lockers */
    FW_LEAF_CONFIG = 4 /* to lockers, retained */
};

/* One broker connection. Inbound messages reach the application's on_message function. */
struct fw_net {
    /* Copies. FW_OK means taken, not arrived: only the service's ack frees a record. FW_E_AWAY. */
    int (*publish)(void *self, enum fw_leaf leaf, const char *payload, size_t size);
    /* The will has changed: soon after this call, ends the connection and makes another one, with
     * the will as it is then. The application hears of both as of any link that goes and comes. */
    void (*reconnect)(void *self);
    void *self;
};

struct fw_rng {
    void (*fill)(void *self, void *ret_bytes, size_t size); /* unpredictable */
    void *self;
};

/* HMAC-SHA-256 with the device's own key, which never leaves the port. */
struct fw_mac {
    void (*sign)(void *self, const void *bytes, size_t size, uint8_t ret_mac[FW_MAC_BYTES]);
    void *self;
};

enum fw_signal {
    FW_SIGNAL_NONE = 0,
    FW_SIGNAL_OK = 1,    /* short high beep, green */
    FW_SIGNAL_DONE = 2,  /* two high beeps: the task is complete */
    FW_SIGNAL_ERROR = 3, /* long low beep, red */
    FW_SIGNAL_STORED = 4 /* tick: taken, the verdict will follow */
};

/* What the person at the device sees and hears. */
struct fw_panel {
    void (*show)(void *self, enum fw_signal signal, const char *text); /* UTF-8 */
    void *self;
};

/* For the developer's eyes; may do nothing. One line, no newline. */
struct fw_trace {
    void (*write)(void *self, const char *text);
    void *self;
};

#endif
