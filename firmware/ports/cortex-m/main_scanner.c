/* The scanner on the emulated board, without a network: labels come over UART 0, are stored in
 * flash and shown on the console. Ends at EOT, and says how deep the stack was.
 *   printf '...\r\004' | qemu-system-arm -M mps2-an385 -display none -monitor none -serial stdio \
 *       -semihosting-config enable=on,target=native -kernel scanner.elf */
#include "board_ports.h"
#include "core/debounce.h"
#include "core/scanner.h"
#include "semihost.h"

static struct fw_scanner scanner; /* all the memory of the firmware */

static void write_number(uint32_t number)
{
    char digits[11];
    size_t i = sizeof(digits) - 1;
    digits[i] = '\0';
    do {
        digits[--i] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0 && i > 0);
    semihost_write(digits + i);
}

int main(void)
{
    board_open();
    const struct fw_scanner_setup setup = {
        .device = { .flash = &board_flash,
                    .clock = &board_clock,
                    .net = &board_net,
                    .rng = &board_rng,
                    .panel = &board_panel,
                    .firmware = "0.1.0" },
        .uart = &board_uart,
        .dead_time_ms = FW_DEBOUNCE_DEAD_TIME_MS,
    };
    int rc = fw_scanner_open(&scanner, &setup);
    if (rc != FW_OK)
        return 1;
    while (!board_is_over()) {
        (void)fw_scanner_step(&scanner, board_clock.mono_ms(board_clock.self));
        board_sleep();
    }
    semihost_write("stack_bytes ");
    write_number(semihost_stack_used_bytes());
    semihost_write("\n");
    return 0;
}
