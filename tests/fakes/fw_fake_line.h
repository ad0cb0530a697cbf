/* A serial line with lock boards and doors on it, in virtual time and without an operating system:
 * it answers what the boards would answer, when they would. The frames are written here a second
 * time on purpose, from the golden vectors and not from the drivers. */
#ifndef TESTS_FAKES_FW_FAKE_LINE_H
#define TESTS_FAKES_FW_FAKE_LINE_H

#include "port/port.h"

#define FW_FAKE_LINE_BOARDS_MAX 4
#define FW_FAKE_LINE_BYTES_MAX 128
#define FW_FAKE_LATCH_MS 50 /* from the request to the door springing open */

struct fw_fake_board {
    bool is_cu12; /* else CU16 */
    uint8_t address;
    uint16_t open_bits;     /* doors, as the hooks see them */
    uint16_t presence_bits; /* CU16 */
    uint16_t jammed_bits;   /* locks that are pulsed in vain */
    bool is_hook_inverted;
    bool is_mute;           /* hears nothing, says nothing */
    int pulse_lost;         /* so many unlocks are lost on the way before one arrives */
    int garbled;            /* so many replies come with one bit turned over */
    uint8_t refusal;        /* CU12: ask code of every unlock reply; 0: ok */
    uint8_t status_refusal; /* CU12: likewise for status */
    int64_t delay_ms;       /* of every reply */
    int pulses[16];         /* received, by lock */
    int statuses;           /* requests received */
    int64_t opens_ms[16];   /* when the latch lets go; INT64_MAX: not pulsed */
};

struct fw_fake_line {
    struct fw_uart uart;
    struct fw_fake_board boards[FW_FAKE_LINE_BOARDS_MAX];
    int board_count;
    int64_t now_ms;  /* the test moves it, with fw_fake_line_advance() */
    bool is_gone;    /* read, write and flush say FW_E_IO; so does reopen */
    bool is_stuck;   /* everything is swallowed until it is reopened */
    bool is_stalled; /* what is written waits in the port; a flush takes it back */
    uint8_t parked[FW_FAKE_LINE_BYTES_MAX];
    size_t parked_size;
    bool has_echo; /* our own bytes come back, as on two-wire adapters */
    int reopens;
    int writes;
    int noise; /* so many bytes of noise before each reply */
    int chunk; /* bytes one read gives at most; 0: all */
    uint8_t bytes[FW_FAKE_LINE_BYTES_MAX];
    int64_t bytes_due_ms[FW_FAKE_LINE_BYTES_MAX];
    size_t size;
};

/* A line without boards at time 0. Add boards with fw_fake_line_add_board(). */
void fw_fake_line_init(struct fw_fake_line *line);

/* A board whose doors are closed and empty. */
struct fw_fake_board *fw_fake_line_add_board(struct fw_fake_line *line, bool is_cu12,
                                             uint8_t address);

/* Lets time pass: latches let go, replies come near. */
void fw_fake_line_advance(struct fw_fake_line *line, int64_t now_ms);

/* Puts bytes on the line as if somebody had sent them. */
void fw_fake_line_inject(struct fw_fake_line *line, const uint8_t *bytes, size_t size,
                         int64_t due_ms);

/* The line goes on: what waited in the port reaches the boards now. */
void fw_fake_line_unstall(struct fw_fake_line *line);

/* The hand at the door. */
void fw_fake_board_close(struct fw_fake_board *board, int lock);
void fw_fake_board_open(struct fw_fake_board *board, int lock);

#endif
