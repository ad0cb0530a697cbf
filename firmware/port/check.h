/* Assertions for bugs, never for bad input or a broken part: they stay on in every build. The port
 * gives fw_panic(); it says where, and starts the device anew. All state is in flash by then. */
#ifndef FW_PORT_CHECK_H
#define FW_PORT_CHECK_H

/**
 * fw_panic() - The port's end of the road; does not return.
 *
 * @file, @line: where the check stands.
 */
_Noreturn void fw_panic(const char *file, int line);

#ifdef FW_CHECK_SHORT_NAME /* boards: full paths would eat flash */
#define FW_CHECK(truth) ((truth) ? (void)0 : fw_panic("", __LINE__))
#else
#define FW_CHECK(truth) ((truth) ? (void)0 : fw_panic(__FILE__, __LINE__))
#endif

#endif
