/* Configurations and codes (schemas/rules/devices.md 5). A code is compared with every grant, in a
 * time that does not depend on the result. Flash has the use, and the grant marked as used, before
 * the lock moves. */
#include <string.h>

#include "core/gate_journal.h"
#include "port/check.h"

/* Lines of a configuration: 16 grants of at most 119 bytes, and 6 lines. */
#define CONFIG_TEXT_BYTES_MAX (FW_GATE_GRANTS_MAX * 119 + 170)
#define CODE_TEXT_BYTES_MAX 192

_Static_assert(CONFIG_TEXT_BYTES_MAX <= FW_SESSION_UP_BYTES_MAX, "goes into the scratch");
_Static_assert(FW_GATE_GRANTS_MAX * sizeof(struct fw_gate_grant) <= FW_SESSION_UP_BYTES_MAX,
               "goes into the scratch");

/* The pause after that many wrong codes in a row (rules 5.4). */
static int64_t compute_pause_ms(uint32_t wrong_count)
{
    int64_t pause_ms = FW_GATE_PAUSE_MIN_MS;
    if (wrong_count <= FW_GATE_WRONG_FREE)
        return 0;
    for (uint32_t i = FW_GATE_WRONG_FREE + 1; i < wrong_count; i++) {
        pause_ms *= 2;
        if (pause_ms >= FW_GATE_PAUSE_MAX_MS)
            return FW_GATE_PAUSE_MAX_MS;
    }
    return pause_ms;
}

static void add_grant(struct fw_json_out *out, const struct fw_device_grant *grant)
{
    fw_json_out_add_int(out, grant->id);
    fw_json_out_add_text(out, " ");
    fw_json_out_add_int(out, grant->compartment);
    fw_json_out_add_text(out, " ");
    fw_json_out_add_int(out, grant->not_before);
    fw_json_out_add_text(out, " ");
    fw_json_out_add_int(out, grant->expires_at);
    fw_json_out_add_text(out, " ");
    fw_json_out_add_text(out, grant->code_hash);
    fw_json_out_add_text(out, "\n");
}

static bool is_mac_right(struct fw_gate *gate, const struct fw_device_config *config)
{
    const struct fw_identity *identity = &gate->setup.identity;
    struct fw_json_out out;
    fw_signed_begin(&out, gate->setup.session->scratch.up, CONFIG_TEXT_BYTES_MAX,
                    config->has_key_no ? "lockstock/v2/config" : "lockstock/v1/config", identity);
    if (config->has_key_no)
        fw_signed_add_int(&out, config->key_no);
    fw_signed_add_int(&out, config->revision);
    fw_signed_add_int(&out, config->now);
    for (size_t i = 0; i < config->grants_count; i++)
        add_grant(&out, &config->grants[i]);
    return fw_signed_is_right(&out, identity, config->mac);
}

static bool is_used(const struct fw_gate_grant *grants, uint32_t count, int64_t id)
{
    for (uint32_t i = 0; i < count; i++) {
        if (grants[i].id == id && grants[i].is_used != 0)
            return true;
    }
    return false;
}

static const struct fw_gate_grant *find_same(const struct fw_gate_grant *grants, uint32_t count,
                                             const struct fw_gate_grant *grant)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct fw_gate_grant *other = &grants[i];
        if (other->id == grant->id && other->compartment == grant->compartment &&
            other->not_before_ms == grant->not_before_ms &&
            other->expires_at_ms == grant->expires_at_ms &&
            memcmp(other->code_hash, grant->code_hash, sizeof(grant->code_hash)) == 0)
            return other;
    }
    return NULL;
}

static void take_grant(const struct fw_device_grant *from, struct fw_gate_grant *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->id = from->id;
    ret->not_before_ms = from->not_before;
    ret->expires_at_ms = from->expires_at;
    ret->compartment = (uint8_t)from->compartment;
    fw_from_hex(from->code_hash, ret->code_hash, sizeof(ret->code_hash));
}

/* rules 5.3, 5.7: a used grant stays used in the new configuration. One that is not held, and whose
 * id is not above every id that was, is from before a restore of the service's database: its code
 * was used, or taken away, and something else lies in the compartment by now. */
static void take_grants(struct fw_gate_stored *stored, const struct fw_device_config *config,
                        const struct fw_gate_grant *old, uint32_t old_count)
{
    const int64_t id_max = stored->grant_id_max;
    memset(stored->grants, 0, sizeof(stored->grants));
    for (size_t i = 0; i < config->grants_count; i++) {
        struct fw_gate_grant *grant = &stored->grants[i];
        take_grant(&config->grants[i], grant);
        const struct fw_gate_grant *same = find_same(old, old_count, grant);
        grant->is_used = is_used(old, old_count, grant->id);
        grant->is_refused = same != NULL ? same->is_refused : grant->id <= id_max;
        if (grant->id > stored->grant_id_max)
            stored->grant_id_max = grant->id;
    }
    stored->grant_count = (uint32_t)config->grants_count;
    stored->revision = config->revision;
    stored->owner_protocol = config->has_key_no ? FW_PROTOCOL_2 : FW_PROTOCOL_1;
}

static int store_config(struct fw_gate *gate, const struct fw_device_config *config)
{
    struct fw_gate_stored *stored = &gate->stored;
    struct fw_gate_grant *old = (struct fw_gate_grant *)(void *)gate->setup.session->scratch.up;
    const uint32_t old_count = stored->grant_count;
    const int64_t old_revision = stored->revision, old_id_max = stored->grant_id_max;
    const uint8_t old_protocol = stored->owner_protocol;
    memcpy(old, stored->grants, sizeof(stored->grants));
    take_grants(stored, config, old, old_count);
    int rc = fw_gate_save(gate);
    if (rc != FW_OK) {
        memcpy(stored->grants, old, sizeof(stored->grants));
        stored->grant_count = old_count;
        stored->revision = old_revision;
        stored->grant_id_max = old_id_max;
        stored->owner_protocol = old_protocol;
    }
    return rc;
}

/* rules 5.7: the service hears of each refused grant, once for each configuration; what finds no
 * room in the log is told to who types its code. */
static void tell_refused(struct fw_gate *gate)
{
    for (uint32_t i = 0; i < gate->stored.grant_count; i++) {
        const struct fw_gate_grant *grant = &gate->stored.grants[i];
        struct fw_device_record record = { .kind = FW_MSG_DEVICE_RECORD_KIND_GRANT,
                                           .has_grant_id = true,
                                           .grant_id = grant->id,
                                           .has_compartment = true,
                                           .compartment = grant->compartment,
                                           .has_effect = true,
                                           .effect = FW_MSG_EFFECT_REFUSED,
                                           .has_refusal = true,
                                           .refusal = FW_MSG_DEVICE_REFUSAL_ALREADY_USED };
        if (grant->is_refused != 0)
            (void)fw_gate_append_refusal(gate, &record);
    }
}

/* One of protocol 1 with a higher revision is a service that was put back to an earlier version. */
static bool is_to_be_stored(struct fw_gate *gate, const struct fw_device_config *config)
{
    return (!config->has_key_no || config->key_no == gate->setup.identity.mac->key_no) &&
           is_mac_right(gate, config) && config->revision >= gate->stored.revision;
}

int fw_gate_on_config(struct fw_gate *gate, const char *payload, size_t size)
{
    struct fw_device_config *config = &gate->scratch;
    struct fw_session *session = gate->setup.session;
    if (fw_device_config_decode(payload, size, config) != FW_OK || !is_to_be_stored(gate, config)) {
        gate->refused_count++;
        return FW_E_INVALID;
    }
    if (config->revision == gate->stored.revision)
        return FW_OK; /* the message is retained: it comes with each connect */
    int rc = store_config(gate, config);
    if (rc != FW_OK)
        return rc;
    session->owner_protocol = gate->stored.owner_protocol;
    fw_clock_on_signed(session->setup.clock, config->now); /* rules 1.7 */
    tell_refused(gate);
    fw_gate_tell_revision(gate);
    return FW_OK;
}

static bool is_code_of(const struct fw_gate *gate, const struct fw_gate_grant *grant,
                       const char *code)
{
    const struct fw_identity *identity = &gate->setup.identity;
    char text[CODE_TEXT_BYTES_MAX];
    uint8_t mac[FW_MAC_BYTES];
    struct fw_json_out out;
    fw_signed_begin(&out, text, sizeof(text), "lockstock/v1/code", identity);
    fw_signed_add_int(&out, grant->id);
    fw_json_out_add(&out, code, FW_GATE_CODE_DIGITS);
    fw_json_out_add_text(&out, "\n");
    fw_signed_make(&out, identity, mac);
    return fw_signed_equal(mac, grant->code_hash, sizeof(mac));
}

/* May this grant open its compartment now? If not, *ret says why. */
static bool is_valid(struct fw_gate *gate, const struct fw_gate_grant *grant, uint32_t busy_mask,
                     enum fw_msg_device_refusal *ret)
{
    int64_t now_ms = fw_clock_now_ms(gate->setup.clock);
    if (grant->is_refused != 0 || is_used(gate->stored.grants, gate->stored.grant_count, grant->id))
        *ret = FW_MSG_DEVICE_REFUSAL_ALREADY_USED;
    else if (fw_clock_is_over(gate->setup.clock, grant->expires_at_ms))
        *ret = FW_MSG_DEVICE_REFUSAL_EXPIRED;
    else if (now_ms == 0)
        *ret = FW_MSG_DEVICE_REFUSAL_TIME_UNKNOWN;
    else if (now_ms < grant->not_before_ms)
        *ret = FW_MSG_DEVICE_REFUSAL_NOT_VALID_YET;
    else if (grant->compartment > gate->setup.compartment_count)
        *ret = FW_MSG_DEVICE_REFUSAL_UNKNOWN_COMPARTMENT;
    else if ((busy_mask >> (grant->compartment - 1U) & 1U) != 0 ||
             fw_gate_entry_find_acting(gate, grant->compartment) != NULL)
        *ret = FW_MSG_DEVICE_REFUSAL_BUSY;
    else
        return true;
    return false;
}

/* The grant that the code belongs to, if possible a valid one; NULL: the code belongs to none. When
 * the grant is not valid, *ret says why. */
static struct fw_gate_grant *find_grant(struct fw_gate *gate, const char *code, uint32_t busy_mask,
                                        enum fw_msg_device_refusal *ret)
{
    bool matches[FW_GATE_GRANTS_MAX];
    struct fw_gate_grant *found = NULL;
    for (uint32_t i = 0; i < gate->stored.grant_count; i++)
        matches[i] = is_code_of(gate, &gate->stored.grants[i], code);
    *ret = FW_MSG_DEVICE_REFUSAL_WRONG_CODE;
    for (uint32_t i = 0; i < gate->stored.grant_count; i++) {
        if (!matches[i])
            continue;
        found = &gate->stored.grants[i];
        if (is_valid(gate, found, busy_mask, ret))
            return found;
    }
    return found;
}

/* Does this refusal get a record? One a pause, and one for each reason in FW_GATE_SAME_REFUSAL_MS,
 * so that a used code which stays before the QR reader does not fill the log. A wrong code always
 * gets one: it carries the count, and rules 5.5 limit how many there are. */
static bool claim_record(struct fw_gate *gate, enum fw_msg_device_refusal refusal)
{
    int64_t mono_ms = fw_clock_mono_ms(gate->setup.clock);
    if (refusal == FW_MSG_DEVICE_REFUSAL_LOCKED_OUT)
        return !gate->is_pause_told;
    if (refusal == FW_MSG_DEVICE_REFUSAL_WRONG_CODE)
        return true;
    if (mono_ms < gate->told_until_ms[refusal])
        return false;
    gate->told_until_ms[refusal] = mono_ms + FW_GATE_SAME_REFUSAL_MS;
    return true;
}

static int refuse_code(struct fw_gate *gate, enum fw_msg_device_refusal refusal, int64_t pause_ms,
                       struct fw_gate_decision *ret)
{
    struct fw_device_record record = { .kind = FW_MSG_DEVICE_RECORD_KIND_CODE,
                                       .has_refusal = true,
                                       .refusal = refusal,
                                       .has_wrong_count = true,
                                       .wrong_count = (int32_t)gate->stored.wrong_count,
                                       .has_pause_ms = true,
                                       .pause_ms = (int32_t)pause_ms };
    if (claim_record(gate, refusal)) {
        int rc = fw_gate_append_refusal(gate, &record);
        if (rc != FW_OK)
            return rc;
    }
    gate->is_pause_told = refusal == FW_MSG_DEVICE_REFUSAL_LOCKED_OUT;
    *ret = (struct fw_gate_decision){ .is_refused = true,
                                      .refusal = refusal,
                                      .pause_ms = pause_ms,
                                      .wrong_count = gate->stored.wrong_count };
    return FW_OK;
}

void fw_gate_age(struct fw_gate *gate, int64_t mono_ms)
{
    struct fw_gate_stored *stored = &gate->stored;
    if (stored->pause_ms != 0 && mono_ms >= gate->pause_until_ms) {
        stored->pause_ms = 0;
        gate->is_aged = true;
    }
    while (stored->wrong_held > 0 && mono_ms >= gate->forgive_at_ms) {
        stored->wrong_held--;
        gate->forgive_at_ms += FW_GATE_FORGIVE_MS;
        gate->is_aged = true;
    }
    if (stored->wrong_held == 0)
        gate->forgive_at_ms = 0;
}

/* Flash has the count before the person is told: a restart in between wins no further guess. */
static int on_wrong_code(struct fw_gate *gate, int64_t mono_ms, struct fw_gate_decision *ret)
{
    struct fw_gate_stored *stored = &gate->stored;
    FW_CHECK(stored->wrong_held < FW_GATE_WRONG_HELD_MAX); /* at the maximum a pause runs */
    if (stored->wrong_count < FW_GATE_WRONG_COUNT_MAX)
        stored->wrong_count++;
    if (stored->wrong_held++ == 0)
        gate->forgive_at_ms = mono_ms + FW_GATE_FORGIVE_MS;
    int64_t pause_ms = compute_pause_ms(stored->wrong_count);
    if (stored->wrong_held == FW_GATE_WRONG_HELD_MAX && mono_ms + pause_ms < gate->forgive_at_ms)
        pause_ms = gate->forgive_at_ms - mono_ms;
    stored->pause_ms = (uint32_t)pause_ms;
    gate->pause_until_ms = mono_ms + pause_ms;
    int rc = fw_gate_save(gate);
    if (rc != FW_OK)
        return rc;
    return refuse_code(gate, FW_MSG_DEVICE_REFUSAL_WRONG_CODE, pause_ms, ret);
}

static int use_grant(struct fw_gate *gate, struct fw_gate_grant *grant,
                     struct fw_gate_decision *ret)
{
    uint32_t wrong_count = gate->stored.wrong_count;
    struct fw_gate_entry *entry = fw_gate_entry_new(gate);
    if (entry == NULL)
        return refuse_code(gate, FW_MSG_DEVICE_REFUSAL_BUSY, 0, ret);
    entry->kind = FW_GATE_ENTRY_GRANT;
    entry->state = FW_GATE_ACTING;
    entry->compartment = grant->compartment;
    entry->grant_id = grant->id;
    grant->is_used = 1;
    gate->stored.wrong_count = 0;
    int rc = fw_gate_save(gate);
    if (rc != FW_OK) { /* not journaled, so no lock moves, and the code may be tried again */
        memset(entry, 0, sizeof(*entry));
        grant->is_used = 0;
        gate->stored.wrong_count = wrong_count;
        return rc;
    }
    if (fw_clock_is_over(gate->setup.clock, grant->expires_at_ms)) { /* expired meanwhile */
        *ret = (struct fw_gate_decision){ .is_refused = true,
                                          .refusal = FW_MSG_DEVICE_REFUSAL_EXPIRED };
        return fw_gate_on_effect(gate, entry->compartment, FW_MSG_EFFECT_EXPIRED);
    }
    *ret = (struct fw_gate_decision){ .is_open = true, .compartment = entry->compartment };
    return FW_OK;
}

static bool is_code(const char *code)
{
    size_t count = 0;
    while (count < FW_GATE_CODE_DIGITS && code[count] >= '0' && code[count] <= '9')
        count++;
    return count == FW_GATE_CODE_DIGITS && code[count] == '\0';
}

int fw_gate_on_code(struct fw_gate *gate, const char *code, uint32_t busy_mask,
                    struct fw_gate_decision *ret)
{
    int64_t mono_ms = fw_clock_mono_ms(gate->setup.clock);
    enum fw_msg_device_refusal refusal;
    if (!is_code(code))
        return FW_E_INVALID;
    if (!fw_gate_has_room(gate))
        return FW_E_FULL;
    fw_gate_age(gate, mono_ms);
    if (mono_ms < gate->pause_until_ms)
        return refuse_code(gate, FW_MSG_DEVICE_REFUSAL_LOCKED_OUT, gate->pause_until_ms - mono_ms,
                           ret);
    struct fw_gate_grant *grant = find_grant(gate, code, busy_mask, &refusal);
    if (grant == NULL)
        return on_wrong_code(gate, mono_ms, ret);
    if (!is_valid(gate, grant, busy_mask, &refusal))
        return refuse_code(gate, refusal, 0, ret);
    return use_grant(gate, grant, ret);
}
