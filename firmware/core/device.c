/* Flash, time and session of a device (core/device.h): opens them, and shows what they report. */
#include "core/device.h"

#include "port/check.h"

static uint32_t count_log_blocks(const struct fw_flash *flash, uint32_t extra_blocks)
{
    uint32_t kept = FW_DEVICE_SESSION_BLOCKS + extra_blocks;
    uint32_t left = flash->block_count > kept ? flash->block_count - kept : 0;
    return left > FW_FLASH_LOG_BLOCKS_MAX ? FW_FLASH_LOG_BLOCKS_MAX : left;
}

uint32_t fw_device_extra_block(const struct fw_device *device, uint32_t extra_blocks)
{
    return device->setup.flash->block_count - extra_blocks;
}

int fw_device_open(struct fw_device *device, const struct fw_device_setup *setup,
                   const struct fw_device_role *role)
{
    const struct fw_flash *flash = setup->flash;
    uint32_t blocks = count_log_blocks(flash, role->extra_blocks);
    if (blocks < FW_DEVICE_LOG_BLOCKS_MIN)
        return FW_E_INVALID;
    device->setup = *setup;
    device->is_link_shown = false;
    fw_clock_init(&device->clock, setup->clock);
    int rc = fw_flash_log_open(&device->log, flash, 0, blocks, setup->rng);
    if (rc != FW_OK)
        return rc;
    rc = fw_snapshot_open(&device->snapshot, flash,
                          flash->block_count - role->extra_blocks - FW_DEVICE_SESSION_BLOCKS,
                          FW_DEVICE_SESSION_BLOCKS, FW_DEVICE_SESSION_LAYOUT);
    if (rc != FW_OK)
        return rc;
    struct fw_session_setup session = { .kind = role->kind,
                                        .firmware = setup->firmware,
                                        .compartments = role->compartments,
                                        .log = &device->log,
                                        .snapshot = &device->snapshot,
                                        .clock = &device->clock,
                                        .net = setup->net,
                                        .rng = setup->rng,
                                        .identity = role->identity,
                                        .on_verdict = role->on_verdict,
                                        .self = role->self };
    fw_session_open(&device->session, &session);
    return FW_OK;
}

void fw_device_on_link(struct fw_device *device, bool is_up)
{
    bool is_news = !device->is_link_shown || device->was_link_up != is_up;
    device->is_link_shown = true;
    device->was_link_up = is_up;
    fw_session_on_link(&device->session, is_up);
    if (is_news)
        fw_device_show(device, FW_SIGNAL_NONE, is_up ? "online" : "offline");
}

void fw_device_on_ack(struct fw_device *device, const char *payload, size_t size)
{
    const struct fw_session *session = &device->session;
    const bool was_unsaved = session->phase == FW_SESSION_UNSAVED;
    int rc = fw_session_on_ack(&device->session, payload, size);
    if (rc != FW_OK)
        fw_device_trace(device,
                        rc == FW_E_IO
                            ? "ack not used: flash does not take what came of it"
                            : "ack refused: of another log, a wrong MAC, or against the schema");
    if (session->phase == FW_SESSION_UNSAVED && !was_unsaved)
        fw_device_show(device, FW_SIGNAL_ERROR, "memory failing: call staff, it still works");
}

const char *fw_signal_name(enum fw_signal signal)
{
    switch (signal) {
    case FW_SIGNAL_NONE:
        return "none";
    case FW_SIGNAL_OK:
        return "ok";
    case FW_SIGNAL_DONE:
        return "done";
    case FW_SIGNAL_ERROR:
        return "error";
    case FW_SIGNAL_STORED:
        return "stored";
    }
    FW_UNREACHABLE();
}

void fw_device_show(const struct fw_device *device, enum fw_signal signal, const char *text)
{
    device->setup.panel->show(device->setup.panel->self, signal, text);
}

void fw_device_trace(const struct fw_device *device, const char *text)
{
    if (device->setup.trace != NULL)
        device->setup.trace->write(device->setup.trace->self, text);
}

void fw_device_show_failure(const struct fw_device *device, int status)
{
    FW_CHECK(status != FW_OK);
    fw_device_show(device, FW_SIGNAL_ERROR,
                   status == FW_E_FULL ? "memory full, nothing taken: wait for the network"
                                       : "memory broken, nothing taken: call staff");
}
