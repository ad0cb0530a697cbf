/* A locker's main, for a port that has filled in template.c: one CU16 board with 16 compartments.
 * Not linked together with main_scanner.c: a device is one or the other. */
#include "core/debounce.h"
#include "core/locker.h"
#include "drivers/cu16.h"
#include "template.h"

static struct fw_locker locker; /* all the memory of the firmware */

void template_on_link(bool is_up)
{
    fw_locker_on_link(&locker, is_up);
}

void template_on_message(enum fw_leaf leaf, const char *payload, size_t size)
{
    fw_locker_on_message(&locker, leaf, payload, size);
}

int template_run_locker(void)
{
    struct fw_locker_setup setup = {
        .device = { .flash = &template_flash,
                    .clock = &template_clock,
                    .net = &template_net,
                    .rng = &template_rng,
                    .panel = &template_panel,
                    .trace = &template_trace,
                    .firmware = "0.1.0" },
        .site = "main",    /* read site and id from the settings of the device: */
        .id = "locker-01", /* the MACs cover both */
        .compartments = "SSSSSSSSMMMMMMLL",
        .uart = &template_reader,
        .dead_time_ms = FW_DEBOUNCE_DEAD_TIME_MS,
        .mac = &template_mac,
        .bank = { .boards = { { .driver = &fw_cu16, .uart = &template_branch, .address = 0 } },
                  .board_count = 1,
                  .timers = fw_door_timers_default },
    };
    int rc = fw_bank_map_in_order(&setup.bank, FW_BANK_COMPARTMENTS_MAX, 0);
    if (rc != FW_OK)
        return rc;
    rc = fw_locker_open(&locker, &setup);
    if (rc != FW_OK)
        return rc;
    for (;;) {
        int64_t due_ms = fw_locker_step(&locker, template_clock.mono_ms(template_clock.self));
        /* Sleep here until due_ms, a received byte, or a message of the network; no longer. */
        (void)due_ms;
    }
}
