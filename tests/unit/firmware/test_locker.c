/* The locker: commands and codes through gate, bank and a board, to the record and the person; what
 * finds the log full is told later; a cut of power never opens a second time. */
#include "core/locker.h"

#include "core/label.h"
#include "drivers/cu16.h"
#include "fakes/fw_fake_line.h"
#include "gate_world.h"
#include "port_world.h"

#define COMPARTMENTS "SSML"
#define CUT_STEPS_MAX 5000
#define SLOT_BYTES 48 /* of a snapshot, before the copy */

static struct gate_world gate_world; /* its world and its MAC; its own session and gate are idle */
static struct world *const world = &gate_world.world;
static struct fake_reader keys;
static struct fake_panel panel;
static struct fw_fake_line line;
static struct fw_fake_board *board;
static struct fw_locker locker;

static int boot_with(const char *compartments)
{
    struct fw_locker_setup setup = {
        .device = world_device_setup(world, &panel),
        .site = "main",
        .id = "locker-1",
        .compartments = compartments,
        .uart = &keys.port,
        .dead_time_ms = 0,
        .mac = &gate_world.mac,
        .bank = { .boards = { { .driver = &fw_cu16, .uart = &line.uart } },
                  .board_count = 1,
                  .timers = fw_door_timers_default },
    };
    gate_world.mac = (struct fw_mac){ gate_world_sign, &gate_world, FW_KEY_NO_FIRST };
    assert_int_equal(fw_bank_map_in_order(&setup.bank, 4, 0), FW_OK);
    fw_fake_flash_power_on(&world->flash);
    return fw_locker_open(&locker, &setup);
}

static int boot(void)
{
    return boot_with(COMPARTMENTS);
}

/* One millisecond after the other, as the loop of a port would; the service answers each `up`. */
static void run_ms(int64_t duration_ms)
{
    char text[WORLD_TEXT_SIZE];
    for (int64_t i = 0; i < duration_ms && !world->flash.is_off; i += 10) {
        uint32_t ups = world->up_count;
        world->mono_ms += 10;
        if (world->battery_ms != 0)
            world->battery_ms += 10;
        fw_fake_line_advance(&line, world->mono_ms);
        (void)fw_locker_step(&locker, world->mono_ms);
        if (world->up_count == ups)
            continue;
        size_t size = world_take_up(world, text);
        fw_locker_on_message(&locker, FW_LEAF_ACK, text, size);
    }
}

static int init(void)
{
    memset(&gate_world, 0, sizeof(gate_world));
    world_init(world);
    world->battery_ms = WALL_MS + world->mono_ms;
    fake_reader_init(&keys);
    fake_panel_init(&panel);
    fw_fake_line_init(&line);
    line.now_ms = world->mono_ms;
    board = fw_fake_line_add_board(&line, false, 0);
    fw_fake_flash_init(&world->flash, BLOCK_BYTES, 10, 16);
    return boot();
}

static int setup(void **state)
{
    (void)state;
    assert_int_equal(init(), FW_OK);
    fw_locker_on_link(&locker, true);
    run_ms(2000);
    assert_int_equal(fw_bank_compartment(&locker.bank, 4)->door, FW_DOOR_CLOSED);
    return 0;
}

static void send_command(char digit, int compartment)
{
    char text[GATE_TEXT_SIZE];
    struct fw_device_cmd cmd = command_make(digit, compartment,
                                            gate_world_now(&gate_world) + 30000);
    int size = fw_device_cmd_encode(&cmd, text, sizeof(text));
    assert_true(size > 0);
    fw_locker_on_message(&locker, FW_LEAF_CMD, text, (size_t)size);
}

static void send_config(int64_t revision)
{
    char text[GATE_TEXT_SIZE];
    struct fw_device_config config;
    config_make(&config, revision);
    int size = fw_device_config_encode(&config, text, sizeof(text));
    assert_true(size > 0);
    fw_locker_on_message(&locker, FW_LEAF_CONFIG, text, (size_t)size);
}

static int all_pulses(void)
{
    int pulses = 0;
    for (size_t i = 0; i < sizeof(board->pulses) / sizeof(board->pulses[0]); i++)
        pulses += board->pulses[i];
    return pulses;
}

/* The last record of a kind that the service has; NULL: none. */
static const struct fw_device_record *last_of(enum fw_msg_device_record_kind kind)
{
    for (int64_t seq = world->stored_seq; seq > 0; seq--) {
        if (world->stored[seq].kind == kind)
            return &world->stored[seq];
    }
    return NULL;
}

static void test_locker_on_message_with_a_command_opens_and_reports_the_effect(void **state)
{
    (void)state;
    send_command('a', 2);
    run_ms(1000);
    assert_int_equal(board->pulses[1], 1);
    assert_int_equal(all_pulses(), 1);
    assert_int_equal(panel.signal, FW_SIGNAL_OK);
    assert_string_equal(panel.text, "compartment 2 is open");
    const struct fw_device_record *record = last_of(FW_MSG_DEVICE_RECORD_KIND_COMMAND);
    assert_non_null(record);
    assert_int_equal(record->effect, FW_MSG_EFFECT_OPENED);
    assert_int_equal(last_of(FW_MSG_DEVICE_RECORD_KIND_DOOR)->door, FW_MSG_DOOR_STATE_OPEN);
    fw_fake_board_close(board, 1);
    run_ms(2000);
    assert_int_equal(last_of(FW_MSG_DEVICE_RECORD_KIND_DOOR)->door, FW_MSG_DOOR_STATE_CLOSED);
    assert_int_equal(panel.signal, FW_SIGNAL_DONE);
}

static void test_locker_on_message_with_a_jammed_door_says_so(void **state)
{
    (void)state;
    board->jammed_bits = 1;
    send_command('a', 1);
    run_ms(5000);
    assert_int_equal(last_of(FW_MSG_DEVICE_RECORD_KIND_COMMAND)->effect, FW_MSG_EFFECT_JAMMED);
    assert_int_equal(panel.signal, FW_SIGNAL_ERROR);
}

static void test_locker_on_message_with_a_silent_board_reports_no_answer(void **state)
{
    (void)state;
    board->is_mute = true;
    run_ms(5000);
    assert_int_equal(last_of(FW_MSG_DEVICE_RECORD_KIND_BOARD)->board_state,
                     FW_MSG_BOARD_STATE_SILENT);
    assert_int_equal(last_of(FW_MSG_DEVICE_RECORD_KIND_DOOR)->door, FW_MSG_DOOR_STATE_UNKNOWN);
    send_command('a', 1);
    run_ms(10000);
    assert_int_equal(last_of(FW_MSG_DEVICE_RECORD_KIND_COMMAND)->effect, FW_MSG_EFFECT_NO_ANSWER);
    assert_non_null(strstr(panel.text, "does not answer"));
}

static void test_locker_on_message_twice_for_one_compartment_opens_once(void **state)
{
    (void)state;
    send_command('a', 1);
    send_command('b', 1);
    send_command('a', 1);
    run_ms(2000);
    assert_int_equal(all_pulses(), 1);
    assert_int_equal(world_count_kind(world, FW_MSG_DEVICE_RECORD_KIND_COMMAND), 3);
}

static void test_locker_on_message_with_rubbish_moves_nothing(void **state)
{
    (void)state;
    static const enum fw_leaf leaves[] = { FW_LEAF_ACK, FW_LEAF_CMD, FW_LEAF_CONFIG, FW_LEAF_UP,
                                           FW_LEAF_STATE };
    for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
        fw_locker_on_message(&locker, leaves[i], "{\"id\":", 6);
        fw_locker_on_message(&locker, leaves[i], "", 0);
    }
    run_ms(1000);
    assert_int_equal(all_pulses(), 0);
    assert_int_equal(world_count_kind(world, FW_MSG_DEVICE_RECORD_KIND_COMMAND), 0);
}

static void test_locker_step_with_a_code_opens_once(void **state)
{
    (void)state;
    send_config(1);
    fake_reader_type(&keys, "]Q133333333\r");
    run_ms(1000);
    assert_int_equal(board->pulses[2], 1);
    assert_int_equal(panel.signal, FW_SIGNAL_OK);
    assert_int_equal(last_of(FW_MSG_DEVICE_RECORD_KIND_GRANT)->grant_id, 33);
    fw_fake_board_close(board, 2);
    run_ms(2000);
    fake_reader_type(&keys, "33333333\r");
    run_ms(1000);
    assert_int_equal(panel.signal, FW_SIGNAL_ERROR);
    assert_int_equal(all_pulses(), 1);
}

static void test_locker_step_with_wrong_codes_makes_the_person_wait(void **state)
{
    (void)state;
    send_config(1);
    fake_reader_type(&keys, "00000000\r00000001\r");
    run_ms(20);
    assert_string_equal(panel.text, "wrong code");
    fake_reader_type(&keys, "00000002\r");
    run_ms(20);
    assert_string_equal(panel.text, "wrong code: wait 30 s");
    fake_reader_type(&keys, "33333333\r");
    run_ms(20);
    assert_non_null(strstr(panel.text, "too many wrong codes"));
    assert_int_equal(all_pulses(), 0);
}

static void test_locker_step_with_no_code_says_what_to_type(void **state)
{
    (void)state;
    char product[] = "LS:P:12345678:?\r"; /* a right label with 8 digits is no code either */
    product[14] = fw_label_check_char('P', "12345678", 8);
    assert_true(product[14] != 0);
    const char *const typed[] = { product,      "1234567\r",     "123456789\r",
                                  "1234567x\r", "]E412345670\r", "LS:X:12345678:0\r" };
    for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
        panel.text[0] = '\0';
        fake_reader_type(&keys, typed[i]);
        run_ms(20);
        assert_string_equal(panel.text, "type the 8 digits of your code");
    }
    assert_int_equal(world_count_kind(world, FW_MSG_DEVICE_RECORD_KIND_CODE), 0);
}

static void test_locker_step_with_a_lost_keypad_still_obeys_commands(void **state)
{
    (void)state;
    keys.is_gone = true;
    run_ms(100);
    assert_non_null(strstr(panel.text, "code reader not there"));
    send_command('a', 1);
    run_ms(1000);
    assert_int_equal(board->pulses[0], 1);
    keys.is_gone = false;
    run_ms(4000);
    assert_non_null(strstr(panel.text, "code reader connected"));
}

static void test_locker_step_with_a_forced_door_warns(void **state)
{
    (void)state;
    fw_fake_board_open(board, 3);
    run_ms(2000);
    assert_int_equal(last_of(FW_MSG_DEVICE_RECORD_KIND_ALARM)->alarm, FW_MSG_DOOR_ALARM_FORCED);
    assert_int_equal(last_of(FW_MSG_DEVICE_RECORD_KIND_ALARM)->compartment, 4);
    assert_non_null(strstr(panel.text, "opened without a code"));
}

static void test_locker_step_with_an_open_door_reminds_and_clears(void **state)
{
    (void)state;
    send_command('a', 1);
    run_ms(FW_DOOR_REMIND_MS + 2000);
    assert_int_equal(last_of(FW_MSG_DEVICE_RECORD_KIND_ALARM)->alarm, FW_MSG_DOOR_ALARM_REMIND);
    assert_non_null(strstr(panel.text, "please close it"));
    fw_fake_board_close(board, 0);
    run_ms(2000);
    assert_int_equal(last_of(FW_MSG_DEVICE_RECORD_KIND_ALARM)->alarm, FW_MSG_DOOR_ALARM_CLEARED);
}

/* The door moves while no record fits: afterwards the service hears where it is now. */
static void test_locker_step_with_a_full_log_tells_the_newest_door_later(void **state)
{
    (void)state;
    struct fw_device_record filler = { .kind = FW_MSG_DEVICE_RECORD_KIND_CODE };
    fw_locker_on_link(&locker, false);
    world->publish_rc = FW_E_AWAY;
    int count = 0;
    while (fw_session_append(&locker.device.session, &filler) == FW_OK && count < SEQS_MAX)
        count++;
    assert_true(count < SEQS_MAX);
    fw_fake_board_open(board, 3);
    run_ms(2000);
    fw_fake_board_close(board, 3);
    run_ms(2000);
    fw_fake_board_open(board, 2);
    run_ms(2000);
    world->publish_rc = FW_OK;
    fw_locker_on_link(&locker, true);
    run_ms(5000);
    enum fw_msg_door_state doors[5] = { 0 };
    for (int64_t seq = 1; seq <= world->stored_seq; seq++) {
        if (world->stored[seq].kind == FW_MSG_DEVICE_RECORD_KIND_DOOR)
            doors[world->stored[seq].compartment] = world->stored[seq].door;
    }
    assert_int_equal(doors[4], FW_MSG_DOOR_STATE_CLOSED);
    assert_int_equal(doors[3], FW_MSG_DOOR_STATE_OPEN);
    assert_true(world_count_kind(world, FW_MSG_DEVICE_RECORD_KIND_ALARM) >= 2);
}

/* Each try may erase blocks, which do not stand that for long. */
static void test_locker_step_with_a_log_that_fails_spares_it_and_tells_the_newest_door(void **state)
{
    (void)state;
    int tries = 0;
    memset(world->flash.program_fails, true, LOG_BLOCKS + 1); /* all of the log's */
    for (int second = 0; second < 300; second++) {
        uint64_t steps = world->flash.step_count;
        board->open_bits ^= 4;
        run_ms(1000);
        tries += world->flash.step_count != steps;
    }
    assert_in_range(tries, 1, 300000 / FW_LOCKER_RETRY_BROKEN_MS + 1);
    memset(world->flash.program_fails, false, sizeof(world->flash.program_fails));
    fw_fake_board_open(board, 2);
    run_ms(FW_LOCKER_RETRY_BROKEN_MS + 1000);
    assert_int_equal(last_of(FW_MSG_DEVICE_RECORD_KIND_DOOR)->compartment, 3);
    assert_int_equal(last_of(FW_MSG_DEVICE_RECORD_KIND_DOOR)->door, FW_MSG_DOOR_STATE_AJAR);
}

/* A sensor at the edge of what it sees: the service hears of it, and the log is not filled by it.
 */
static void test_locker_step_with_a_flickering_sensor_makes_few_records(void **state)
{
    (void)state;
    int before = world_count_kind(world, FW_MSG_DEVICE_RECORD_KIND_DOOR);
    for (int i = 0; i < 60; i++) { /* two minutes; ends with nothing there */
        board->presence_bits ^= 1;
        run_ms(2000);
    }
    int records = world_count_kind(world, FW_MSG_DEVICE_RECORD_KIND_DOOR) - before;
    assert_true(records >= 2 && records <= 13);
    board->presence_bits = 1;
    run_ms(FW_LOCKER_PRESENCE_MS + 2000);
    assert_int_equal(last_of(FW_MSG_DEVICE_RECORD_KIND_DOOR)->presence,
                     FW_MSG_OBJECT_PRESENCE_PRESENT);
}

/* Back where it was before anybody was told: there is nothing to tell. */
static void test_locker_step_with_a_sensor_that_is_back_makes_no_record(void **state)
{
    (void)state;
    board->presence_bits = 1;
    run_ms(2000);
    int before = world_count_kind(world, FW_MSG_DEVICE_RECORD_KIND_DOOR);
    board->presence_bits = 0;
    run_ms(2000);
    board->presence_bits = 1;
    run_ms(2 * FW_LOCKER_PRESENCE_MS);
    assert_int_equal(world_count_kind(world, FW_MSG_DEVICE_RECORD_KIND_DOOR), before);
}

static void test_locker_step_with_a_moving_door_tells_the_sensor_at_once(void **state)
{
    (void)state;
    board->presence_bits = 1;
    run_ms(2000);
    send_command('a', 1);
    run_ms(1000);
    board->presence_bits = 0; /* taken out */
    run_ms(1000);
    assert_int_equal(last_of(FW_MSG_DEVICE_RECORD_KIND_DOOR)->presence,
                     FW_MSG_OBJECT_PRESENCE_ABSENT);
    fw_fake_board_close(board, 0);
    run_ms(1000);
    assert_int_equal(last_of(FW_MSG_DEVICE_RECORD_KIND_DOOR)->door, FW_MSG_DOOR_STATE_CLOSED);
}

static void test_locker_step_offline_with_a_restless_door_still_takes_codes(void **state)
{
    (void)state;
    struct fw_device_record probe = { .kind = FW_MSG_DEVICE_RECORD_KIND_BOARD };
    send_config(1);
    fw_locker_on_link(&locker, false);
    world->publish_rc = FW_E_AWAY;
    int moves = 0;
    for (; moves < SEQS_MAX; moves++) {
        board->open_bits ^= 8;
        run_ms(1000);
        if (moves % 50 == 49 && fw_session_append_minor(&locker.device.session, &probe) != FW_OK)
            break;
    }
    assert_true(moves < SEQS_MAX);
    fake_reader_type(&keys, "33333333\r");
    run_ms(1000);
    assert_int_equal(board->pulses[2], 1);
}

/* The board is known to be away: the code is not used up by a door that cannot open. */
static void test_locker_step_with_a_code_for_a_silent_board_keeps_the_code(void **state)
{
    (void)state;
    send_config(1);
    board->is_mute = true;
    run_ms(5000);
    fake_reader_type(&keys, "33333333\r");
    run_ms(5000);
    assert_non_null(strstr(panel.text, "does not answer"));
    assert_int_equal(world_count_kind(world, FW_MSG_DEVICE_RECORD_KIND_GRANT), 0);
    board->is_mute = false;
    run_ms(6000);
    fake_reader_type(&keys, "33333333\r");
    run_ms(1000);
    assert_int_equal(all_pulses(), 1);
    assert_int_equal(last_of(FW_MSG_DEVICE_RECORD_KIND_GRANT)->effect, FW_MSG_EFFECT_OPENED);
}

static void test_locker_on_link_again_and_again_is_shown_once(void **state)
{
    (void)state;
    fw_locker_on_link(&locker, false);
    assert_string_equal(panel.text, "offline");
    int shown = panel.counts[FW_SIGNAL_NONE];
    fw_locker_on_link(&locker, false);
    fw_locker_on_link(&locker, false);
    assert_int_equal(panel.counts[FW_SIGNAL_NONE], shown);
    fw_locker_on_link(&locker, true);
    assert_string_equal(panel.text, "online");
}

static void test_locker_open_with_sizes_that_do_not_fit_is_refused(void **state)
{
    (void)state;
    assert_int_equal(boot_with("SSM"), FW_E_INVALID);
    assert_int_equal(boot_with("SSMLL"), FW_E_INVALID);
}

static void test_locker_open_with_blocks_too_small_for_its_gate_is_refused(void **state)
{
    (void)state;
    const uint32_t copy_bytes = SLOT_BYTES + (uint32_t)sizeof(struct fw_gate_stored);
    fw_fake_flash_init(&world->flash, copy_bytes - 16, 10, 16);
    assert_int_equal(boot(), FW_E_INVALID);
    fw_fake_flash_init(&world->flash, copy_bytes, 10, 16);
    assert_int_equal(boot(), FW_OK);
}

static void test_locker_will_says_offline_with_its_compartments(void **state)
{
    (void)state;
    char text[FW_SESSION_STATE_BYTES_MAX + 1] = "";
    int size = fw_locker_will(&locker, text, sizeof(text) - 1);
    assert_true(size > 0);
    assert_non_null(strstr(text, "\"offline\""));
    assert_non_null(strstr(text, "\"SSML\""));
}

/* ---- power cuts ---- */

/* The power goes while a command is worked on; afterwards the broker brings the command again. */
static bool run_with_cut(uint64_t steps, enum fw_fake_cut cut)
{
    setup(NULL);
    fw_fake_flash_cut_in(&world->flash, steps, cut, steps);
    send_command('c', 1);
    run_ms(1500);
    bool was_cut = world->flash.is_off;
    fw_fake_board_close(board, 0);
    assert_int_equal(boot(), FW_OK);
    fw_locker_on_link(&locker, true);
    run_ms(1500);
    send_command('c', 1);
    run_ms(1500);
    assert_true(all_pulses() <= 1);
    int ends = 0;
    for (int64_t seq = 1; seq <= world->stored_seq; seq++) {
        const struct fw_device_record *record = &world->stored[seq];
        if (record->kind == FW_MSG_DEVICE_RECORD_KIND_COMMAND)
            ends += record->effect != FW_MSG_EFFECT_REPEATED;
    }
    assert_int_equal(ends, 1);
    return was_cut;
}

static void test_locker_on_message_with_power_cut_anywhere_opens_at_most_once(void **state)
{
    (void)state;
    static const enum fw_fake_cut cuts[] = { FW_FAKE_CUT_BEFORE, FW_FAKE_CUT_TORN,
                                             FW_FAKE_CUT_AFTER };
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        uint64_t steps = 0;
        while (steps < CUT_STEPS_MAX && run_with_cut(steps, cuts[i]))
            steps++;
        assert_true(steps > 10 && steps < CUT_STEPS_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_locker_on_message_with_a_command_opens_and_reports_the_effect,
                               setup),
        cmocka_unit_test_setup(test_locker_on_message_with_a_jammed_door_says_so, setup),
        cmocka_unit_test_setup(test_locker_on_message_with_a_silent_board_reports_no_answer, setup),
        cmocka_unit_test_setup(test_locker_on_message_twice_for_one_compartment_opens_once, setup),
        cmocka_unit_test_setup(test_locker_on_message_with_rubbish_moves_nothing, setup),
        cmocka_unit_test_setup(test_locker_step_with_a_code_opens_once, setup),
        cmocka_unit_test_setup(test_locker_step_with_wrong_codes_makes_the_person_wait, setup),
        cmocka_unit_test_setup(test_locker_step_with_no_code_says_what_to_type, setup),
        cmocka_unit_test_setup(test_locker_step_with_a_lost_keypad_still_obeys_commands, setup),
        cmocka_unit_test_setup(test_locker_step_with_a_forced_door_warns, setup),
        cmocka_unit_test_setup(test_locker_step_with_an_open_door_reminds_and_clears, setup),
        cmocka_unit_test_setup(test_locker_step_with_a_full_log_tells_the_newest_door_later, setup),
        cmocka_unit_test_setup(
            test_locker_step_with_a_log_that_fails_spares_it_and_tells_the_newest_door, setup),
        cmocka_unit_test_setup(test_locker_step_with_a_flickering_sensor_makes_few_records, setup),
        cmocka_unit_test_setup(test_locker_step_with_a_sensor_that_is_back_makes_no_record, setup),
        cmocka_unit_test_setup(test_locker_step_with_a_moving_door_tells_the_sensor_at_once, setup),
        cmocka_unit_test_setup(test_locker_step_offline_with_a_restless_door_still_takes_codes,
                               setup),
        cmocka_unit_test_setup(test_locker_step_with_a_code_for_a_silent_board_keeps_the_code,
                               setup),
        cmocka_unit_test_setup(test_locker_on_link_again_and_again_is_shown_once, setup),
        cmocka_unit_test_setup(test_locker_open_with_sizes_that_do_not_fit_is_refused, setup),
        cmocka_unit_test_setup(test_locker_open_with_blocks_too_small_for_its_gate_is_refused,
                               setup),
        cmocka_unit_test_setup(test_locker_will_says_offline_with_its_compartments, setup),
        cmocka_unit_test_setup(test_locker_on_message_with_power_cut_anywhere_opens_at_most_once,
                               setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
