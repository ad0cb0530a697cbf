/* A scanner's main, for a port that has filled in template.c. */
#include "core/debounce.h"
#include "core/scanner.h"
#include "template.h"

static struct fw_scanner scanner; /* all the memory of the firmware */

void template_on_link(bool is_up)
{
    fw_scanner_on_link(&scanner, is_up);
}

void template_on_message(enum fw_leaf leaf, const char *payload, size_t size)
{
    fw_scanner_on_message(&scanner, leaf, payload, size);
}

int template_run_scanner(void)
{
    const struct fw_scanner_setup setup = {
        .device = { .flash = &template_flash,
                    .clock = &template_clock,
                    .net = &template_net,
                    .rng = &template_rng,
                    .panel = &template_panel,
                    .trace = &template_trace,
                    .firmware = "0.1.0" },
        .uart = &template_reader,
        .dead_time_ms = FW_DEBOUNCE_DEAD_TIME_MS,
    };
    int rc = fw_scanner_open(&scanner, &setup);
    if (rc != FW_OK)
        return rc;
    for (;;) {
        int64_t due_ms = fw_scanner_step(&scanner, template_clock.mono_ms(template_clock.self));
        /* Sleep here until due_ms, a received byte, or a message of the network; no longer. */
        (void)due_ms;
    }
}
