/* See bank.h. A step runs each line until it waits for a reply or nothing is due on it, and then
 * the timers of all doors: readings that came in time count before a timer ends an unlock. */
#include "core/bank.h"

#include "port/check.h"

#define TURNS_MAX (4 * FW_BANK_BOARDS_MAX) /* requests begun on one line in one step */
#define PAUSES_MAX 5                       /* 200 ms doubled so often is above the maximum */
#define NO_BOARD UINT8_MAX

int fw_bank_map_in_order(struct fw_bank_config *config, uint8_t compartment_count,
                         uint8_t locks_per_board)
{
    uint8_t next = 0;
    if (compartment_count == 0 || compartment_count > FW_BANK_COMPARTMENTS_MAX ||
        config->board_count > FW_BANK_BOARDS_MAX)
        return FW_E_INVALID;
    for (uint8_t board = 0; board < config->board_count; board++) {
        uint8_t locks = config->boards[board].driver->lock_count;
        if (locks_per_board > 0 && locks_per_board < locks)
            locks = locks_per_board;
        for (uint8_t lock = 0; lock < locks && next < compartment_count; lock++)
            config->locks[next++] = (struct fw_bank_lock){ .board = board, .lock = lock };
    }
    config->compartment_count = next;
    return next < compartment_count ? FW_E_INVALID : FW_OK;
}

static bool are_boards_right(const struct fw_bank_config *config)
{
    if (config->board_count == 0 || config->board_count > FW_BANK_BOARDS_MAX)
        return false;
    for (uint8_t i = 0; i < config->board_count; i++) {
        const struct fw_bank_board_config *board = &config->boards[i];
        if (board->address > board->driver->address_max)
            return false;
        for (uint8_t k = 0; k < i; k++) {
            if (config->boards[k].uart == board->uart &&
                config->boards[k].address == board->address)
                return false;
        }
    }
    return true;
}

static bool are_locks_right(const struct fw_bank_config *config)
{
    if (config->compartment_count == 0 || config->compartment_count > FW_BANK_COMPARTMENTS_MAX)
        return false;
    for (uint8_t i = 0; i < config->compartment_count; i++) {
        struct fw_bank_lock lock = config->locks[i];
        if (lock.board >= config->board_count ||
            lock.lock >= config->boards[lock.board].driver->lock_count)
            return false;
        for (uint8_t k = 0; k < i; k++) {
            if (config->locks[k].board == lock.board && config->locks[k].lock == lock.lock)
                return false;
        }
    }
    return true;
}

/* The branch of a line; a new one for the first board on it. */
static uint8_t find_branch(struct fw_bank *bank, const struct fw_uart *uart)
{
    for (uint8_t i = 0; i < bank->branch_count; i++) {
        if (bank->branches[i].uart == uart)
            return i;
    }
    fw_branch_init(&bank->branches[bank->branch_count], uart);
    return bank->branch_count++;
}

int fw_bank_init(struct fw_bank *bank, const struct fw_bank_config *config,
                 fw_bank_on_event *on_event, void *user)
{
    if (!are_boards_right(config) || !are_locks_right(config) ||
        !fw_door_timers_are_right(&config->timers))
        return FW_E_INVALID;
    *bank = (struct fw_bank){ .config = *config, .on_event = on_event, .user = user };
    for (uint8_t i = 0; i < config->board_count; i++) {
        bank->boards[i] = (struct fw_bank_board){
            .due_ms = INT64_MIN, /* at once */
            .branch = find_branch(bank, config->boards[i].uart),
        };
    }
    for (uint8_t i = 0; i < config->compartment_count; i++)
        fw_compartment_init(&bank->compartments[i], &bank->config.timers);
    return FW_OK;
}

static uint8_t get_board(const struct fw_bank *bank, uint8_t index)
{
    return bank->config.locks[index].board;
}

/* Tells the events that a call to a compartment returned. */
static void tell(struct fw_bank *bank, uint8_t index, uint32_t events)
{
    const struct fw_compartment *c = &bank->compartments[index];
    struct fw_bank_event event = {
        .kind = FW_BANK_EFFECT,
        .compartment = (uint8_t)(index + 1),
        .board = get_board(bank, index),
        .door = c->door,
        .presence = c->presence,
        .effect = c->effect,
        .is_silent = bank->boards[get_board(bank, index)].is_silent,
    };
    if (events & FW_DOOR_EVENT_EFFECT)
        bank->on_event(bank->user, &event);
    event.kind = FW_BANK_DOOR;
    if (events & FW_DOOR_EVENT_CHANGE)
        bank->on_event(bank->user, &event);
    event.kind = FW_BANK_ALARM;
    for (unsigned int alarm = 0; alarm < FW_DOOR_EVENT_ALARM_COUNT; alarm++) {
        event.alarm = (enum fw_alarm)alarm;
        if (events & FW_DOOR_EVENT_ALARM << alarm)
            bank->on_event(bank->user, &event);
    }
}

static void tell_board(struct fw_bank *bank, uint8_t board)
{
    const struct fw_bank_event event = {
        .kind = FW_BANK_BOARD,
        .board = board,
        .is_silent = bank->boards[board].is_silent,
    };
    bank->on_event(bank->user, &event);
}

/* Does another board on the same line answer? Then the line is not what is broken. */
static bool has_live_neighbour(const struct fw_bank *bank, uint8_t board)
{
    for (uint8_t i = 0; i < bank->config.board_count; i++) {
        const struct fw_bank_board *other = &bank->boards[i];
        if (i != board && other->branch == bank->boards[board].branch && other->has_answered &&
            other->failures == 0)
            return true;
    }
    return false;
}

static void on_failure(struct fw_bank *bank, uint8_t index, int64_t now_ms)
{
    struct fw_bank_board *board = &bank->boards[index];
    int64_t pause_ms = (int64_t)FW_BANK_RETRY_MS << board->pauses;
    board->due_ms = now_ms + (pause_ms < FW_BANK_RETRY_MS_MAX ? pause_ms : FW_BANK_RETRY_MS_MAX);
    if (board->pauses < PAUSES_MAX)
        board->pauses++;
    board->failures++;
    if (board->failures % FW_BANK_REOPEN_FAILURES == 0 && !has_live_neighbour(bank, index))
        fw_branch_mark_broken(&bank->branches[board->branch]);
    if (board->failures != FW_BANK_SILENT_FAILURES || board->is_silent)
        return;
    board->is_silent = true;
    tell_board(bank, index);
    for (uint8_t i = 0; i < bank->config.compartment_count; i++) {
        if (get_board(bank, i) == index)
            tell(bank, i, fw_compartment_on_silence(&bank->compartments[i]));
    }
}

static void on_answer(struct fw_bank *bank, uint8_t index, int64_t now_ms)
{
    struct fw_bank_board *board = &bank->boards[index];
    bool is_news = board->is_silent || !board->has_answered;
    board->is_silent = false;
    board->has_answered = true;
    board->failures = 0;
    board->pauses = 0;
    board->due_ms = now_ms + FW_BANK_POLL_FAST_MS;
    if (is_news)
        tell_board(bank, index);
}

static enum fw_presence decode_presence(const struct fw_bank_board_config *board, uint32_t bits,
                                        uint8_t lock)
{
    if (!board->driver->has_presence)
        return FW_PRESENCE_UNKNOWN;
    bool is_seen = (bits >> lock & 1) != 0;
    return is_seen != board->is_presence_inverted ? FW_PRESENCE_PRESENT : FW_PRESENCE_ABSENT;
}

static void on_status(struct fw_bank *bank, uint8_t index, const struct fw_board_frame *frame,
                      int64_t now_ms)
{
    on_answer(bank, index, now_ms);
    const struct fw_bank_board_config *board = &bank->config.boards[index];
    bool is_moving = false;
    for (uint8_t i = 0; i < bank->config.compartment_count; i++) {
        if (get_board(bank, i) != index)
            continue;
        uint8_t lock = bank->config.locks[i].lock;
        bool is_locked = ((uint32_t)frame->hook_bits >> lock & 1) != 0;
        enum fw_presence presence = decode_presence(board, frame->presence_bits, lock);
        tell(bank, i,
             fw_compartment_on_read(&bank->compartments[i], is_locked == board->is_hook_inverted,
                                    presence, now_ms));
        is_moving = is_moving || fw_compartment_is_moving(&bank->compartments[i]);
    }
    if (!is_moving)
        bank->boards[index].due_ms = now_ms + FW_BANK_POLL_MS;
}

static void on_unlock_reply(struct fw_bank *bank, uint8_t index, bool is_taken, int64_t now_ms)
{
    uint8_t board = get_board(bank, index);
    if (!bank->config.boards[board].driver->confirms_unlock) {
        /* The request left, and the board does not answer it: the next status shows the door. */
        bank->boards[board].due_ms = now_ms + FW_BANK_POLL_FAST_MS;
        return;
    }
    on_answer(bank, board, now_ms);
    if (is_taken)
        fw_compartment_on_taken(&bank->compartments[index]);
}

static void on_reply(struct fw_bank *bank, uint8_t branch, const struct fw_board_frame *frame,
                     int64_t now_ms)
{
    uint8_t board = bank->asked[branch];
    switch (frame->reply) {
    case FW_BOARD_STATUS:
        on_status(bank, board, frame, now_ms);
        return;
    case FW_BOARD_TAKEN:
        on_unlock_reply(bank, (uint8_t)(bank->unlocking[branch] - 1), true, now_ms);
        return;
    case FW_BOARD_REFUSED:
        if (frame->is_unlock)
            on_unlock_reply(bank, (uint8_t)(bank->unlocking[branch] - 1), false, now_ms);
        else /* the board answers, but says nothing of its doors */
            on_failure(bank, board, now_ms);
        return;
    }
}

static void begin(struct fw_bank *bank, uint8_t branch, const struct fw_branch_request *request,
                  int64_t now_ms)
{
    if (fw_branch_begin(&bank->branches[branch], request, now_ms) != FW_OK)
        on_failure(bank, bank->asked[branch], now_ms);
}

static struct fw_branch_request make_request(const struct fw_bank *bank, uint8_t board)
{
    uint32_t steps = bank->boards[board].failures;
    if (steps > FW_BANK_PATIENCE_STEPS_MAX)
        steps = FW_BANK_PATIENCE_STEPS_MAX;
    return (struct fw_branch_request){
        .driver = bank->config.boards[board].driver,
        .address = bank->config.boards[board].address,
        .patience_ms = FW_BANK_PATIENCE_MS + FW_BANK_PATIENCE_MORE_MS * (int32_t)steps,
    };
}

static bool begin_pulse(struct fw_bank *bank, uint8_t branch, int64_t now_ms)
{
    for (uint8_t i = 0; i < bank->config.compartment_count; i++) {
        uint8_t board = get_board(bank, i);
        struct fw_compartment *c = &bank->compartments[i];
        if (bank->boards[board].branch != branch || !fw_compartment_wants_pulse(c, now_ms))
            continue;
        struct fw_branch_request request = make_request(bank, board);
        request.is_unlock = true;
        request.lock = bank->config.locks[i].lock;
        bank->asked[branch] = board;
        bank->unlocking[branch] = (uint8_t)(i + 1);
        tell(bank, i, fw_compartment_on_pulse(c, now_ms));
        begin(bank, branch, &request, now_ms);
        return true;
    }
    return false;
}

/* The board of a branch whose status has been due for longest. */
static uint8_t find_due_board(const struct fw_bank *bank, uint8_t branch)
{
    uint8_t first = NO_BOARD;
    for (uint8_t i = 0; i < bank->config.board_count; i++) {
        if (bank->boards[i].branch == branch &&
            (first == NO_BOARD || bank->boards[i].due_ms < bank->boards[first].due_ms))
            first = i;
    }
    FW_CHECK(first != NO_BOARD);
    return first;
}

static bool begin_status(struct fw_bank *bank, uint8_t branch, int64_t now_ms)
{
    uint8_t board = find_due_board(bank, branch);
    if (bank->boards[board].due_ms > now_ms)
        return false;
    struct fw_branch_request request = make_request(bank, board);
    bank->asked[branch] = board;
    bank->unlocking[branch] = 0;
    begin(bank, branch, &request, now_ms);
    return true;
}

static void run_branch(struct fw_bank *bank, uint8_t branch, int64_t now_ms)
{
    for (int turn = 0; turn < TURNS_MAX; turn++) {
        struct fw_board_frame frame;
        switch (fw_branch_step(&bank->branches[branch], now_ms, &frame)) {
        case FW_BRANCH_WAITING:
            return;
        case FW_BRANCH_IDLE:
            if (!begin_pulse(bank, branch, now_ms) && !begin_status(bank, branch, now_ms))
                return;
            break;
        case FW_BRANCH_REPLY:
            on_reply(bank, branch, &frame, now_ms);
            break;
        case FW_BRANCH_NO_REPLY:
            on_failure(bank, bank->asked[branch], now_ms);
            break;
        }
    }
}

static int64_t get_due_ms(const struct fw_bank *bank, uint8_t branch)
{
    const struct fw_branch *line = &bank->branches[branch];
    return line->is_busy ? fw_branch_due_ms(line)
                         : bank->boards[find_due_board(bank, branch)].due_ms;
}

int64_t fw_bank_step(struct fw_bank *bank, int64_t now_ms)
{
    int64_t due_ms = INT64_MAX;
    for (uint8_t i = 0; i < bank->branch_count; i++)
        run_branch(bank, i, now_ms);
    for (uint8_t i = 0; i < bank->config.compartment_count; i++) {
        struct fw_compartment *c = &bank->compartments[i];
        uint32_t events = fw_compartment_tick(c, now_ms);
        if (bank->waiting_effects >> i & 1)
            events |= FW_DOOR_EVENT_EFFECT;
        tell(bank, i, events);
        if (fw_compartment_due_ms(c) < due_ms)
            due_ms = fw_compartment_due_ms(c);
    }
    bank->waiting_effects = 0;
    for (uint8_t i = 0; i < bank->branch_count; i++) {
        if (get_due_ms(bank, i) < due_ms)
            due_ms = get_due_ms(bank, i);
    }
    return due_ms > now_ms ? due_ms : now_ms;
}

static bool is_compartment(const struct fw_bank *bank, uint8_t compartment)
{
    return compartment >= 1 && compartment <= bank->config.compartment_count;
}

int fw_bank_unlock(struct fw_bank *bank, uint8_t compartment, int64_t now_ms)
{
    if (!is_compartment(bank, compartment))
        return FW_E_INVALID;
    uint8_t index = (uint8_t)(compartment - 1);
    struct fw_compartment *c = &bank->compartments[index];
    uint32_t bit = (uint32_t)1 << index;
    if (c->is_unlocking || (bank->waiting_effects & bit))
        return FW_E_FULL;
    if (fw_compartment_begin_unlock(c, now_ms) & FW_DOOR_EVENT_EFFECT)
        bank->waiting_effects |= bit;
    struct fw_bank_board *board = &bank->boards[get_board(bank, index)];
    board->due_ms = now_ms; /* also when a pause after failures would last longer */
    board->pauses = 0;
    return FW_OK;
}

bool fw_bank_is_busy(const struct fw_bank *bank, uint8_t compartment)
{
    const struct fw_compartment *c = fw_bank_compartment(bank, compartment);
    return c->is_unlocking || c->door == FW_DOOR_OPEN || c->door == FW_DOOR_AJAR;
}

const struct fw_compartment *fw_bank_compartment(const struct fw_bank *bank, uint8_t compartment)
{
    FW_CHECK(is_compartment(bank, compartment));
    return &bank->compartments[compartment - 1];
}

bool fw_bank_board_is_silent(const struct fw_bank *bank, uint8_t board)
{
    FW_CHECK(board < bank->config.board_count);
    return bank->boards[board].is_silent;
}
