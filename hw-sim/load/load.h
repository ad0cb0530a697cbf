/* lockstock-sim load: many devices in one process, with the firmware's own core, against a running
 * system. See --help. */
#ifndef SIM_LOAD_LOAD_H
#define SIM_LOAD_LOAD_H

/* argv[0] is "load". Returns the exit status: 0 nothing was lost, 1 something was, or the time was
 * over, 2 wrong options, 3 the system is not reachable. */
int sim_load_main(int argc, char **argv);

#endif
