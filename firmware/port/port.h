/* What a board must give to the firmware: this header is the porting list. firmware/core and
 * firmware/drivers reach the world through these structs alone. ports/template explains every
 * function once more above an empty body; ports/linux runs on a PC.
 *
 * One thread: the firmware calls the port from its step function, and the port calls the firmware
 * from the same loop, never from inside a call. Only flash may block, for the time that the part
 * needs. Times are milliseconds. `self` is the member of the struct. */
#ifndef FW_PORT_PORT_H
#define FW_PORT_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FW_DEVICE_SIZE 48   /* a device's id, also its broker user and client id; with NUL */
#define FW_SITE_SIZE 48     /* the place that it stands in; with NUL */
#define FW_KEY_BYTES 32     /* a device's own key */
#define FW_KEY_NO_FIRST 1   /* of the key that a device is given first */
#define FW_MAC_BYTES 32     /* HMAC-SHA-256 */
#define FW_PAYLOAD_MAX 4096 /* largest MQTT payload either way */

enum fw_status {
    FW_OK = 0,
    FW_E_FULL = -1,      /* no room: nothing was written */
    FW_E_IO = -2,        /* the part does not answer, or reports a failure */
    FW_E_CORRUPT = -3,   /* the bytes are not those that were written */
    FW_E_TOO_LARGE = -4, /* does not fit the buffer or the message */
    FW_E_INVALID = -5,   /* against the schema or the protocol */
    FW_E_AWAY = -6,      /* no link now: try again after it came back */
};

struct fw_clock {
    int64_t (*mono_ms)(void *self); /* since any start; never goes back, does not wrap */
    int64_t (*wall_ms)(void *self); /* ms since 1970 UTC by a battery clock; 0: there is none */
    void *self;
};

/* NOR-like flash: erased bytes are 0xFF, programming clears bits and never sets one. A cut of power
 * may leave a word half programmed, or a block half erased; nothing else changes. */
struct fw_flash {
    uint32_t block_size_bytes; /* what one erase clears */
    uint32_t block_count;
    uint32_t word_size_bytes; /* smallest program; a power of two, at most 16 */
    /* FW_OK; FW_E_IO; FW_E_CORRUPT: error correction gave up on a word. */
    int (*read)(void *self, uint32_t offset, void *ret_bytes, uint32_t size_bytes);
    /* offset and size are whole words. FW_OK: the bytes stay through a cut of power (fsync on a
     * PC). Blocks while the part programs. FW_E_IO, FW_E_CORRUPT. */
    int (*program)(void *self, uint32_t offset, const void *bytes, uint32_t size_bytes);
    /* Sets all bytes of the block to 0xFF. Blocks while the part erases. FW_E_IO. */
    int (*erase)(void *self, uint32_t block);
    void *self;
};

/* A serial line, raw bytes, never blocking. */
struct fw_uart {
    /* Returns how many bytes were read; 0: none now; FW_E_IO: the line is gone. */
    int (*read)(void *self, void *ret_bytes, size_t size_max);
    /* FW_OK: all bytes were taken. FW_E_IO: the line is gone, or took a part only. */
    int (*write)(void *self, const void *bytes, size_t size);
    /* Drops the received bytes, and the written ones that have not left yet: an unlock must not
     * leave after its caller was told that nothing opened. FW_E_IO. */
    int (*flush)(void *self);
    /* Closes the line and opens it again. FW_E_IO: it is not there, perhaps not yet. */
    int (*reopen)(void *self);
    void *self;
};

/* The leaf of lockstock/v1/device/<site>/<kind>/<device>/<leaf> (schemas/topics.md). */
enum fw_leaf {
    FW_LEAF_UP = 0,    /* we publish, QoS 1 */
    FW_LEAF_STATE = 1, /* we publish, QoS 1, retained */
    FW_LEAF_ACK = 2,   /* to us: up to where the service has the records, and its verdicts */
    FW_LEAF_CMD = 3,   /* to lockers: open a compartment */
    FW_LEAF_CONFIG = 4 /* to lockers, retained: the grants */
};

/* One broker connection. Inbound messages reach the application's on_message function. */
struct fw_net {
    /* Copies the payload. FW_OK means taken, not arrived: only the service's ack frees a record.
     * FW_E_AWAY: no connection, or no room now. FW_E_TOO_LARGE: beyond FW_PAYLOAD_MAX. */
    int (*publish)(void *self, enum fw_leaf leaf, const char *payload, size_t size);
    /* The will has changed. Soon after this call, not during it, the port ends the connection and
     * makes another one, with the will as it is then. The application is told of both, as of any
     * link that goes and comes. */
    void (*reconnect)(void *self);
    void *self;
};

struct fw_rng {
    void (*fill)(void *self, void *ret_bytes, size_t size); /* unpredictable */
    void *self;
};

/* HMAC-SHA-256 with the device's own key. The key never leaves the port. */
struct fw_mac {
    void (*sign)(void *self, const void *bytes, size_t size, uint8_t ret_mac[FW_MAC_BYTES]);
    void *self;
    int32_t key_no; /* the number of that key, from 1: messages say which one they mean */
};

enum fw_signal {
    FW_SIGNAL_NONE = 0,
    FW_SIGNAL_OK = 1,    /* short high beep, green */
    FW_SIGNAL_DONE = 2,  /* two high beeps: the task is complete */
    FW_SIGNAL_ERROR = 3, /* long low beep, red */
    FW_SIGNAL_STORED = 4 /* tick: stored in flash, the verdict will follow */
};

/* What the person at the device sees and hears. */
struct fw_panel {
    /* Shows one line of UTF-8 until the next one. Does not wait for the sound to end. */
    void (*show)(void *self, enum fw_signal signal, const char *text);
    void *self;
};

struct fw_trace {
    /* One line for the developer, without newline. May do nothing. */
    void (*write)(void *self, const char *text);
    void *self;
};

#endif
