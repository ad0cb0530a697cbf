/* The command `label` of lockstock-sim: labels to hang on walls and things. One thread. */
#ifndef SIM_PLAY_LABELS_H
#define SIM_PLAY_LABELS_H

/* argv[0] is "label". Prints to standard output; returns the exit status (enum sim_exit). */
int sim_labels_main(int argc, char **argv);

#endif
