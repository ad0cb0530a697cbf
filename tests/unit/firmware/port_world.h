/* Ports of an application on a desk: a reader line to type on, and a panel that remembers. Flash,
 * clock, link and randomness come from device_world.h. */
#ifndef TESTS_UNIT_FIRMWARE_PORT_WORLD_H
#define TESTS_UNIT_FIRMWARE_PORT_WORLD_H

#include "core/device.h"
#include "device_world.h"

#define TYPED_BYTES_MAX 8192
#define PANEL_LINES_MAX 64
#define PANEL_TEXT_SIZE 300
#define SIGNALS 5

struct fake_reader {
    struct fw_uart port;
    uint8_t bytes[TYPED_BYTES_MAX];
    size_t size, at;
    bool is_gone;
    int reopens;
};

struct fake_panel {
    struct fw_panel port;
    int counts[SIGNALS];
    enum fw_signal signal; /* the last one */
    char text[PANEL_TEXT_SIZE];
    char stored[PANEL_LINES_MAX][PANEL_TEXT_SIZE]; /* texts of FW_SIGNAL_STORED */
};

/* A line that is plugged in, and nothing typed. */
void fake_reader_init(struct fake_reader *reader);

/* These bytes wait on the line from now on. */
void fake_reader_type(struct fake_reader *reader, const char *text);

/* A panel that has shown nothing. */
void fake_panel_init(struct fake_panel *panel);

/* What an application gets from these fakes; `world` is inited. */
struct fw_device_setup world_device_setup(struct world *world, struct fake_panel *panel);

/* The service stores the last `up`, and makes its ack. Returns the text's size. */
size_t world_take_up(struct world *world, char ret_text[WORLD_TEXT_SIZE]);

/* How many records of a kind the service has. */
int world_count_kind(const struct world *world, enum fw_msg_device_record_kind kind);

#endif
