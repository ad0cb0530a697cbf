/* Threads for work off the loop (struct kit_work), as many as a service has at once. They are made
 * when there is work for the first time, and touch nothing but the data of their job. */
#ifndef KIT_PROCESS_WORKER_H
#define KIT_PROCESS_WORKER_H

#include "kit/loop/loop.h"

struct kit_worker;

/* Wakes the loop at the end of each job; the loop must outlive it. Loop thread, as all below. */
struct kit_worker *kit_worker_new(struct kit_loop *loop);
/* The port; what it is given must outlive the worker, or be taken back before. */
struct kit_work kit_worker_port(struct kit_worker *worker);
/* Waits for the jobs under way, begins no other, and ends the threads. NULL is fine. */
void kit_worker_free(struct kit_worker *worker);

#endif
