/* What flash may say at a start (schemas/rules/devices.md 5.7, 5.8): numbers that would be used as
 * an index, bytes that the device's key has not signed, what version 0.3 has left; and grants that
 * come again after their ids were given. */
#include "core/gate_journal.h"
#include "gate_world.h"

#define UNSIGNED_BYTES offsetof(struct fw_gate_stored, grant_id_max)
#define NUMBER_MAX INT64_C(9007199254740991)

static struct gate_world at;
static struct fw_gate_stored stored;

static int setup(void **state)
{
    (void)state;
    gate_world_init_with_grants(&at);
    stored = at.gate.stored;
    return 0;
}

/* Flash has `stored` then, signed as the gate signs. Returns what the next start says. */
static int boot_signed(void)
{
    at.gate.stored = stored;
    fw_gate_sign_stored(&at.gate, stored.mac);
    assert_int_equal(fw_snapshot_save(&at.world.gate_snapshot, &stored, sizeof(stored)), FW_OK);
    return gate_world_boot(&at);
}

/* Flash has the first bytes of `stored`, as version 0.3 wrote them. */
static int boot_unsigned(void)
{
    at.world.gate_snapshot.version = FW_GATE_LAYOUT_UNSIGNED;
    assert_int_equal(fw_snapshot_save(&at.world.gate_snapshot, &stored, UNSIGNED_BYTES), FW_OK);
    return gate_world_boot(&at);
}

static bool opens(const char *code)
{
    struct fw_gate_decision decision;
    assert_int_equal(fw_gate_on_code(&at.gate, code, 0, &decision), FW_OK);
    if (decision.is_open)
        assert_int_equal(fw_gate_on_effect(&at.gate, decision.compartment, FW_MSG_EFFECT_OPENED),
                         FW_OK);
    return decision.is_open;
}

/* ---- numbers ---- */

/* Every one of them with a right checksum, and a right MAC. */
static void check_refused(void)
{
    assert_int_equal(boot_signed(), FW_E_CORRUPT);
    assert_int_equal(boot_unsigned(), FW_E_CORRUPT);
    setup(NULL);
}

static void test_gate_open_with_more_grants_than_there_is_room_for_opens_nothing(void **state)
{
    (void)state;
    stored.grant_count = FW_GATE_GRANTS_MAX + 1;
    check_refused();
    stored.grant_count = UINT32_MAX;
    check_refused();
    stored.grant_count = FW_GATE_GRANTS_MAX;
    for (uint32_t i = 0; i < FW_GATE_GRANTS_MAX; i++)
        stored.grants[i] = stored.grants[0];
    assert_int_equal(boot_signed(), FW_OK);
}

static void test_gate_open_with_a_compartment_that_no_locker_has_opens_nothing(void **state)
{
    (void)state;
    stored.grants[3].compartment = 0;
    check_refused();
    stored.grants[3].compartment = FW_GATE_COMPARTMENTS_MAX + 1;
    check_refused();
    stored.grants[0].is_used = 2;
    check_refused();
    stored.grants[0].is_refused = 2;
    check_refused();
    stored.grants[0].id = 0;
    check_refused();
    stored.grants[0].not_before_ms = INT64_MIN;
    check_refused();
    stored.grants[0].expires_at_ms = NUMBER_MAX + 1;
    check_refused();
}

static void test_gate_open_with_counts_that_no_gate_writes_opens_nothing(void **state)
{
    (void)state;
    stored.revision = -1;
    check_refused();
    stored.forgotten_ms = NUMBER_MAX + 1;
    check_refused();
    stored.wrong_count = FW_GATE_WRONG_COUNT_MAX + 1;
    check_refused();
    stored.wrong_held = FW_GATE_WRONG_HELD_MAX + 1;
    check_refused();
    stored.pause_ms = FW_GATE_PAUSE_MAX_MS + 1;
    check_refused();
    stored.grant_id_max = -1;
    assert_int_equal(boot_signed(), FW_E_CORRUPT); /* version 0.3 had none */
}

static void break_entry(void (*how)(struct fw_gate_entry *entry))
{
    stored.journal[5] = (struct fw_gate_entry){ .kind = FW_GATE_ENTRY_COMMAND, .compartment = 1 };
    how(&stored.journal[5]);
    check_refused();
}

static void set_kind(struct fw_gate_entry *entry)
{
    entry->kind = FW_GATE_ENTRY_GRANT + 1;
}

static void set_state(struct fw_gate_entry *entry)
{
    entry->state = FW_GATE_REPORTED + 1;
}

static void set_effect(struct fw_gate_entry *entry)
{
    entry->effect = FW_MSG_EFFECT_COUNT;
}

static void set_no_compartment(struct fw_gate_entry *entry)
{
    entry->compartment = 0;
}

static void set_far_compartment(struct fw_gate_entry *entry)
{
    entry->compartment = FW_GATE_COMPARTMENTS_MAX + 1;
}

static void set_grant_id(struct fw_gate_entry *entry)
{
    entry->kind = FW_GATE_ENTRY_GRANT;
    entry->grant_id = NUMBER_MAX + 1;
}

static void set_no_grant_id(struct fw_gate_entry *entry)
{
    entry->kind = FW_GATE_ENTRY_GRANT;
    entry->grant_id = 0;
}

static void set_time(struct fw_gate_entry *entry)
{
    entry->expires_at_ms = -1;
}

static void set_record_seq(struct fw_gate_entry *entry)
{
    entry->record_seq = -1;
}

static void test_gate_open_with_a_journal_that_no_gate_writes_opens_nothing(void **state)
{
    (void)state;
    break_entry(set_kind);
    break_entry(set_state);
    break_entry(set_effect);
    break_entry(set_no_compartment);
    break_entry(set_far_compartment);
    break_entry(set_grant_id);
    break_entry(set_no_grant_id);
    break_entry(set_time);
    break_entry(set_record_seq);
}

/* ---- the key ---- */

/* A grant for compartment 3 becomes one for 4, with a right checksum: the customer of 3 would open
 * 4, online too, as a configuration of the same revision changes nothing. */
static void test_gate_open_with_a_grant_that_was_moved_opens_nothing(void **state)
{
    (void)state;
    stored.grants[2].compartment = 4;
    assert_int_equal(fw_snapshot_save(&at.world.gate_snapshot, &stored, sizeof(stored)), FW_OK);
    assert_int_equal(gate_world_boot(&at), FW_E_CORRUPT);
}

static void test_gate_open_with_any_byte_changed_opens_nothing(void **state)
{
    (void)state;
    uint8_t bytes[sizeof(stored)];
    for (size_t i = 0; i < sizeof(stored); i += 7) {
        memcpy(bytes, &stored, sizeof(stored));
        bytes[i] ^= 1;
        assert_int_equal(fw_snapshot_save(&at.world.gate_snapshot, bytes, sizeof(bytes)), FW_OK);
        assert_int_equal(gate_world_boot(&at), FW_E_CORRUPT);
    }
    assert_int_equal(fw_snapshot_save(&at.world.gate_snapshot, &stored, sizeof(stored)), FW_OK);
    assert_int_equal(gate_world_boot(&at), FW_OK);
}

/* ---- version 0.3 ---- */

static void test_gate_open_after_0_3_keeps_what_was_used_and_signs_it(void **state)
{
    (void)state;
    assert_true(opens("22222222"));
    world_drain(&at.world);
    assert_int_equal(fw_snapshot_load(&at.world.gate_snapshot, &stored, sizeof(stored)),
                     sizeof(stored)); /* has the number of a record that is in the log by now */
    assert_int_equal(boot_unsigned(), FW_OK);
    (void)fw_gate_tick(&at.gate, at.world.mono_ms);
    assert_int_equal(at.world.gate_snapshot.stored_version, FW_GATE_LAYOUT);
    world_drain(&at.world);
    assert_int_equal(at.gate.stored.grant_id_max, 44);
    assert_false(opens("22222222"));
    assert_true(opens("33333333"));
    assert_int_equal(gate_world_boot(&at), FW_OK);
    assert_int_equal(at.gate.stored.grant_id_max, 44);
    world_drain(&at.world);
    assert_false(opens("33333333"));
}

/* Its last grant was used and is no longer configured: the journal still names it. */
static void test_gate_open_after_0_3_counts_the_ids_in_its_journal(void **state)
{
    (void)state;
    assert_true(opens("44444444"));
    world_drain(&at.world);
    stored = at.gate.stored;
    stored.grant_count = 1;
    for (size_t i = 0; i < FW_GATE_JOURNAL_MAX; i++) {
        if (stored.journal[i].kind != FW_GATE_ENTRY_GRANT)
            stored.journal[i].grant_id = 99; /* of no use */
    }
    assert_int_equal(boot_unsigned(), FW_OK);
    assert_int_equal(at.gate.stored.grant_id_max, 44);
}

static void test_gate_open_with_bytes_of_0_3_of_another_size_opens_nothing(void **state)
{
    (void)state;
    at.world.gate_snapshot.version = FW_GATE_LAYOUT_UNSIGNED;
    assert_int_equal(fw_snapshot_save(&at.world.gate_snapshot, &stored, UNSIGNED_BYTES - 1), FW_OK);
    assert_int_equal(gate_world_boot(&at), FW_E_CORRUPT);
    at.world.gate_snapshot.version = FW_GATE_LAYOUT;
    assert_int_equal(fw_snapshot_save(&at.world.gate_snapshot, &stored, UNSIGNED_BYTES), FW_OK);
    assert_int_equal(gate_world_boot(&at), FW_E_CORRUPT);
}

/* ---- ids of grants ---- */

static void send_grants(int64_t revision, uint32_t count)
{
    struct fw_device_config config;
    config_make(&config, revision);
    config.grants_count = count;
    config_sign(&config);
    assert_int_equal(config_send(&at, &config), FW_OK);
}

static int count_refused(int64_t grant_id)
{
    int count = 0;
    world_drain(&at.world);
    for (int64_t seq = 1; seq <= at.world.stored_seq; seq++) {
        const struct fw_device_record *record = &at.world.stored[seq];
        count += record->kind == FW_MSG_DEVICE_RECORD_KIND_GRANT && record->grant_id == grant_id &&
                 record->effect == FW_MSG_EFFECT_REFUSED &&
                 record->refusal == FW_MSG_DEVICE_REFUSAL_ALREADY_USED;
    }
    return count;
}

/* A code is used; its compartment gets other goods; then the service's database is restored, and
 * what it believes comes under a higher revision: the used code stays shut. */
static void test_gate_on_config_with_a_grant_from_before_a_restore_does_not_open(void **state)
{
    (void)state;
    struct fw_gate_decision decision;
    assert_true(opens("33333333"));
    send_grants(6, 0); /* the locker may forget the use */
    assert_int_equal(gate_world_boot(&at), FW_OK);
    world_drain(&at.world);
    send_grants(7, 4);
    assert_int_equal(fw_gate_on_code(&at.gate, "33333333", 0, &decision), FW_OK);
    assert_false(decision.is_open);
    assert_true(decision.is_refused);
    assert_int_equal(decision.refusal, FW_MSG_DEVICE_REFUSAL_ALREADY_USED);
    assert_int_equal(count_refused(33), 1);
    assert_int_equal(count_refused(44), 1); /* nobody used it, but it was taken away */
    assert_int_equal(gate_world_boot(&at), FW_OK);
    send_grants(8, 4); /* the same ones, held and refused */
    assert_false(opens("33333333"));
}

static void test_gate_on_config_with_an_id_of_other_content_does_not_open(void **state)
{
    (void)state;
    struct fw_device_config config;
    config_make(&config, 6);
    config.grants[1].compartment = 4;
    config.grants[2].expires_at += 1;
    config_sign(&config);
    assert_int_equal(config_send(&at, &config), FW_OK);
    assert_false(opens("22222222"));
    assert_false(opens("33333333"));
    assert_true(opens("11111111"));
    assert_int_equal(count_refused(22), 1);
    assert_int_equal(count_refused(33), 1);
    assert_int_equal(count_refused(11), 0);
}

static void test_gate_on_config_with_the_next_id_opens_and_counts_from_there(void **state)
{
    (void)state;
    struct fw_device_config config;
    config_make(&config, 6);
    config.grants_count = 1;
    config.grants[0].id = 45;
    code_hash(45, "55555555", config.grants[0].code_hash);
    config_sign(&config);
    assert_int_equal(config_send(&at, &config), FW_OK);
    assert_int_equal(at.gate.stored.grant_id_max, 45);
    assert_true(opens("55555555"));
}

static void test_gate_on_config_that_flash_does_not_take_counts_no_id(void **state)
{
    (void)state;
    struct fw_device_config config;
    config_make(&config, 6);
    config.grants[3].id = 50;
    code_hash(50, "44444444", config.grants[3].code_hash);
    config_sign(&config);
    for (int i = LOG_BLOCKS; i < FW_FAKE_FLASH_BLOCKS_MAX; i++)
        at.world.flash.program_fails[i] = at.world.flash.erase_fails[i] = true;
    assert_int_equal(config_send(&at, &config), FW_E_IO);
    for (int i = LOG_BLOCKS; i < FW_FAKE_FLASH_BLOCKS_MAX; i++)
        at.world.flash.program_fails[i] = at.world.flash.erase_fails[i] = false;
    assert_int_equal(config_send(&at, &config), FW_OK);
    assert_true(opens("44444444"));
}

/* ---- the session ---- */

static void test_session_open_with_numbers_that_no_session_writes_begins_anew(void **state)
{
    (void)state;
    const struct fw_session_stored good = at.world.session.stored;
    struct fw_session_stored bad[] = { good, good, good, good, good };
    bad[0].boot = -1;
    bad[1].boot = INT64_C(1) + INT32_MAX;
    bad[2].counts[FW_SESSION_OVERFLOWED] = NUMBER_MAX + 1;
    bad[3].log.from_seq = INT64_MIN;
    bad[4].log.doubt_seq = INT64_MIN;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(fw_snapshot_save(&at.world.snapshot, &bad[i], sizeof(bad[i])), FW_OK);
        assert_int_equal(gate_world_boot(&at), FW_OK);
        assert_int_equal(at.world.session.stored.boot, 1);
        assert_true(at.world.session.stored.counts[FW_SESSION_OVERFLOWED] == 0);
    }
}

#define ON(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(test_gate_open_with_more_grants_than_there_is_room_for_opens_nothing),
        ON(test_gate_open_with_a_compartment_that_no_locker_has_opens_nothing),
        ON(test_gate_open_with_counts_that_no_gate_writes_opens_nothing),
        ON(test_gate_open_with_a_journal_that_no_gate_writes_opens_nothing),
        ON(test_gate_open_with_a_grant_that_was_moved_opens_nothing),
        ON(test_gate_open_with_any_byte_changed_opens_nothing),
        ON(test_gate_open_after_0_3_keeps_what_was_used_and_signs_it),
        ON(test_gate_open_after_0_3_counts_the_ids_in_its_journal),
        ON(test_gate_open_with_bytes_of_0_3_of_another_size_opens_nothing),
        ON(test_gate_on_config_with_a_grant_from_before_a_restore_does_not_open),
        ON(test_gate_on_config_with_an_id_of_other_content_does_not_open),
        ON(test_gate_on_config_with_the_next_id_opens_and_counts_from_there),
        ON(test_gate_on_config_that_flash_does_not_take_counts_no_id),
        ON(test_session_open_with_numbers_that_no_session_writes_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
