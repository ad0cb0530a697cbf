/* The door and its spring. Pure but for its struct; one thread. */
#include "models/door.h"

#include "models/model.h"

void sim_door_init(struct sim_door *door, int64_t spring_ms)
{
    door->place = SIM_DOOR_SHUT;
    door->spring_ms = spring_ms;
    door->open_at_ms = SIM_NEVER;
}

bool sim_door_let_go(struct sim_door *door, int64_t now_ms)
{
    if (door->place != SIM_DOOR_SHUT || door->spring_ms == SIM_NO_SPRING)
        return false;
    door->place = SIM_DOOR_AJAR;
    door->open_at_ms = now_ms + door->spring_ms;
    return true;
}

void sim_door_pull(struct sim_door *door)
{
    door->place = SIM_DOOR_OPEN;
    door->open_at_ms = SIM_NEVER;
}

void sim_door_push(struct sim_door *door)
{
    door->place = SIM_DOOR_SHUT;
    door->open_at_ms = SIM_NEVER;
}

int64_t sim_door_next_due_ms(const struct sim_door *door)
{
    return door->open_at_ms;
}

bool sim_door_step(struct sim_door *door, int64_t now_ms, int64_t *ret_at_ms)
{
    if (door->open_at_ms > now_ms)
        return false;
    *ret_at_ms = door->open_at_ms;
    sim_door_pull(door);
    return true;
}
