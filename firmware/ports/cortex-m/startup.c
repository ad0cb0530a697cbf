/* From reset to main on a Cortex-M3: the vector table, the memory that C expects, and an end to
 * every fault that the outside can see. Also paints the stack, so that its deepest use can be
 * measured (semihost_stack_used_bytes). */
#include <stdint.h>
#include <stdlib.h>

#include "semihost.h"

#define STACK_PAINT 0x5AC3A55AU

extern uint32_t _data_start, _data_end, _data_load, _bss_start, _bss_end, _stack_limit, _stack_top;
extern void initialise_monitor_handles(void); /* newlib's stdio over semihosting */
extern int main(void);

_Noreturn void Reset_Handler(void);
static void Fault_Handler(void);
void SysTick_Handler(void); /* of board_ports.c; without it, the timer is off */

typedef void vector(void);

struct vectors {
    uint32_t *stack;
    vector *handlers[15];
};

/* 1 reset, 2 NMI, 3 to 6 faults. Of the others only the clock is ever enabled, so that the rest are
 * faults too. */
__attribute__((section(".vectors"), used)) static const struct vectors vectors = {
    .stack = &_stack_top,
    .handlers = { Reset_Handler, Fault_Handler, Fault_Handler, Fault_Handler, Fault_Handler,
                  Fault_Handler, Fault_Handler, Fault_Handler, Fault_Handler, Fault_Handler,
                  Fault_Handler, Fault_Handler, Fault_Handler, Fault_Handler, SysTick_Handler },
};

static void Fault_Handler(void)
{
    semihost_write("fault: the processor stopped\n");
    semihost_exit(SEMIHOST_EXIT_FAULT);
}

__attribute__((weak)) void SysTick_Handler(void)
{
    Fault_Handler();
}

/* Paints the stack below the frame that runs, which is in use. */
static void paint_stack(void)
{
    const uint32_t *frame = __builtin_frame_address(0);
    for (volatile uint32_t *word = &_stack_limit; word < frame - 16; word++)
        *word = STACK_PAINT;
}

uint32_t semihost_stack_used_bytes(void)
{
    const uint32_t *word = &_stack_limit;
    while (word < &_stack_top && *word == STACK_PAINT)
        word++;
    return (uint32_t)((uintptr_t)&_stack_top - (uintptr_t)word);
}

_Noreturn void Reset_Handler(void)
{
    const uint32_t *from = &_data_load;
    for (uint32_t *to = &_data_start; to < &_data_end; to++)
        *to = *from++;
    for (uint32_t *to = &_bss_start; to < &_bss_end; to++)
        *to = 0;
    paint_stack();
    initialise_monitor_handles();
    semihost_exit(main());
}
