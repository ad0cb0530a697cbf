/* Folders for what the program writes. Any thread. */
#ifndef SIM_REPORT_FOLDER_H
#define SIM_REPORT_FOLDER_H

#include "kit/base/error.h"

/* Makes the folder and those above it, for the owner alone; one that is there stays as it is.
 * Errors: KIT_E_IO. */
int sim_make_folders(const char *path, struct kit_error *err) KIT_MUST_CHECK;

#endif
