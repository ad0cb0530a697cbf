/* An object of each struct that an application declares: nm shows its size, which is RAM. */
#include "core/locker.h"
#include "core/scanner.h"

extern struct fw_scanner size_scanner;
extern struct fw_locker size_locker;
extern struct fw_bank size_bank;
extern struct fw_gate size_gate;
extern struct fw_session size_session;
extern struct fw_flash_log size_flash_log;
extern struct fw_snapshot size_snapshot;
extern struct fw_reader size_reader;
extern struct fw_compartment size_compartment;
extern struct fw_branch size_branch;

struct fw_scanner size_scanner;
struct fw_locker size_locker;
struct fw_bank size_bank;
struct fw_gate size_gate;
struct fw_session size_session;
struct fw_flash_log size_flash_log;
struct fw_snapshot size_snapshot;
struct fw_reader size_reader;
struct fw_compartment size_compartment;
struct fw_branch size_branch;
