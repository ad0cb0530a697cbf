/* The scanner (core/scanner.h): schemas/rules/devices.md 1.1, 1.4, 1.6 and 3. */
#include "core/scanner.h"

#include <string.h>

#include "core/label.h"
#include "port/check.h"

#define LABELS_ARE_THE_SAME(ours, schema)                                                          \
    _Static_assert((int)FW_LABEL_##ours == (int)FW_MSG_LABEL_KIND_##schema, "order of labelKind")
LABELS_ARE_THE_SAME(PRODUCT, PRODUCT);
LABELS_ARE_THE_SAME(COMMAND, COMMAND);
LABELS_ARE_THE_SAME(GTIN, GTIN);
LABELS_ARE_THE_SAME(GLN, GLN);
LABELS_ARE_THE_SAME(DAMAGED, DAMAGED);

static void take_label(struct fw_scanner *scanner, const uint8_t *line, size_t size)
{
    struct fw_label label;
    fw_label_parse(line, size, &label);

    struct fw_device_record record = { .kind = FW_MSG_DEVICE_RECORD_KIND_SCAN,
                                       .has_label = true,
                                       .label = (enum fw_msg_label_kind)label.kind,
                                       .has_value = true,
                                       .has_symbology = label.symbology[0] != '\0' };
    _Static_assert(sizeof(record.value) == sizeof(label.value), "device.record value");
    _Static_assert(sizeof(record.symbology) == sizeof(label.symbology), "device.record symbology");
    memcpy(record.value, label.value, sizeof(record.value));
    memcpy(record.symbology, label.symbology, sizeof(record.symbology));

    int rc = fw_session_append(&scanner->device.session, &record);
    if (rc != FW_OK) {
        fw_device_show_failure(&scanner->device, rc);
        return;
    }
    /* After the append: what was shown as stored survives a cut of power (rules 1.1). */
    fw_device_show(&scanner->device, FW_SIGNAL_STORED, label.value);
}

static void on_reader(void *self, enum fw_reader_event event, const uint8_t *bytes, size_t size)
{
    struct fw_scanner *scanner = self;
    switch (event) {
    case FW_READER_LINE:
        take_label(scanner, bytes, size);
        break;
    case FW_READER_BOUNCED:
        fw_session_count(&scanner->device.session, FW_SESSION_BOUNCED);
        break;
    case FW_READER_TOO_LONG:
    case FW_READER_CUT_SHORT:
        fw_session_count(&scanner->device.session, FW_SESSION_UNREADABLE);
        fw_device_show(&scanner->device, FW_SIGNAL_ERROR, "label not readable: scan again");
        break;
    case FW_READER_LOST:
        fw_device_show(&scanner->device, FW_SIGNAL_ERROR, "scan head not there: check its cable");
        break;
    case FW_READER_BACK:
        fw_device_show(&scanner->device, FW_SIGNAL_NONE, "scan head connected");
        break;
    }
}

static enum fw_signal decode_signal(enum fw_msg_scan_signal signal)
{
    switch (signal) {
    case FW_MSG_SCAN_SIGNAL_OK:
        return FW_SIGNAL_OK;
    case FW_MSG_SCAN_SIGNAL_DONE:
        return FW_SIGNAL_DONE;
    case FW_MSG_SCAN_SIGNAL_ERROR:
        return FW_SIGNAL_ERROR;
    }
    FW_UNREACHABLE();
}

static void on_verdict(void *self, const struct fw_device_verdict *verdict)
{
    struct fw_scanner *scanner = self;
    fw_device_show(&scanner->device, decode_signal(verdict->signal), verdict->prompt);
}

int fw_scanner_open(struct fw_scanner *scanner, const struct fw_scanner_setup *setup)
{
    struct fw_device_role role = { .kind = FW_MSG_DEVICE_KIND_SCANNER,
                                   .on_verdict = on_verdict,
                                   .self = scanner };
    struct fw_reader_setup reader = { .uart = setup->uart,
                                      .clock = setup->device.clock,
                                      .dead_time_ms = setup->dead_time_ms,
                                      .gap_ms = FW_READER_GAP_SCAN_MS,
                                      .on_event = on_reader,
                                      .self = scanner };
    fw_reader_init(&scanner->reader, &reader);
    return fw_device_open(&scanner->device, &setup->device, &role);
}

int fw_scanner_will(const struct fw_scanner *scanner, char *buf, size_t size_max)
{
    return fw_session_will(&scanner->device.session, buf, size_max);
}

void fw_scanner_on_link(struct fw_scanner *scanner, bool is_up)
{
    fw_device_on_link(&scanner->device, is_up);
}

static int64_t get_mono_ms(const struct fw_scanner *scanner)
{
    const struct fw_clock *clock = scanner->device.setup.clock;
    return clock->mono_ms(clock->self);
}

void fw_scanner_on_message(struct fw_scanner *scanner, enum fw_leaf leaf, const char *payload,
                           size_t size)
{
    int64_t begin_ms = get_mono_ms(scanner);
    if (leaf != FW_LEAF_ACK)
        fw_device_trace(&scanner->device, "message on a topic that a scanner has not: ignored");
    else
        fw_device_on_ack(&scanner->device, payload, size);
    fw_reader_was_busy(&scanner->reader, get_mono_ms(scanner) - begin_ms);
}

int64_t fw_scanner_step(struct fw_scanner *scanner, int64_t now_ms)
{
    int64_t reader_ms = fw_reader_step(&scanner->reader, now_ms);
    int64_t begin_ms = get_mono_ms(scanner);
    int64_t session_ms = fw_session_tick(&scanner->device.session,
                                         now_ms); /* after the reader: sends its records */
    fw_reader_was_busy(&scanner->reader, get_mono_ms(scanner) - begin_ms);
    return reader_ms < session_ms ? reader_ms : session_ms;
}

void fw_scanner_stop(struct fw_scanner *scanner)
{
    fw_session_stop(&scanner->device.session);
}
