/* The command line of lockstock-sim. One thread. */
#ifndef SIM_PLAY_CLI_H
#define SIM_PLAY_CLI_H

#include "play/run.h"

#define SIM_CLI_FILES_MAX 256

enum sim_command {
    SIM_COMMAND_HELP = 0,
    SIM_COMMAND_RUN = 1,
    SIM_COMMAND_CHECK = 2,
    SIM_COMMAND_LIST = 3,
};

struct sim_cli {
    enum sim_command command;
    bool wants_help;
    struct sim_options options;
    const char *files[SIM_CLI_FILES_MAX]; /* scenarios; for list: folders */
    size_t file_count;
};

/* False: ret_message (SIM_MESSAGE_SIZE) says what is wrong with the words. */
bool sim_cli_parse(int argc, char **argv, struct sim_cli *ret, char *ret_message);

/* Returns the exit status: enum sim_exit, of several scenarios the highest. */
int sim_cli_main(int argc, char **argv);

#endif
