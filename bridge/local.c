/* The index of a port, and problem types in words. See local.h. */
#include "bridge/local.h"

#include <stdio.h>
#include <stdlib.h>

#include "bridge/problem.h"
#include "bridge/routes.h"
#include "kit/base/time.h"

#define HISTORY_PATH "/processes/history"

static void add_link(struct kit_buf *out, const char *rel, const struct hal_place *place,
                     const char *path)
{
    char href[HAL_HREF_SIZE];

    hal_write_path(place, path, href);
    kit_buf_add_json_string(out, rel);
    kit_buf_add_text(out, ":{\"href\":");
    kit_buf_add_json_string(out, href);
    kit_buf_add_char(out, '}');
}

void local_index(const struct hal_place *place, enum bridge_port port, struct kit_buf *out)
{
    kit_buf_add_text(out, "{\"_links\":{");
    add_link(out, "self", place, "/");
    for (size_t i = 0; i < bridge_route_count; i++) {
        const struct route *row = &bridge_routes[i];
        if (row->rel == NULL || (row->ports & (1U << (unsigned)port)) == 0)
            continue;
        kit_buf_add_char(out, ',');
        add_link(out, row->rel, place, row->path);
    }
    kit_buf_add_text(out, "}}");
}

/* How the processes are now; freed by the caller: it is too large for the stack. */
static struct msg_http_process_list *list_new(const struct bridge *bridge)
{
    struct msg_http_process_list *list = calloc(1, sizeof(*list));

    CHECK(list != NULL);
    list->at_ms = bridge->clock->wall_ms(bridge->clock->self);
    processes_fill(&bridge->processes, bridge->rpc, bridge->clock->mono_ms(bridge->clock->self),
                   list);
    return list;
}

void local_processes(const struct bridge *bridge, const struct hal_place *place,
                     struct kit_buf *out)
{
    struct msg_http_process_list *list = list_new(bridge);

    hal_write_path(place, "/processes", list->links.self.href);
    msg_http_process_list_encode(list, out);
    free(list);
}

static void add_history_link(struct kit_buf *out, const char *rel, const struct hal_place *place,
                             int64_t since_ms)
{
    char path[sizeof(HISTORY_PATH "?since=") + KIT_TIME_TEXT_SIZE] = HISTORY_PATH;

    if (since_ms > 0) {
        char at[KIT_TIME_TEXT_SIZE];
        kit_time_to_text(since_ms, at);
        snprintf(path, sizeof(path), HISTORY_PATH "?since=%s", at);
    }
    add_link(out, rel, place, path);
}

void local_history(const struct bridge *bridge, const struct exchange *exchange,
                   struct kit_buf *out)
{
    kit_buf_add_text(out, "{\"_embedded\":{\"samples\":");
    const int64_t next_ms = history_write(&bridge->history, exchange->since_ms, out);
    kit_buf_add_text(out, "},\"_links\":{");
    add_history_link(out, "self", &exchange->place, exchange->since_ms);
    if (next_ms > 0) {
        kit_buf_add_char(out, ',');
        add_history_link(out, "next", &exchange->place, next_ms);
    }
    kit_buf_add_text(out, "}}");
}

void local_take_history(struct bridge *bridge)
{
    struct msg_http_process_list *list = list_new(bridge);

    (void)history_take(&bridge->history, list, bridge->clock->mono_ms(bridge->clock->self));
    free(list);
}

int local_ca(const struct bridge *bridge, struct kit_buf *out, struct kit_error *err)
{
    if (bridge->ca_text == NULL)
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "there is no certificate to fetch here: it is plain HTTP, or whoever "
                             "vouches for it is known to your system");
    kit_buf_add_text(out, bridge->ca_text);
    return KIT_OK;
}

int local_help(const char *slug, struct kit_buf *out, struct kit_error *err)
{
    const struct problem_kind *kind = problem_kind_find(slug);

    if (kind == NULL)
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "there is no problem type of that name; the type member of a problem "
                             "holds the right path");
    kit_buf_add_format(out, "%s (HTTP status %d)\n\n%s\n", kind->title, kind->status, kind->help);
    return KIT_OK;
}
