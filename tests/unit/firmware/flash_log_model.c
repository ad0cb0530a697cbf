/* See flash_log_model.h. */
#include "flash_log_model.h"

void model_init(struct model *m, uint32_t block_bytes, uint32_t blocks, uint32_t word)
{
    fw_fake_flash_init(&m->flash, block_bytes, blocks + 2, word);
    m->has_pending = m->was_open = m->is_strict = false;
    m->first_seq = m->next_seq = 1;
    m->block_count = blocks;
    m->random = 7;
    m->rng_random = 99;
}

/* A held record is what was appended; a released one may have gone since two cuts of power. */
static void model_check_record(struct model *m, int64_t seq)
{
    uint8_t bytes[FW_FLASH_LOG_RECORD_BYTES_MAX];
    const struct model_record *record = &m->records[seq];
    int rc = fw_flash_log_read(&m->log, seq, bytes, sizeof(bytes));
    if (seq < m->first_seq && rc == FW_E_CORRUPT && !m->is_strict)
        return;
    assert_int_equal(rc, record->size);
    assert_memory_equal(bytes, record->bytes, record->size);
}

void model_check(struct model *m)
{
    uint8_t byte;
    assert_int_equal(m->log.next_seq, m->next_seq);
    assert_true(m->log.first_seq >= 1 && m->log.first_seq <= m->first_seq);
    assert_memory_equal(m->log.epoch, m->epoch, FW_EPOCH_BYTES);
    for (int64_t seq = m->log.first_seq; seq < m->next_seq; seq++)
        model_check_record(m, seq);
    for (int64_t seq = m->next_seq - 1; seq >= m->first_seq; seq -= 3)
        model_check_record(m, seq);
    assert_int_equal(fw_flash_log_read(&m->log, m->next_seq, &byte, 1), FW_E_INVALID);
    assert_int_equal(fw_flash_log_read(&m->log, m->log.first_seq - 1, &byte, 1), FW_E_INVALID);
    assert_int_equal(m->flash.erase_counts[0], 0);
    assert_int_equal(m->flash.erase_counts[m->block_count + 1], 0);
}

/* An append that power interrupted is there as a whole, or not at all. */
static void model_settle_pending(struct model *m)
{
    if (m->has_pending && m->log.next_seq == m->next_seq + 1)
        m->records[m->next_seq++] = m->pending;
    m->has_pending = false;
}

int model_open(struct model *m)
{
    struct fw_rng rng = fw_fake_rng(&m->rng_random);
    memset(&m->log, 0x5A, sizeof(m->log));
    int rc = fw_flash_log_open(&m->log, &m->flash.port, MODEL_FIRST_BLOCK, m->block_count, &rng);
    if (rc != FW_OK)
        return rc;
    assert_true(!m->was_open || !m->log.is_new);
    if (!m->was_open)
        memcpy(m->epoch, m->log.epoch, FW_EPOCH_BYTES);
    m->was_open = true;
    model_settle_pending(m);
    model_check(m);
    return FW_OK;
}

int model_append(struct model *m, size_t size)
{
    int64_t seq = -1;
    assert_true(m->next_seq < MODEL_RECORDS_MAX);
    m->pending.size = size;
    for (size_t i = 0; i < size; i++)
        m->pending.bytes[i] = (uint8_t)fw_fake_random(&m->random);
    m->has_pending = true;
    bool is_full = fw_flash_log_is_full(&m->log, size);
    int rc = fw_flash_log_append(&m->log, m->pending.bytes, size, &seq);
    if (is_full)
        assert_int_equal(rc, FW_E_FULL);
    if (rc == FW_OK) {
        assert_int_equal(seq, m->next_seq);
        m->records[m->next_seq++] = m->pending;
    }
    if (rc != FW_E_IO)
        m->has_pending = false;
    assert_int_equal(m->log.next_seq, m->next_seq);
    return rc;
}

void model_release(struct model *m, int64_t seq)
{
    assert_int_equal(fw_flash_log_release(&m->log, seq), FW_OK);
    if (seq >= m->first_seq)
        m->first_seq = seq + 1;
    assert_true(m->log.first_seq > seq && m->log.first_seq <= m->first_seq);
}
