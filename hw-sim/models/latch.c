/* The coil and its bolt. Pure but for its struct; one thread. */
#include "models/latch.h"

#include "models/model.h"

void sim_latch_init(struct sim_latch *latch, int64_t release_after_ms, int64_t pulse_length_ms)
{
    *latch = (struct sim_latch){
        .fault = SIM_LATCH_OK,
        .release_after_ms = release_after_ms,
        .pulse_length_ms = pulse_length_ms,
        .release_at_ms = SIM_NEVER,
        .coil_off_at_ms = SIM_NEVER,
    };
}

void sim_latch_pulse(struct sim_latch *latch, int64_t now_ms)
{
    if (!latch->is_coil_on)
        latch->release_at_ms = now_ms + latch->release_after_ms;
    latch->is_coil_on = true;
    latch->coil_off_at_ms = now_ms + latch->pulse_length_ms;
}

int64_t sim_latch_next_due_ms(const struct sim_latch *latch)
{
    return sim_earlier(latch->release_at_ms, latch->coil_off_at_ms);
}

enum sim_latch_change sim_latch_step(struct sim_latch *latch, int64_t now_ms, int64_t *ret_at_ms)
{
    int64_t due_ms = sim_latch_next_due_ms(latch);
    if (due_ms > now_ms)
        return SIM_LATCH_SAME;
    *ret_at_ms = due_ms;
    if (latch->release_at_ms == due_ms && latch->release_at_ms < latch->coil_off_at_ms) {
        latch->release_at_ms = SIM_NEVER;
        latch->is_bolt_back = latch->fault != SIM_LATCH_JAMMED;
        return latch->is_bolt_back ? SIM_LATCH_RELEASED : SIM_LATCH_STUCK;
    }
    latch->release_at_ms = SIM_NEVER; /* a pulse shorter than the release moves nothing */
    latch->coil_off_at_ms = SIM_NEVER;
    latch->is_coil_on = false;
    latch->is_bolt_back = false;
    return SIM_LATCH_COIL_OFF;
}

bool sim_latch_can_catch(const struct sim_latch *latch)
{
    return !latch->is_bolt_back && latch->fault != SIM_LATCH_NO_CATCH;
}
