/* The command `demo` of lockstock-sim: a warehouse at work, without an end. One thread. */
#ifndef SIM_DEMO_DEMO_H
#define SIM_DEMO_DEMO_H

/* argv[0] is "demo". Plays until SIGTERM; returns the exit status (enum sim_exit). */
int sim_demo_main(int argc, char **argv);

#endif
