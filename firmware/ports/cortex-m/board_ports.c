/* See board_ports.h. Register addresses: ARM AN385 (the board) and the Cortex-M3's SysTick. */
#include "board_ports.h"

#include <string.h>

#include "core/device.h"
#include "semihost.h"

#define CLOCK_HZ 25000000U
#define REG(address) (*(volatile uint32_t *)(address))
#define SYSTICK_CTRL REG(0xE000E010U)
#define SYSTICK_LOAD REG(0xE000E014U)
#define SYSTICK_VALUE REG(0xE000E018U)
#define SYSTICK_ON 7U /* processor clock, interrupt, enabled */
#define UART_DATA REG(0x40004000U)
#define UART_STATE REG(0x40004004U)
#define UART_CTRL REG(0x40004008U)
#define UART_BAUD_DIVIDER REG(0x40004010U)
#define UART_HAS_BYTE 2U
#define UART_IS_FULL 1U
#define UART_ON 3U /* send and receive */
#define BAUD 9600U
#define EOT 0x04
#define ERASED 0xFF
#define WORD_BYTES 4

static volatile uint32_t ticks; /* ms; only the interrupt writes it */
static uint32_t ticks_high, ticks_seen;
static bool is_over;
static uint8_t flash[BOARD_FLASH_BLOCKS * BOARD_FLASH_BLOCK_BYTES];

void SysTick_Handler(void)
{
    ticks++;
}

void board_open(void)
{
    memset(flash, ERASED, sizeof(flash));
    SYSTICK_LOAD = CLOCK_HZ / 1000 - 1;
    SYSTICK_VALUE = 0;
    SYSTICK_CTRL = SYSTICK_ON;
    UART_BAUD_DIVIDER = CLOCK_HZ / BAUD;
    UART_CTRL = UART_ON;
}

bool board_is_over(void)
{
    return is_over;
}

void board_sleep(void)
{
    __asm__ volatile("wfi");
}

/* Called far more often than every 49 days, so that no wrap of the 32 bits is missed. */
static int64_t read_mono_ms(void *self)
{
    (void)self;
    uint32_t now = ticks;
    if (now < ticks_seen)
        ticks_high++;
    ticks_seen = now;
    return (int64_t)ticks_high << 32 | now;
}

static int64_t read_wall_ms(void *self)
{
    (void)self;
    return 0;
}

static bool is_in_flash(uint32_t offset, uint32_t size_bytes)
{
    return offset <= sizeof(flash) && size_bytes <= sizeof(flash) - offset;
}

static int read_flash(void *self, uint32_t offset, void *ret_bytes, uint32_t size_bytes)
{
    (void)self;
    if (!is_in_flash(offset, size_bytes))
        return FW_E_INVALID;
    memcpy(ret_bytes, flash + offset, size_bytes);
    return FW_OK;
}

static int program_flash(void *self, uint32_t offset, const void *bytes, uint32_t size_bytes)
{
    const uint8_t *from = bytes;
    (void)self;
    if (!is_in_flash(offset, size_bytes) || offset % WORD_BYTES != 0 ||
        size_bytes % WORD_BYTES != 0)
        return FW_E_INVALID;
    for (uint32_t i = 0; i < size_bytes; i++)
        flash[offset + i] &= from[i];
    return memcmp(flash + offset, bytes, size_bytes) == 0 ? FW_OK : FW_E_CORRUPT;
}

static int erase_flash(void *self, uint32_t block)
{
    (void)self;
    if (block >= BOARD_FLASH_BLOCKS)
        return FW_E_INVALID;
    memset(flash + block * BOARD_FLASH_BLOCK_BYTES, ERASED, BOARD_FLASH_BLOCK_BYTES);
    return FW_OK;
}

static int read_uart(void *self, void *ret_bytes, size_t size_max)
{
    uint8_t *bytes = ret_bytes;
    size_t count = 0;
    (void)self;
    while (count < size_max && (UART_STATE & UART_HAS_BYTE) != 0 && !is_over) {
        uint8_t byte = (uint8_t)UART_DATA;
        is_over = byte == EOT;
        if (!is_over)
            bytes[count++] = byte;
    }
    return (int)count;
}

/* A line with lock boards would need a send queue; nothing is written to a scan head. */
static int write_uart(void *self, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    (void)self;
    for (size_t i = 0; i < size; i++) {
        if ((UART_STATE & UART_IS_FULL) != 0)
            return FW_E_IO;
        UART_DATA = from[i];
    }
    return FW_OK;
}

/* Nothing waits to be sent: write_uart() puts the bytes straight into the UART. */
static int flush_uart(void *self)
{
    uint8_t byte;
    while (read_uart(self, &byte, 1) > 0)
        ;
    return FW_OK;
}

static int reopen_uart(void *self)
{
    UART_CTRL = 0;
    UART_CTRL = UART_ON;
    return flush_uart(self);
}

static int publish(void *self, enum fw_leaf leaf, const char *payload, size_t size)
{
    (void)self, (void)leaf, (void)payload, (void)size;
    return FW_E_AWAY;
}

static void reconnect(void *self)
{
    (void)self; /* there is never a link */
}

/* The emulated board has no source of randomness, and nothing here is secret. A product must use
 * its processor's. */
static void fill_random(void *self, void *ret_bytes, size_t size)
{
    static uint32_t state = 0x6C6F636BU;
    uint8_t *bytes = ret_bytes;
    (void)self;
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525U + 1013904223U + SYSTICK_VALUE;
        bytes[i] = (uint8_t)(state >> 24);
    }
}

static void show(void *self, enum fw_signal signal, const char *text)
{
    (void)self;
    semihost_write("panel ");
    semihost_write(fw_signal_name(signal));
    semihost_write(" ");
    semihost_write(text);
    semihost_write("\n");
}

const struct fw_clock board_clock = { read_mono_ms, read_wall_ms, NULL };
const struct fw_flash board_flash = { .block_size_bytes = BOARD_FLASH_BLOCK_BYTES,
                                      .block_count = BOARD_FLASH_BLOCKS,
                                      .word_size_bytes = WORD_BYTES,
                                      .read = read_flash,
                                      .program = program_flash,
                                      .erase = erase_flash };
const struct fw_uart board_uart = { read_uart, write_uart, flush_uart, reopen_uart, NULL };
const struct fw_net board_net = { publish, reconnect, NULL };
const struct fw_rng board_rng = { fill_random, NULL };
const struct fw_panel board_panel = { show, NULL };
