/* lockstock-sim: plays scenarios with simulated hardware and people against a running Lockstock,
 * prints labels, puts load on it, or is a warehouse at work. */
#include <string.h>
#include <sys/stat.h>

#include "demo/demo.h"
#include "load/load.h"
#include "play/cli.h"
#include "play/labels.h"

int main(int argc, char **argv)
{
    (void)umask(077); /* reports have codes in them */
    if (argc > 1 && strcmp(argv[1], "load") == 0)
        return sim_load_main(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "label") == 0)
        return sim_labels_main(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "demo") == 0)
        return sim_demo_main(argc - 1, argv + 1);
    return sim_cli_main(argc, argv);
}
