/* The decisions about compartments. Pure. Any thread. */
#include "delivery/domain/locker.h"

#include <string.h>

#include "kit/base/check.h"

int64_t locker_units(enum product_size size)
{
    switch (size) {
    case PRODUCT_SIZE_S:
        return 1;
    case PRODUCT_SIZE_M:
        return 2;
    case PRODUCT_SIZE_L:
        return LOCKER_UNITS_MAX;
    }
    UNREACHABLE("size is one of the enum");
}

bool locker_size_for(int64_t units, enum product_size *ret_size)
{
    static const enum product_size sizes[] = { PRODUCT_SIZE_S, PRODUCT_SIZE_M, PRODUCT_SIZE_L };
    PRE(units >= 1);
    for (size_t i = 0; i < KIT_COUNT(sizes); i++) {
        if (locker_units(sizes[i]) < units)
            continue;
        *ret_size = sizes[i];
        return true;
    }
    return false;
}

bool locker_is_free(const struct locker_compartment *compartment)
{
    return compartment->is_locker_online && !compartment->is_gone && compartment->delivery.v == 0 &&
           compartment->door == DOOR_STATE_CLOSED &&
           compartment->presence != OBJECT_PRESENCE_PRESENT &&
           compartment->story == LOCKER_STORY_NONE && compartment->out_since_ms == 0 &&
           /* no code of an earlier order opens it */
           compartment->locker_revision_known >= compartment->clean_revision;
}

bool locker_suits(const struct locker_compartment *compartment, const struct compartment_need *need)
{
    return locker_is_free(compartment) && compartment->size >= need->size;
}

bool locker_is_better(const struct locker_compartment *one, const struct locker_compartment *other,
                      const struct compartment_need *need)
{
    const bool is_wished = strcmp(one->locker, need->wished_locker) == 0;
    if (is_wished != (strcmp(other->locker, need->wished_locker) == 0))
        return is_wished;
    if (one->size != other->size)
        return one->size < other->size;
    const int order = strcmp(one->locker, other->locker);
    if (order != 0)
        return order < 0;
    return one->number < other->number;
}

bool locker_is_out_of_order(const struct locker_compartment *compartment)
{
    return compartment->door == DOOR_STATE_JAMMED || compartment->door == DOOR_STATE_UNKNOWN;
}

void locker_on_door(struct locker_compartment *compartment, enum door_state door,
                    const enum object_presence *presence)
{
    compartment->door = door;
    if (presence == NULL)
        return;
    if (*presence != compartment->presence && *presence != OBJECT_PRESENCE_UNKNOWN &&
        compartment->presence != OBJECT_PRESENCE_UNKNOWN) {
        compartment->is_doubtful = false;
        compartment->is_dead = false;
    }
    compartment->presence = *presence;
}

bool locker_seems_emptied(const struct locker_compartment *compartment)
{
    return compartment->story == LOCKER_STORY_NONE && compartment->door == DOOR_STATE_CLOSED &&
           compartment->presence == OBJECT_PRESENCE_ABSENT && !compartment->is_doubtful;
}

bool locker_seems_full(const struct locker_compartment *compartment)
{
    return compartment->presence == OBJECT_PRESENCE_PRESENT && !compartment->is_doubtful;
}

/* Goods were to be laid in. */
static enum locker_outcome end_of_load(struct locker_compartment *compartment)
{
    if (compartment->presence == OBJECT_PRESENCE_PRESENT) {
        compartment->empty_count = 0;
        return LOCKER_OUTCOME_GOODS;
    }
    /* The board has told of the door and nothing of goods: it has no sensors (rules 8.2). */
    if (compartment->presence == OBJECT_PRESENCE_UNKNOWN || compartment->is_dead)
        return LOCKER_OUTCOME_TRUSTED;
    if (++compartment->empty_count < LOCKER_EMPTY_LOADS_MAX)
        return LOCKER_OUTCOME_EMPTY;
    compartment->empty_count = 0;
    compartment->is_doubtful = true;
    compartment->is_dead = true;
    return LOCKER_OUTCOME_TRUSTED;
}

enum locker_outcome locker_end_story(struct locker_compartment *compartment)
{
    enum locker_story story = compartment->story;
    if (story == LOCKER_STORY_NONE || compartment->door != DOOR_STATE_CLOSED)
        return LOCKER_OUTCOME_NOT_YET;
    /* A good sensor that is silent now will speak; one that never spoke will not. */
    if (compartment->presence == OBJECT_PRESENCE_UNKNOWN && !compartment->is_doubtful)
        return LOCKER_OUTCOME_NOT_YET;

    compartment->story = LOCKER_STORY_NONE;
    if (story == LOCKER_STORY_LOAD || story == LOCKER_STORY_RETURN)
        return end_of_load(compartment);
    return locker_seems_full(compartment) ? LOCKER_OUTCOME_GOODS : LOCKER_OUTCOME_EMPTY;
}
