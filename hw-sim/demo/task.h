/* People of the demo act at the same time, each told as one story from top to bottom: a task has a
 * stack of its own and gives way wherever it waits. Only one runs at a time, on the one thread of
 * the process; nothing is preempted. */
#ifndef SIM_DEMO_TASK_H
#define SIM_DEMO_TASK_H

#include <stdbool.h>
#include <ucontext.h>

#define SIM_TASK_STACK_BYTES 524288

struct sim_task {
    ucontext_t own;
    ucontext_t caller;
    void *stack; /* NULL: not started, or over */
    void (*fn)(void *arg);
    void *arg;
    bool is_over;
};

/* Makes it ready to run fn(arg); task stays where it is until it is over. fn begins with the first
 * sim_task_resume(). */
void sim_task_start(struct sim_task *task, void (*fn)(void *arg), void *arg);

/* Lets it run until it gives way or is over; false: it is over, and its stack is freed. */
bool sim_task_resume(struct sim_task *task);

/* From within the task: back to whoever resumed it, until it is resumed again. */
void sim_task_give_way(struct sim_task *task);

#endif
