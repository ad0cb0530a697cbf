/* Sessions, commands, and which flow takes a scan. Pure; see scan.h. */
#include "stock/domain/scan.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "stock/domain/scan_flows.h"

#define ID_MAX INT64_C(9007199254740991)

static const char *const COMMANDS[SCAN_COMMAND_MAX] = {
    [SCAN_COMMAND_RECEIVE] = "RECEIVE",
    [SCAN_COMMAND_PUTAWAY] = "PUTAWAY",
    [SCAN_COMMAND_PICK] = "PICK",
    [SCAN_COMMAND_LOAD] = "LOAD",
    [SCAN_COMMAND_HANDOVER] = "HANDOVER",
    [SCAN_COMMAND_RETURN] = "RETURN",
    [SCAN_COMMAND_COUNT] = "COUNT",
    [SCAN_COMMAND_CANCEL] = "CANCEL",
    [SCAN_COMMAND_DONE] = "DONE",
    [SCAN_COMMAND_OK] = "OK",
    [SCAN_COMMAND_DAMAGED] = "DAMAGED",
    [SCAN_COMMAND_OUT] = "OUT",
    [SCAN_COMMAND_IN] = "IN",
    [SCAN_COMMAND_OPEN] = "OPEN",
};

/* ---- reading labels ---- */

bool scan_command_from(const char *value, enum scan_command *ret_command)
{
    for (int i = 0; i < SCAN_COMMAND_MAX; i++) {
        if (strcmp(value, COMMANDS[i]) == 0) {
            *ret_command = (enum scan_command)i;
            return true;
        }
    }
    return false;
}

int64_t scan_id_from(const char *value)
{
    int64_t id = 0;
    if (value[0] < '1' || value[0] > '9')
        return 0;
    for (const char *at = value; *at != '\0'; at++) {
        if (*at < '0' || *at > '9' || id > (ID_MAX - (*at - '0')) / 10)
            return 0;
        id = id * 10 + (*at - '0');
    }
    return id;
}

int64_t scan_times_from(const char *value)
{
    static const char prefix[] = "QTY-";
    if (strncmp(value, prefix, sizeof(prefix) - 1) != 0)
        return 0;
    const int64_t times = scan_id_from(value + sizeof(prefix) - 1);
    return times <= SCAN_TIMES_MAX ? times : 0;
}

bool scan_compartment_from(const char *value, char ret_locker[RESERVATION_LOCKER_SIZE],
                           int64_t *ret_compartment)
{
    const char *dash = strrchr(value, '-');
    if (dash == NULL || dash == value || (size_t)(dash - value) >= RESERVATION_LOCKER_SIZE ||
        strspn(dash + 1, "0123456789") != 2 || dash[3] != '\0')
        return false;
    for (const char *at = value; at < dash; at++) {
        bool is_capital = *at >= 'A' && *at <= 'Z';
        ret_locker[at - value] = (char)(is_capital ? *at - 'A' + 'a' : *at);
    }
    ret_locker[dash - value] = '\0';
    *ret_compartment = (dash[1] - '0') * 10 + (dash[2] - '0');
    return *ret_compartment >= 1 && *ret_compartment <= 16;
}

void scan_text_cut(char *ret_text, size_t points_max, const char *text)
{
    size_t points = 0, size = 0;
    for (const char *at = text; *at != '\0'; at++) {
        bool is_first = ((unsigned char)*at & 0xc0) != 0x80;
        if (is_first && points++ == points_max)
            break;
        bool is_control = (unsigned char)*at < 0x20 || *at == 0x7f;
        ret_text[size++] = is_control ? ' ' : *at;
    }
    ret_text[size] = '\0';
}

/* ---- verdicts ---- */

static void verdict_say(struct scan_verdict *verdict, const char *format, va_list args)
{
    char text[512];
    (void)vsnprintf(text, sizeof(text), format, args);
    scan_text_cut(verdict->prompt, SCAN_PROMPT_POINTS_MAX, text);
}

void scan_verdict_say(struct scan_verdict *verdict, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    verdict_say(verdict, format, args);
    va_end(args);
}

static void verdict_write(struct scan_view *view, enum scan_result result, enum scan_signal signal,
                          const char *format, va_list args)
{
    view->decision->verdict.result = result;
    view->decision->verdict.signal = signal;
    verdict_say(&view->decision->verdict, format, args);
}

void scan_accept(struct scan_view *view, enum scan_act act, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    verdict_write(view, SCAN_RESULT_ACCEPTED, SCAN_SIGNAL_OK, format, args);
    va_end(args);
    view->decision->act = act;
}

void scan_finish(struct scan_view *view, enum scan_act act, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    verdict_write(view, SCAN_RESULT_ACCEPTED, SCAN_SIGNAL_DONE, format, args);
    va_end(args);
    view->decision->act = act;
    view->decision->after = (struct scan_session){ 0 };
}

void scan_refuse(struct scan_view *view, enum scan_result result, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    verdict_write(view, result, SCAN_SIGNAL_ERROR, format, args);
    va_end(args);
    view->decision->act = SCAN_ACT_NONE;
    view->decision->after = *view->session;
}

static const char *expectation(const struct scan_session *session)
{
    bool is_count = session->flow == SCAN_COUNT;
    switch (session->step) {
    case SCAN_STEP_NONE:
        return "Scan a command first, like PICK or RETURN";
    case SCAN_STEP_PRODUCT:
        return "Scan the product that came";
    case SCAN_STEP_UNITS:
        if (session->flow == SCAN_PICK || session->flow == SCAN_RETURN)
            return "Scan a unit of the order";
        return is_count ? "Scan what is there, then DONE" : "Scan units, then a bin";
    case SCAN_STEP_ORDER:
        return "Scan an order";
    case SCAN_STEP_TOTE:
        return "Scan an empty tote";
    case SCAN_STEP_COMPARTMENT:
        return "Scan the compartment's label";
    case SCAN_STEP_CHECK:
        return "Say OK or DAMAGED first";
    case SCAN_STEP_BIN:
        return "Scan a bin";
    case SCAN_STEP_BIN_OR_PRODUCT:
        return "Scan a bin, or a product to count";
    }
    UNREACHABLE("step of a session");
}

void scan_refuse_here(struct scan_view *view)
{
    scan_refuse(view, SCAN_RESULT_NOT_ALLOWED, "Not now. %s", expectation(view->session));
}

bool scan_is_elsewhere(struct scan_view *view, const struct scan_order *order)
{
    if (order->other[0] == '\0')
        return false;
    scan_refuse(view, SCAN_RESULT_WRONG_ORDER, "Order %" PRId64 " is with scanner %s",
                order->reservation.id.v, order->other);
    return true;
}

/* ---- commands (rules 7.2) ---- */

struct start {
    enum scan_flow flow;
    enum scan_step step;
    const char *prompt;
    enum scan_errand errand;
};

static const struct start STARTS[] = {
    [SCAN_COMMAND_RECEIVE] = { SCAN_RECEIVE, SCAN_STEP_PRODUCT, "Receive: scan the product",
                               SCAN_ERRAND_NONE },
    [SCAN_COMMAND_PUTAWAY] = { SCAN_PUTAWAY, SCAN_STEP_UNITS, "Put away: scan units or a tote",
                               SCAN_ERRAND_NONE },
    [SCAN_COMMAND_PICK] = { SCAN_PICK, SCAN_STEP_ORDER, "Pick: scan the order", SCAN_ERRAND_NONE },
    [SCAN_COMMAND_LOAD] = { SCAN_LOAD, SCAN_STEP_ORDER, "Load: scan the order or its tote",
                            SCAN_ERRAND_NONE },
    [SCAN_COMMAND_HANDOVER] = { SCAN_HANDOVER, SCAN_STEP_ORDER, "Hand over: scan the order",
                                SCAN_ERRAND_NONE },
    [SCAN_COMMAND_RETURN] = { SCAN_RETURN, SCAN_STEP_ORDER, "Return: scan compartment or order",
                              SCAN_ERRAND_NONE },
    [SCAN_COMMAND_COUNT] = { SCAN_COUNT, SCAN_STEP_BIN_OR_PRODUCT, "Count: scan bin or product",
                             SCAN_ERRAND_NONE },
    [SCAN_COMMAND_OUT] = { SCAN_IDLE, SCAN_STEP_COMPARTMENT, "Out of service: scan the compartment",
                           SCAN_ERRAND_OUT },
    [SCAN_COMMAND_IN] = { SCAN_IDLE, SCAN_STEP_COMPARTMENT, "Into service: scan the compartment",
                          SCAN_ERRAND_IN },
    [SCAN_COMMAND_OPEN] = { SCAN_IDLE, SCAN_STEP_COMPARTMENT, "Open: scan the compartment",
                            SCAN_ERRAND_OPEN },
};

static void session_leave(struct scan_view *view, const struct start *start)
{
    const int64_t forgotten = view->session->pieces;
    const char *prompt = start != NULL ? start->prompt : "Ended. Scan a command";
    view->decision->after = (struct scan_session){ 0 };
    if (start != NULL) {
        view->decision->after.flow = start->flow;
        view->decision->after.step = start->step;
        view->decision->after.errand = start->errand;
    }
    if (forgotten > 0)
        scan_accept(view, SCAN_ACT_NONE, "%s (%" PRId64 " counted: forgotten)", prompt, forgotten);
    else if (view->session->flow == SCAN_RECEIVE && view->session->units > 0)
        scan_accept(view, SCAN_ACT_NONE, "%s (%" PRId64 " units: still to put away)", prompt,
                    view->session->units);
    else
        scan_accept(view, SCAN_ACT_NONE, "%s", prompt);
}

/* Where pieces of a bulk product are counted, the next label of it means so many. */
static void command_times(struct scan_view *view)
{
    const struct scan_session *session = view->session;
    bool is_counting = session->flow == SCAN_RECEIVE ||
                       (session->flow == SCAN_COUNT && session->bin[0] == '\0') ||
                       (session->flow == SCAN_PICK && session->step == SCAN_STEP_UNITS);
    if (!is_counting) {
        scan_refuse_here(view);
        return;
    }
    view->decision->after.times = view->found->times;
    scan_accept(view, SCAN_ACT_NONE, "%" PRId64 " at once: scan the product", view->found->times);
}

static void command_scan(struct scan_view *view)
{
    bool is_check = view->session->step == SCAN_STEP_CHECK;
    switch (view->found->command) {
    case SCAN_COMMAND_RECEIVE:
    case SCAN_COMMAND_PUTAWAY:
    case SCAN_COMMAND_PICK:
    case SCAN_COMMAND_LOAD:
    case SCAN_COMMAND_HANDOVER:
    case SCAN_COMMAND_RETURN:
    case SCAN_COMMAND_COUNT:
    case SCAN_COMMAND_OUT:
    case SCAN_COMMAND_IN:
    case SCAN_COMMAND_OPEN:
        if (is_check)
            scan_refuse_here(view);
        else
            session_leave(view, &STARTS[view->found->command]);
        return;
    case SCAN_COMMAND_CANCEL:
        if (is_check)
            scan_refuse_here(view);
        else
            session_leave(view, NULL);
        return;
    case SCAN_COMMAND_DONE:
        if (view->session->flow == SCAN_COUNT && view->session->step == SCAN_STEP_UNITS)
            scan_count_done(view);
        else
            scan_refuse_here(view);
        return;
    case SCAN_COMMAND_QTY:
        command_times(view);
        return;
    case SCAN_COMMAND_OK:
    case SCAN_COMMAND_DAMAGED:
        if (is_check)
            scan_return_check(view, view->found->command == SCAN_COMMAND_DAMAGED);
        else
            scan_refuse_here(view);
        return;
    }
    UNREACHABLE("command");
}

void scan_step_by_thing(struct scan_view *view, const scan_step_fn steps[SCAN_THING_COUNT])
{
    CHECK(view->found->thing < SCAN_THING_COUNT);
    const scan_step_fn step = steps[view->found->thing];
    if (step != NULL)
        step(view);
    else
        scan_refuse_here(view);
}

static void flow_scan(struct scan_view *view)
{
    switch (view->session->flow) {
    case SCAN_IDLE:
        scan_errand(view);
        return;
    case SCAN_RECEIVE:
        scan_receive(view);
        return;
    case SCAN_PUTAWAY:
        scan_putaway(view);
        return;
    case SCAN_PICK:
        scan_pick(view);
        return;
    case SCAN_LOAD:
        scan_load(view);
        return;
    case SCAN_HANDOVER:
        scan_handover(view);
        return;
    case SCAN_RETURN:
        scan_return(view);
        return;
    case SCAN_COUNT:
        scan_count(view);
        return;
    }
    UNREACHABLE("flow of a session");
}

/* A number without its product: somebody believes that it was counted. */
static bool times_are_open(const struct scan_session *session, const struct scan_found *found)
{
    bool is_done = found->thing == SCAN_THING_COMMAND && found->command == SCAN_COMMAND_DONE;
    return session->times > 0 && (found->thing == SCAN_THING_BIN || is_done);
}

void scan_decide(const struct scan_session *session, const struct scan_found *found, int64_t now_ms,
                 struct scan_decision *ret_decision)
{
    struct scan_view view = { session, found, ret_decision };
    *ret_decision = (struct scan_decision){ .after = *session };
    if (found->thing == SCAN_THING_DAMAGED)
        scan_refuse(&view, SCAN_RESULT_UNKNOWN_LABEL,
                    "The label is damaged. Scan again, or print it anew");
    else if (found->thing == SCAN_THING_NEW_ASSET && session->flow != SCAN_RECEIVE)
        scan_refuse(&view, SCAN_RESULT_UNKNOWN_LABEL, "Use RECEIVE first, not known: %s",
                    found->name);
    else if (found->thing == SCAN_THING_UNKNOWN)
        scan_refuse(&view, SCAN_RESULT_UNKNOWN_LABEL, "Not known here: %s", found->name);
    else if (times_are_open(session, found))
        scan_refuse(&view, SCAN_RESULT_NOT_ALLOWED, "%" PRId64 " of what? Scan the product",
                    session->times);
    else if (found->thing == SCAN_THING_COMMAND)
        command_scan(&view);
    else
        flow_scan(&view);
    if (ret_decision->verdict.result == SCAN_RESULT_ACCEPTED) {
        ret_decision->after.touched_ms = now_ms;
        if (found->thing != SCAN_THING_COMMAND) /* used up */
            ret_decision->after.times = 0;
    }
    POST(ret_decision->verdict.prompt[0] != '\0');
}
