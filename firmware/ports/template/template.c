/* See template.h. The comment above each function says what it must do on a real board; the
 * contract is port/port.h. */
#include "template.h"

#include "port/check.h"

const char *volatile template_missing;

/* Called when an assertion of the core fails, and here also by each function without a body. Write
 * file, line and template_missing where you can read them after a restart (a few bytes of RAM that
 * the start leaves alone, or a console), then reset the processor. What matters is in flash by
 * then. Never return. */
_Noreturn void fw_panic(const char *file, int line)
{
    (void)file, (void)line;
    for (;;)
        ;
}

#define MISSING()                                                                                  \
    do {                                                                                           \
        template_missing = __func__;                                                               \
        fw_panic(__FILE__, __LINE__);                                                              \
    } while (0)

/* ---- clock ---- */

/* Milliseconds since any start, from a timer that runs on in sleep. Never goes back, does not wrap:
 * extend a 32-bit counter to 64 bits here, and make sure that this is called at least once per wrap
 * of it. Wrong by 1 % is good enough; jumps are not. */
static int64_t read_mono_ms(void *self)
{
    (void)self;
    MISSING();
}

/* Milliseconds since 1970 UTC from a battery-backed clock. Return 0 if the board has none, or when
 * it says that its battery was empty: no time is better than a wrong one, because a device without
 * it refuses what may have expired until the service has told it the time. */
static int64_t read_wall_ms(void *self)
{
    (void)self;
    MISSING();
}

/* ---- flash ---- */

/* Copies size_bytes from offset on. Any offset, any size; blocks count from the start of the part
 * that is the firmware's. Map a range that is outside to FW_E_INVALID, a bus error to FW_E_IO. If
 * your part corrects errors and gives up on a word, return FW_E_CORRUPT. */
static int read_flash(void *self, uint32_t offset, void *ret_bytes, uint32_t size_bytes)
{
    (void)self, (void)offset, (void)ret_bytes, (void)size_bytes;
    MISSING();
}

/* Programs whole words; they were erased before. Return FW_OK only when the bytes are there: wait
 * for the part, read back, compare. Blocks for its programming time (below 1 ms a word as a rule).
 * An interrupt may run, nothing may read the same bank. */
static int program_flash(void *self, uint32_t offset, const void *bytes, uint32_t size_bytes)
{
    (void)self, (void)offset, (void)bytes, (void)size_bytes;
    MISSING();
}

/* Sets all bytes of one block to 0xFF. Blocks for the erase time (20 to 400 ms): scan heads must
 * buffer that long, or the UART must receive by interrupt or DMA meanwhile. */
static int erase_flash(void *self, uint32_t block)
{
    (void)self, (void)block;
    MISSING();
}

/* ---- serial lines: one set of functions for all, `self` is the line ---- */

/* Copies received bytes that were not read yet, at most size_max, and returns how many; 0: none
 * now. Receive by interrupt or DMA into a ring: at 115200 baud, 4 KiB hold what comes during an
 * erase. FW_E_IO when the line is gone (USB); overruns and framing errors are not worth an error:
 * the protocols above notice. */
static int read_uart(void *self, void *ret_bytes, size_t size_max)
{
    (void)self, (void)ret_bytes, (void)size_max;
    MISSING();
}

/* Takes all bytes or none, and does not wait until they have left: a ring of 16 bytes is enough, as
 * no request is longer than 8. On RS-485, drive the line from the first bit to the last stop bit
 * and release it within one byte's time: the board answers soon. */
static int write_uart(void *self, const void *bytes, size_t size)
{
    (void)self, (void)bytes, (void)size;
    MISSING();
}

/* Drops received bytes that were not read, and bytes that are still to be sent: a request without a
 * reply in time must not leave afterwards. Called before each request, and after one that failed.
 */
static int flush_uart(void *self)
{
    (void)self;
    MISSING();
}

/* Starts the UART again: off, on, 19200 8N1 for KR-CU boards, empty rings. Never blocks. */
static int reopen_uart(void *self)
{
    (void)self;
    MISSING();
}

/* ---- network ---- */

/* The client id and the user name of the broker connection are the device's id. Its will is the
 * payload of fw_scanner_will() or fw_locker_will(), asked for before each connect; retained, QoS 1,
 * on the topic of FW_LEAF_STATE. Reconnect by yourself, with pauses that grow and differ between
 * devices.
 *
 * Copies the payload and sends it with QoS 1 to the leaf's topic; FW_LEAF_STATE retained. FW_OK
 * does not promise that the message arrives: the firmware sends it again until it is acknowledged.
 * FW_E_AWAY without a connection or without room. Never blocks. */
static int publish(void *self, enum fw_leaf leaf, const char *payload, size_t size)
{
    (void)self, (void)leaf, (void)payload, (void)size;
    MISSING();
}

/* The will has changed. Set a mark here; let your loop close the connection and connect again, with
 * the payload that fw_scanner_will() or fw_locker_will() then gives. Tell both to
 * template_on_link(). */
static void reconnect(void *self)
{
    (void)self;
    MISSING();
}

/* ---- randomness and the key ---- */

/* Fills from the processor's random number generator, after its self-test. It makes the log's
 * epoch: two devices, or one device twice, must never get the same. */
static void fill_random(void *self, void *ret_bytes, size_t size)
{
    (void)self, (void)ret_bytes, (void)size;
    MISSING();
}

/* HMAC-SHA-256 of the bytes with the key that deploy/add-device made for this device. Keep the key
 * where the debugger and a flash dump do not reach it; it never leaves this function. */
static void sign(void *self, const void *bytes, size_t size, uint8_t ret_mac[FW_MAC_BYTES])
{
    (void)self, (void)bytes, (void)size, (void)ret_mac;
    MISSING();
}

/* ---- people ---- */

/* Shows one line of UTF-8 until the next one, with sound and light as enum fw_signal says. The text
 * may be longer than the display: show its beginning. Never waits for the sound to end. */
static void show(void *self, enum fw_signal signal, const char *text)
{
    (void)self, (void)signal, (void)text;
    MISSING();
}

/* One line for developers, without newline. May do nothing. */
static void write_trace(void *self, const char *text)
{
    (void)self, (void)text;
    MISSING();
}

const struct fw_clock template_clock = { read_mono_ms, read_wall_ms, NULL };

/* At least 2 blocks of the log, 2 of the session and, in a locker, 4 of the gate; the more there
 * are, the longer a device works without its network. */
const struct fw_flash template_flash = {
    .block_size_bytes = 4096, /* of one erase of your part */
    .block_count = 16,
    .word_size_bytes = 4, /* the smallest program: often 4 or 8 */
    .read = read_flash,
    .program = program_flash,
    .erase = erase_flash,
};
const struct fw_uart template_reader = { read_uart, write_uart, flush_uart, reopen_uart, NULL };
const struct fw_uart template_branch = { read_uart, write_uart, flush_uart, reopen_uart, NULL };
const struct fw_net template_net = { publish, reconnect, NULL };
const struct fw_rng template_rng = { fill_random, NULL };
const struct fw_mac template_mac = { sign, NULL, FW_KEY_NO_FIRST };
const struct fw_panel template_panel = { show, NULL };
const struct fw_trace template_trace = { write_trace, NULL };
