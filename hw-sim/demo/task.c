/* Tasks are contexts of ucontext.h; see task.h. */
#include "demo/task.h"

#include <stdint.h>
#include <stdlib.h>

#include "kit/base/check.h"

#define HALF_BITS 32

/* makecontext() hands over numbers of the size of an int: an address comes in two halves. */
static void begin(unsigned high, unsigned low)
{
    const uint64_t address = ((uint64_t)high << HALF_BITS) | low;
    struct sim_task *task = (struct sim_task *)(uintptr_t)address;

    task->fn(task->arg);
    task->is_over = true;
    sim_task_give_way(task);
    UNREACHABLE("a task that is over is not resumed");
}

void sim_task_start(struct sim_task *task, void (*fn)(void *arg), void *arg)
{
    const uint64_t address = (uintptr_t)task;

    *task = (struct sim_task){ .fn = fn, .arg = arg, .stack = malloc(SIM_TASK_STACK_BYTES) };
    CHECK(task->stack != NULL && getcontext(&task->own) == 0);
    task->own.uc_stack.ss_sp = task->stack;
    task->own.uc_stack.ss_size = SIM_TASK_STACK_BYTES;
    makecontext(&task->own, (void (*)(void))begin, 2, (unsigned)(address >> HALF_BITS),
                (unsigned)address);
}

bool sim_task_resume(struct sim_task *task)
{
    if (task->stack == NULL)
        return false;
    CHECK(swapcontext(&task->caller, &task->own) == 0);
    if (!task->is_over)
        return true;
    free(task->stack);
    task->stack = NULL;
    return false;
}

void sim_task_give_way(struct sim_task *task)
{
    CHECK(swapcontext(&task->own, &task->caller) == 0);
}
