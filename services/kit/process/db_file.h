/* Whether the database lies where it was opened. A file that is removed, moved away or replaced
 * under a process goes on to take commits that no later start will find, and nothing of SQLite
 * notices. So the process looks, and ends when it is so. Loop thread. */
#ifndef KIT_PROCESS_DB_FILE_H
#define KIT_PROCESS_DB_FILE_H

#include <sys/types.h>

#include "kit/base/error.h"
#include "kit/process/process.h"

#define KIT_DB_FILE_PERIOD_MS 500 /* between two looks */

struct kit_db_file_part {
    char path[KIT_HOST_PATH_SIZE];
    dev_t device;
    ino_t inode;
    bool is_there;
};

/* Of an open database; both parts stay as they are until it is closed. */
struct kit_db_file {
    struct kit_db_file_part db, wal;
    int64_t due_mono_ms;
};

/* After the database was opened: remembers which files are its own. KIT_E_IO: the database is not
 * at the path; KIT_E_INVALID: the path is too long. */
int kit_db_file_begin(struct kit_db_file *file, const char *path,
                      struct kit_error *err) KIT_MUST_CHECK;

/* Compares. KIT_E_IO: one of them is gone or is another file, which *err says. What cannot be
 * looked at passes: reads and writes find out. */
int kit_db_file_look(const struct kit_db_file *file, struct kit_error *err) KIT_MUST_CHECK;

/* Whether the database may be closed. Closing removes whatever has the name of its write-ahead log:
 * that must not be the log of the database which somebody has put in its place. */
bool kit_db_file_may_close(const struct kit_db_file *file);

#endif
