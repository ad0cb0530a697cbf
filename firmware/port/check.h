/* Assertions for bugs, never for bad input or a broken part; they stay on in every build. A check
 * that fails calls fw_panic(), which the port gives. What matters is in flash by then. */
#ifndef FW_PORT_CHECK_H
#define FW_PORT_CHECK_H

/**
 * fw_panic() - Report where the bug is, and start the device again. Does not return.
 *
 * @file, @line: of the check; on boards @file is "", because full paths would fill the flash.
 */
_Noreturn void fw_panic(const char *file, int line);

#ifdef FW_CHECK_SHORT_NAME
#define FW_CHECK_FILE ""
#else
#define FW_CHECK_FILE __FILE__
#endif

#define FW_CHECK(truth) ((truth) ? (void)0 : fw_panic(FW_CHECK_FILE, __LINE__))

/* For the line behind a switch that names every case. */
#define FW_UNREACHABLE() fw_panic(FW_CHECK_FILE, __LINE__)

#endif
