/* See port_world.h. */
#include "port_world.h"

static int fake_reader_read(void *self, void *ret_bytes, size_t size_max)
{
    struct fake_reader *reader = self;
    if (reader->is_gone)
        return FW_E_IO;
    size_t size = reader->size - reader->at;
    if (size > size_max)
        size = size_max;
    memcpy(ret_bytes, reader->bytes + reader->at, size);
    reader->at += size;
    return (int)size;
}

static int fake_reader_write(void *self, const void *bytes, size_t size)
{
    (void)self, (void)bytes, (void)size;
    return FW_E_IO; /* nobody writes to a reader */
}

static int fake_reader_flush(void *self)
{
    (void)self;
    return FW_E_IO;
}

static int fake_reader_reopen(void *self)
{
    struct fake_reader *reader = self;
    reader->reopens++;
    return reader->is_gone ? FW_E_IO : FW_OK;
}

void fake_reader_init(struct fake_reader *reader)
{
    memset(reader, 0, sizeof(*reader));
    reader->port = (struct fw_uart){ .read = fake_reader_read,
                                     .write = fake_reader_write,
                                     .flush = fake_reader_flush,
                                     .reopen = fake_reader_reopen,
                                     .self = reader };
}

void fake_reader_type(struct fake_reader *reader, const char *text)
{
    size_t size = strlen(text);
    if (reader->at == reader->size)
        reader->at = reader->size = 0;
    assert_true(reader->size + size <= TYPED_BYTES_MAX);
    memcpy(reader->bytes + reader->size, text, size);
    reader->size += size;
}

static void fake_panel_show(void *self, enum fw_signal signal, const char *text)
{
    struct fake_panel *panel = self;
    size_t size = strlen(text) + 1;
    assert_true(size <= PANEL_TEXT_SIZE);
    if (signal == FW_SIGNAL_STORED) {
        assert_true(panel->counts[signal] < PANEL_LINES_MAX);
        memcpy(panel->stored[panel->counts[signal]], text, size);
    }
    panel->counts[signal]++;
    panel->signal = signal;
    memcpy(panel->text, text, size);
}

void fake_panel_init(struct fake_panel *panel)
{
    memset(panel, 0, sizeof(*panel));
    panel->port = (struct fw_panel){ .show = fake_panel_show, .self = panel };
}

struct fw_device_setup world_device_setup(struct world *world, struct fake_panel *panel)
{
    return (struct fw_device_setup){ .flash = &world->flash.port,
                                     .clock = &world->clock_port,
                                     .net = &world->net,
                                     .rng = &world->rng,
                                     .panel = &panel->port,
                                     .firmware = "0.1.0" };
}

size_t world_take_up(struct world *world, char ret_text[WORLD_TEXT_SIZE])
{
    struct fw_device_ack ack;
    world_store(world);
    world_ack_make(world, &ack);
    int size = fw_device_ack_encode(&ack, ret_text, WORLD_TEXT_SIZE);
    assert_true(size > 0);
    return (size_t)size;
}

int world_count_kind(const struct world *world, enum fw_msg_device_record_kind kind)
{
    int count = 0;
    for (int64_t seq = 1; seq <= world->stored_seq; seq++)
        count += world->stored[seq].kind == kind;
    return count;
}
